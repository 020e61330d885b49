internal import BSON
internal import MongoProtocol

/// The login of one connection, from its `hello` to the last reply: commands out, replies in, and no network.
///
/// Follows the driver specification "Authentication": where the credential names no mechanism, the server's list decides
/// between the two SCRAMs, and `hello` carries the first message of SCRAM-SHA-256 as a guess.
struct ConnectionLogin: Sendable {
    /// A command to send, and the database it runs on.
    struct Step: Sendable {
        let command: BSONDocument
        let database: String
    }
    private enum State {
        case initial
        /// A conversation of SCRAM that goes on with the next reply.
        case scram(ScramLogin)
        /// A command whose reply ends the login.
        case last
        case isDone
    }
    private let credential: MongoCredential
    private let cache: ScramKeyCache
    private var guess: ScramLogin?
    private var state = State.initial

    /// Makes the login of a new connection.
    /// - Parameter cache: Keys that other connections of the client have derived.
    /// - Throws: ``MongoError`` of kind `usage` for a mechanism that this driver does not have, and for a password that
    ///   the mechanism does not take.
    init(_ credential: MongoCredential, cache: ScramKeyCache) throws(MongoError) {
        self.credential = credential
        self.cache = cache
        switch credential.mechanism {
        case .scramSHA1: guess = try scram(.sha1)
        case .scramSHA256: guess = try scram(.sha256)
        // A password that SASLprep forbids may still be one of SCRAM-SHA-1: then there is no guess.
        case nil: guess = try? scram(.sha256)
        case .x509, .plain: break
        case .gssapi, .aws, .oidc:
            throw MongoError(
                .usage,
                "This driver cannot log in by \(credential.mechanism?.rawValue ?? ""): use SCRAM or MONGODB-X509")
        }
    }

    private func scram(_ mechanism: ScramMechanism) throws(MongoError) -> ScramLogin {
        guard let password = credential.password else {
            throw MongoError(.usage, "The login of \(credential) needs a password")
        }
        return try ScramLogin(
            mechanism, username: credential.username ?? "", password: password, source: credential.source, cache: cache)
    }

    /// What the connection's `hello` carries for the login.
    var helloFields: [(String, BSONValue)] {
        var fields: [(String, BSONValue)] = []
        if credential.mechanism == nil, let username = credential.username {
            fields.append(("saslSupportedMechs", .string("\(credential.source).\(username)")))
        }
        if let guess { fields.append(("speculativeAuthenticate", .document(guess.speculativeDocument))) }
        if credential.mechanism == .x509 {
            fields.append(("speculativeAuthenticate", .document(certificateCommand.setting("db", "$external"))))
        }
        return fields
    }

    /// The first command after `hello`; nil where the login is complete. May take milliseconds.
    /// - Throws: ``MongoError`` with code 18 where the server does not prove that it knows the user.
    mutating func start(after hello: BSONDocument) throws(MongoError) -> Step? {
        let reply = hello["speculativeAuthenticate"]?.document
        switch credential.mechanism {
        case .x509:
            if reply != nil { return nil }
            state = .last
            return Step(command: certificateCommand, database: "$external")
        case .plain:
            state = .last
            return Step(command: plainCommand, database: credential.source)
        default: break
        }
        let mechanism = chosenMechanism(hello)
        if let reply, var guess, guess.mechanism == mechanism {
            return try advance(&guess, after: reply)
        }
        let login = try scram(mechanism)
        state = .scram(login)
        return Step(command: login.startCommand, database: credential.source)
    }

    /// The command that follows a reply; nil where the login is complete. May take milliseconds.
    /// - Throws: ``MongoError`` where the reply is an error, or the server does not prove that it knows the user.
    mutating func next(after reply: BSONDocument) throws(MongoError) -> Step? {
        if let error = MongoError(reply: reply, command: "saslContinue") { throw error }
        switch state {
        case .scram(var login): return try advance(&login, after: reply)
        case .last:
            guard reply["done"]?.bool != false else {
                throw MongoError(.authenticationFailed, "The login of \(credential) has no end at the server")
            }
            state = .isDone
            return nil
        case .initial, .isDone: return nil
        }
    }

    private mutating func advance(_ login: inout ScramLogin, after reply: BSONDocument) throws(MongoError) -> Step? {
        guard let command = try login.next(after: reply) else {
            state = .isDone
            return nil
        }
        state = .scram(login)
        return Step(command: command, database: credential.source)
    }

    /// The credential's mechanism; where it has none, the better one of the server's list.
    private func chosenMechanism(_ hello: BSONDocument) -> ScramMechanism {
        switch credential.mechanism {
        case .scramSHA1: return .sha1
        case .scramSHA256: return .sha256
        default: break
        }
        if let offered = hello["saslSupportedMechs"]?.array?.compactMap(\.string) {
            return offered.contains(ScramMechanism.sha256.rawValue) ? .sha256 : .sha1
        }
        return hello["speculativeAuthenticate"] != nil && guess != nil ? .sha256 : .sha1
    }

    private var certificateCommand: BSONDocument {
        var fields: [(String, BSONValue)] = [("authenticate", 1), ("mechanism", "MONGODB-X509")]
        if let username = credential.username { fields.append(("user", .string(username))) }
        return BSONDocument(fields: fields)
    }

    private var plainCommand: BSONDocument {
        let text = "\0\(credential.username ?? "")\0\(credential.password ?? "")"
        return [
            "saslStart": 1, "mechanism": "PLAIN", "payload": .binary(BSONBinary(bytes: Array(text.utf8))),
        ]
    }
}
