internal import BSON

/// The client's side of a SCRAM conversation: messages in, messages out, and no network.
package struct ScramClient: Sendable {
    private enum State {
        case initial
        case waitsForChallenge(bare: String)
        case waitsForVerdict(signature: [UInt8])
        case isVerified
    }
    private let mechanism: ScramMechanism
    private let username: String
    private let password: [UInt8]
    private let nonce: String
    private let cache: ScramKeyCache?
    private var state = State.initial

    /// Makes a conversation.
    /// - Parameters:
    ///   - password: What ``ScramMechanism/prepare(password:of:)`` gives.
    ///   - nonce: A text that is used once; a new one where nil.
    ///   - cache: Where keys are kept for further connections.
    package init(
        _ mechanism: ScramMechanism, username: String, password: [UInt8], nonce: String? = nil,
        cache: ScramKeyCache? = nil
    ) {
        self.mechanism = mechanism
        self.username = username
        self.password = password
        self.nonce = nonce ?? ScramAttributes.nonce()
        self.cache = cache
    }

    /// Whether the server has proved that it knows the user.
    package var isVerified: Bool { if case .isVerified = state { true } else { false } }

    /// The first message.
    package mutating func start() -> [UInt8] {
        let bare = "n=\(ScramAttributes.escape(username)),r=\(nonce)"
        state = .waitsForChallenge(bare: bare)
        return Array("n,,\(bare)".utf8)
    }

    /// Answers a message of the server; the answer to its last one is empty. May take milliseconds.
    /// - Throws: ``MongoError`` with code 18 where the server does not follow the rules or does not know the user.
    package mutating func respond(to message: [UInt8]) throws(MongoError) -> [UInt8] {
        guard let text = String(validating: message, as: UTF8.self) else { throw Self.fault("a message is no text") }
        switch state {
        case .waitsForChallenge(let bare): return try answer(text, bare)
        case .waitsForVerdict(let signature):
            try verify(text, signature)
            state = .isVerified
            return []
        case .isVerified where message.isEmpty: return []
        case .initial, .isVerified: throw Self.fault("a message came out of turn")
        }
    }

    private mutating func answer(_ challenge: String, _ bare: String) throws(MongoError) -> [UInt8] {
        guard let attributes = ScramAttributes(challenge), let nonce = attributes.value("r", at: 0),
            let salt = attributes.value("s", at: 1).flatMap(Base64.decode),
            let iterations = attributes.value("i", at: 2).flatMap({ Int($0) })
        else { throw Self.fault("its challenge is not of the form of RFC 5802") }
        guard nonce.hasPrefix(self.nonce), nonce.utf8.count > self.nonce.utf8.count else {
            throw Self.fault("its nonce does not begin with ours")
        }
        guard iterations >= ScramMechanism.minimumIterations else {
            throw Self.fault("it asks for \(iterations) iterations, which is too weak")
        }
        guard iterations <= ScramMechanism.maximumIterations else {
            throw Self.fault("it asks for \(iterations) iterations, which takes too long")
        }
        let keys =
            cache?.keys(mechanism, password: password, salt: salt, iterations: iterations)
            ?? ScramKeys(mechanism, password: password, salt: salt, iterations: iterations)
        let withoutProof = "c=biws,r=\(nonce)"
        let exchange = Array("\(bare),\(challenge),\(withoutProof)".utf8)
        var proof = mechanism.authenticate(exchange, key: keys.storedKey)
        for index in proof.indices { proof[index] ^= keys.clientKey[index] }
        state = .waitsForVerdict(signature: mechanism.authenticate(exchange, key: keys.serverKey))
        return Array("\(withoutProof),p=\(Base64.encode(proof))".utf8)
    }

    private func verify(_ verdict: String, _ signature: [UInt8]) throws(MongoError) {
        guard let attributes = ScramAttributes(verdict) else {
            throw Self.fault("its verdict is not of RFC 5802's form")
        }
        if let reason = attributes.value("e", at: 0) { throw Self.fault(reason) }
        guard let given = attributes.value("v", at: 0).flatMap(Base64.decode),
            ScramMechanism.isEqual(given, signature)
        else { throw Self.fault("it could not prove that it knows the user") }
    }

    private static func fault(_ text: String) -> MongoError {
        MongoError(.authenticationFailed, "The login failed at the server's side: \(text)")
    }
}
