internal import Crypto
internal import Foundation

/// The two SCRAM mechanisms of MongoDB (RFC 5802, RFC 7677) with the arithmetic they share.
package enum ScramMechanism: String, Sendable, Hashable, CaseIterable {
    case sha1 = "SCRAM-SHA-1"
    case sha256 = "SCRAM-SHA-256"

    /// The fewest iterations a client works with (RFC 5802, section 5.1).
    package static let minimumIterations = 4096
    /// The most iterations a client works with: a hostile server must not keep it busy for ever.
    package static let maximumIterations = 1_000_000

    /// The iterations of passwords that are stored anew, as MongoDB has them.
    package var defaultIterations: Int {
        switch self {
        case .sha1: 10_000
        case .sha256: 15_000
        }
    }

    /// The bytes of salt of passwords that are stored anew: what fits one block of the hash, as MongoDB has them.
    package var saltLength: Int {
        switch self {
        case .sha1: 16
        case .sha256: 28
        }
    }

    /// The bytes of a digest.
    package var digestLength: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// What is derived from a password: SCRAM-SHA-1 takes the digest that MongoDB kept before there was SCRAM, and
    /// SCRAM-SHA-256 the text in the form of SASLprep.
    /// - Throws: ``MongoError`` of kind `usage` where SASLprep forbids the password.
    package func prepare(password: String, of username: String) throws(MongoError) -> [UInt8] {
        switch self {
        case .sha1: Array(Self.digest(password: password, of: username).utf8)
        case .sha256: Array(try SASLprep.prepare(password).utf8)
        }
    }

    /// The MD5 digest of user and password, in hexadecimal digits.
    package static func digest(password: String, of username: String) -> String {
        Insecure.MD5.hash(data: Array("\(username):mongo:\(password)".utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The hash of bytes.
    func hash(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha1: Array(Insecure.SHA1.hash(data: bytes))
        case .sha256: Array(SHA256.hash(data: bytes))
        }
    }

    /// The keyed hash of a message.
    func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch self {
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
        }
    }

    /// The salted password: PBKDF2 (RFC 8018) with one block of output. Takes milliseconds: keep it off event loops.
    func salt(_ password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
        switch self {
        case .sha1: Self.derive(Insecure.SHA1.self, password, salt, iterations)
        case .sha256: Self.derive(SHA256.self, password, salt, iterations)
        }
    }

    private static func derive<H: HashFunction>(
        _ hash: H.Type, _ password: [UInt8], _ salt: [UInt8], _ iterations: Int
    ) -> [UInt8] {
        let keyed = HMAC<H>(key: SymmetricKey(data: password))
        var first = keyed
        first.update(data: salt + [0, 0, 0, 1])
        var round = Array(first.finalize())
        var result = round
        for _ in 1..<max(iterations, 1) {
            // A copy of the keyed state spares hashing the key in every round.
            var next = keyed
            next.update(data: round)
            next.finalize().withUnsafeBytes { code in
                round.withUnsafeMutableBytes { $0.copyMemory(from: code) }
                result.withUnsafeMutableBytes { result in
                    // Both digests are whole numbers of words.
                    for offset in stride(from: 0, to: min(result.count, code.count) - 3, by: 4) {
                        let word = result.load(fromByteOffset: offset, as: UInt32.self)
                        let other = code.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                        result.storeBytes(of: word ^ other, toByteOffset: offset, as: UInt32.self)
                    }
                }
            }
        }
        return result
    }

    /// Compares without telling by its time where the first difference is.
    static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in a.indices { difference |= a[index] ^ b[index] }
        return difference == 0
    }

    /// Random bytes of the system's generator, which is fit for secrets.
    package static func randomBytes(_ count: Int) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
