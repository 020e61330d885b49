internal import BSON

/// The server's side of a SCRAM conversation: messages in, messages out, and no network.
///
/// Every failure is the same error, so that nothing is told to whoever guesses.
package struct ScramServer: Sendable {
    private let mechanism: ScramMechanism
    private let header: String
    private let bare: String
    private let nonce: String
    private var challenge: String?
    private var credential: ScramCredential?
    /// Who logs in.
    package let username: String

    /// Reads a client's first message.
    /// - Parameter nonce: The server's part of the nonce; a new one where nil.
    /// - Throws: ``MongoError`` with code 18.
    package init(_ mechanism: ScramMechanism, first message: [UInt8], nonce: String? = nil) throws(MongoError) {
        // The header says that no channel is bound, and may name who is acted for.
        guard let text = String(validating: message, as: UTF8.self) else { throw Self.refused }
        let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "n" || parts[0] == "y", parts[1].isEmpty || parts[1].hasPrefix("a="),
            let attributes = ScramAttributes(parts[2]),
            let name = attributes.value("n", at: 0).flatMap(ScramAttributes.unescape), !name.isEmpty,
            let theirs = attributes.value("r", at: 1), !theirs.isEmpty
        else { throw Self.refused }
        guard parts[1].isEmpty || parts[1].dropFirst(2) == ScramAttributes.escape(name) else { throw Self.refused }
        self.mechanism = mechanism
        header = "\(parts[0]),\(parts[1]),"
        bare = String(parts[2])
        username = name
        self.nonce = theirs + (nonce ?? ScramAttributes.nonce())
    }

    /// The server's first message, for a user's credential.
    package mutating func challenge(_ credential: ScramCredential) -> [UInt8] {
        let text = "r=\(nonce),s=\(Base64.encode(credential.salt)),i=\(credential.iterations)"
        self.credential = credential
        challenge = text
        return Array(text.utf8)
    }

    /// Judges the client's proof and gives the server's.
    /// - Throws: ``MongoError`` with code 18 where the proof is wrong.
    package func verify(_ message: [UInt8]) throws(MongoError) -> [UInt8] {
        guard let challenge, let credential, let text = String(validating: message, as: UTF8.self),
            let attributes = ScramAttributes(text), let end = text.lastIndex(of: ",p=")
        else { throw Self.refused }
        guard attributes.value("c", at: 0) == Base64.encode(Array(header.utf8)),
            attributes.value("r", at: 1) == nonce, attributes.names.hasSuffix("p"),
            let proof = attributes.value("p", at: attributes.names.count - 1).flatMap(Base64.decode),
            proof.count == mechanism.digestLength
        else { throw Self.refused }
        let exchange = Array("\(bare),\(challenge),\(text[..<end])".utf8)
        var key = mechanism.authenticate(exchange, key: credential.storedKey)
        for index in key.indices { key[index] ^= proof[index] }
        guard ScramMechanism.isEqual(mechanism.hash(key), credential.storedKey) else { throw Self.refused }
        return Array("v=\(Base64.encode(mechanism.authenticate(exchange, key: credential.serverKey)))".utf8)
    }

    private static let refused = MongoError(.authenticationFailed, "Authentication failed.")
}

extension String {
    /// Where the last occurrence of a text begins.
    fileprivate func lastIndex(of text: String) -> Index? {
        var index = endIndex
        while index > startIndex {
            index = self.index(before: index)
            if self[index...].hasPrefix(text) { return index }
        }
        return nil
    }
}
