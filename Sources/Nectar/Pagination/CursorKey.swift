internal import Crypto
internal import Foundation

/// The secret that signs the cursors of keyset pages (HMAC-SHA256).
///
/// Whoever holds a cursor can read the values in it, which are those of the fields that the list is sorted by, but can
/// make none, nor use one for another query.
public struct CursorKey: Sendable {
    let key: SymmetricKey

    /// Takes a key; 32 random bytes are best.
    public init(bytes: some Sequence<UInt8>) { key = SymmetricKey(data: Array(bytes)) }

    private init(_ key: SymmetricKey) { self.key = key }

    /// Makes a key of a secret text, such as a long random one from the environment: every process with the same text
    /// takes the others' cursors.
    public init(secret: String) {
        key = SymmetricKey(data: SHA256.hash(data: Data("nectar cursor\0\(secret)".utf8)))
    }

    /// A key that was made when this process started: its cursors end with it, and other processes refuse them.
    public static let process = CursorKey(SymmetricKey(size: .bits256))
}
