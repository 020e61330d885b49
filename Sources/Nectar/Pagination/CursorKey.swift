internal import BSON
internal import Crypto
internal import Foundation

/// The secret that signs the cursors of keyset pages (HMAC-SHA256).
///
/// Whoever holds a cursor can read the values in it, which are those of the fields that the list is sorted by, but can
/// make none, nor use one for another query.
public struct CursorKey: Sendable, CustomStringConvertible, CustomReflectable {
    let key: SymmetricKey

    /// Takes a key; 32 random bytes are best.
    public init(bytes: some Sequence<UInt8>) { key = SymmetricKey(data: Array(bytes)) }

    private init(_ key: SymmetricKey) { self.key = key }

    /// Makes a key of a secret text, such as a long random one from the environment: every process with the same text
    /// takes the others' cursors.
    public init(secret: String) {
        key = SymmetricKey(data: SHA256.hash(data: Data("nectar cursor\0\(secret)".utf8)))
    }

    /// Takes a key of at least 32 bytes as text: in hexadecimal digits, as `openssl rand -hex 32` makes them, or in base64,
    /// also in its form for URLs. Nil for any other text.
    public init?(encoded text: String) {
        let isHexadecimal = text.utf8.allSatisfy { Self.digit($0) != nil }
        guard let bytes = isHexadecimal ? Self.hexadecimal(text) : Self.base64(text), bytes.count >= 32 else {
            return nil
        }
        self.init(bytes: bytes)
    }

    /// Nothing of the key.
    public var description: String { "a secret key" }
    /// What `dump` shows: nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: ["text": description]) }

    private static func hexadecimal(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap(digit)
        guard digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func base64(_ text: String) -> [UInt8]? {
        let end = text.lastIndex { $0 != "=" }.map { text.index(after: $0) } ?? text.startIndex
        guard text[end...].count <= 2 else { return nil }
        let digits = String(text[..<end].map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        return Base64.decode(digits + String(repeating: "=", count: (4 - digits.utf8.count % 4) % 4)).map { Array($0) }
    }

    /// A key that was made when this process started: its cursors end with it, and other processes refuse them.
    public static let process = CursorKey(SymmetricKey(size: .bits256))
}
