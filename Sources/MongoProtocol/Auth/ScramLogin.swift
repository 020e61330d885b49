package import BSON

/// A login by SCRAM as the commands of a client: `saslStart`, then `saslContinue` until the server says it is done.
package struct ScramLogin: Sendable {
    /// The mechanism.
    package let mechanism: ScramMechanism
    private let source: String
    private var client: ScramClient
    private let first: [UInt8]

    /// Makes a login.
    /// - Parameters:
    ///   - source: The database the user was made in.
    ///   - nonce: A text that is used once; a new one where nil.
    ///   - cache: Where keys are kept for further connections.
    /// - Throws: ``MongoError`` of kind `usage` for a password that SASLprep forbids.
    package init(
        _ mechanism: ScramMechanism, username: String, password: String, source: String, nonce: String? = nil,
        cache: ScramKeyCache? = nil
    ) throws(MongoError) {
        self.mechanism = mechanism
        self.source = source
        client = ScramClient(
            mechanism, username: username, password: try mechanism.prepare(password: password, of: username),
            nonce: nonce, cache: cache)
        first = client.start()
    }

    /// The first command, to be run on the database ``source``.
    package var startCommand: BSONDocument {
        [
            "saslStart": 1, "mechanism": .string(mechanism.rawValue),
            "payload": .binary(BSONBinary(bytes: first)), "options": ["skipEmptyExchange": true],
        ]
    }

    /// The first command as `hello` takes it under `speculativeAuthenticate`, which spares a round trip.
    package var speculativeDocument: BSONDocument { startCommand.setting("db", .string(source)) }

    /// The command that follows a reply; nil where the login is complete. May take milliseconds.
    /// - Throws: ``MongoError`` with code 18 where the server does not prove that it knows the user.
    package mutating func next(after reply: BSONDocument) throws(MongoError) -> BSONDocument? {
        guard let payload = reply["payload"]?.binary?.bytes, let id = reply["conversationId"] else {
            throw MongoError(.authenticationFailed, "The login failed: the reply has no payload or conversationId")
        }
        let answer = try client.respond(to: payload)
        if reply["done"]?.bool == true {
            guard client.isVerified else {
                throw MongoError(.authenticationFailed, "The login failed: the server ended it before proving itself")
            }
            return nil
        }
        return ["saslContinue": 1, "conversationId": id, "payload": .binary(BSONBinary(bytes: answer))]
    }
}
