package import BSON
internal import Synchronization

/// What follows from a salted password on the client's side.
struct ScramKeys: Sendable, Hashable {
    /// What proves that the client knows the password.
    let clientKey: [UInt8]
    /// The hash of the client's key, which a server stores.
    let storedKey: [UInt8]
    /// What proves that the server knows the user.
    let serverKey: [UInt8]

    /// Derives the keys; takes milliseconds.
    init(_ mechanism: ScramMechanism, password: [UInt8], salt: [UInt8], iterations: Int) {
        let salted = mechanism.salt(password, salt: salt, iterations: iterations)
        clientKey = mechanism.authenticate(Array("Client Key".utf8), key: salted)
        storedKey = mechanism.hash(clientKey)
        serverKey = mechanism.authenticate(Array("Server Key".utf8), key: salted)
    }
}

/// Keys that were derived before: a client's connections log in with the same salt again and again.
package final class ScramKeyCache: Sendable {
    private struct Key: Hashable {
        let mechanism: ScramMechanism
        /// The hash of the password, so that the password itself is not kept.
        let password: [UInt8]
        let salt: [UInt8]
        let iterations: Int
    }
    private let keys = Mutex<[Key: ScramKeys]>([:])
    private static let limit = 64

    /// Makes an empty cache.
    package init() {}

    func keys(_ mechanism: ScramMechanism, password: [UInt8], salt: [UInt8], iterations: Int) -> ScramKeys {
        let key = Key(
            mechanism: mechanism, password: mechanism.hash(password), salt: salt, iterations: iterations)
        if let known = keys.withLock({ $0[key] }) { return known }
        let new = ScramKeys(mechanism, password: password, salt: salt, iterations: iterations)
        keys.withLock { keys in
            if keys.count >= Self.limit { keys.removeAll() }
            keys[key] = new
        }
        return new
    }

    /// How many keys are kept.
    var count: Int { keys.withLock { $0.count } }
}

/// What a server keeps of a password: neither the password nor anything that logs in with it.
package struct ScramCredential: Sendable, Hashable {
    /// How often the hash is applied.
    package let iterations: Int
    /// Random bytes.
    package let salt: [UInt8]
    /// The hash of the client's key.
    let storedKey: [UInt8]
    /// The server's key.
    let serverKey: [UInt8]

    /// Derives what to keep from a prepared password; takes milliseconds.
    /// - Parameters:
    ///   - password: What ``ScramMechanism/prepare(password:of:)`` gives.
    ///   - salt: Random bytes; new ones where nil.
    ///   - iterations: How often the hash is applied; MongoDB's number where nil.
    package init(_ mechanism: ScramMechanism, password: [UInt8], salt: [UInt8]? = nil, iterations: Int? = nil) {
        self.iterations = iterations ?? mechanism.defaultIterations
        self.salt = salt ?? ScramMechanism.randomBytes(mechanism.saltLength)
        let keys = ScramKeys(mechanism, password: password, salt: self.salt, iterations: self.iterations)
        storedKey = keys.storedKey
        serverKey = keys.serverKey
    }

    /// The credential of a user who is not there: its salt stays the same for a name, so that guessing names shows
    /// nothing, and no password fits.
    /// - Parameter secret: Random bytes of this server.
    package init(pretending mechanism: ScramMechanism, user: String, secret: [UInt8]) {
        iterations = mechanism.defaultIterations
        let digest = ScramMechanism.sha256.authenticate(Array("\(mechanism.rawValue):\(user)".utf8), key: secret)
        salt = Array(digest.prefix(mechanism.saltLength))
        storedKey = ScramMechanism.randomBytes(mechanism.digestLength)
        serverKey = ScramMechanism.randomBytes(mechanism.digestLength)
    }

    /// Reads the entry of a user's `credentials`; nil where it is none.
    package init?(_ document: BSONDocument) {
        guard let iterations = document["iterationCount"]?.int, iterations > 0,
            let salt = document["salt"]?.string.flatMap(Base64.decode),
            let storedKey = document["storedKey"]?.string.flatMap(Base64.decode),
            let serverKey = document["serverKey"]?.string.flatMap(Base64.decode)
        else { return nil }
        self.iterations = iterations
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// The entry of a user's `credentials`, as MongoDB stores it.
    package var document: BSONDocument {
        [
            "iterationCount": .int(iterations), "salt": .string(Base64.encode(salt)),
            "storedKey": .string(Base64.encode(storedKey)), "serverKey": .string(Base64.encode(serverKey)),
        ]
    }
}
