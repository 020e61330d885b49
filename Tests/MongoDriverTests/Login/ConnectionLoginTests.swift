import BSON
import MongoProtocol
import Testing

@testable import MongoDriver

@Suite struct ConnectionLoginTests {
    /// A server that knows one user, whose password is `pw`.
    struct Server {
        let mechanisms: [ScramMechanism]
        var takesGuesses = true
        private var conversation: ScramServer?

        init(_ mechanisms: [ScramMechanism], takesGuesses: Bool = true) {
            self.mechanisms = mechanisms
            self.takesGuesses = takesGuesses
        }

        mutating func hello(_ fields: [(String, BSONValue)]) throws -> BSONDocument {
            let body = BSONDocument(fields: fields)
            var reply: BSONDocument = ["ok": 1.0]
            if body["saslSupportedMechs"]?.string == "admin.u" {
                reply["saslSupportedMechs"] = .array(BSONArray(mechanisms.map { .string($0.rawValue) }))
            }
            if takesGuesses, let guess = body["speculativeAuthenticate"]?.document, guess["db"]?.string == "admin",
                let first = try? start(guess)
            {
                reply["speculativeAuthenticate"] = .document(first)
            }
            return reply
        }

        mutating func answer(_ step: ConnectionLogin.Step) throws -> BSONDocument {
            #expect(step.database == "admin")
            if step.command["saslStart"] != nil { return try start(step.command) }
            let payload = try #require(step.command["payload"]?.binary?.bytes)
            let verdict = try #require(try conversation?.verify(payload))
            return Self.reply(verdict, isDone: true)
        }

        private mutating func start(_ body: BSONDocument) throws -> BSONDocument {
            guard let mechanism = mechanisms.first(where: { $0.rawValue == body["mechanism"]?.string }) else {
                throw MongoError(.mechanismUnavailable, "not a mechanism of this user")
            }
            let payload = try #require(body["payload"]?.binary?.bytes)
            var server = try ScramServer(mechanism, first: payload)
            let credential = ScramCredential(
                mechanism, password: try mechanism.prepare(password: "pw", of: "u"), iterations: 4096)
            let challenge = server.challenge(credential)
            conversation = server
            return Self.reply(challenge, isDone: false)
        }

        private static func reply(_ payload: [UInt8], isDone: Bool) -> BSONDocument {
            [
                "ok": 1.0, "conversationId": 1, "done": .bool(isDone),
                "payload": .binary(BSONBinary(bytes: payload)),
            ]
        }
    }

    /// The mechanism of the credential, those of the user, whether guesses are answered; how many commands it takes.
    static let cases: [(AuthMechanism?, [ScramMechanism], Bool, Int)] = [
        (nil, [.sha1, .sha256], true, 1), (nil, [.sha1, .sha256], false, 2), (nil, [.sha1], true, 2),
        (nil, [.sha256], true, 1), (.scramSHA1, [.sha1, .sha256], true, 1), (.scramSHA1, [.sha1], false, 2),
        (.scramSHA256, [.sha256], true, 1), (.scramSHA256, [.sha1, .sha256], false, 2),
    ]

    @Test("the best mechanism logs in, with as few commands as can be", arguments: cases)
    func login(_ mechanism: AuthMechanism?, _ offered: [ScramMechanism], _ guesses: Bool, _ count: Int) throws {
        var server = Server(offered, takesGuesses: guesses)
        var login = try ConnectionLogin(
            MongoCredential(username: "u", password: "pw", mechanism: mechanism), cache: ScramKeyCache())
        var step = try login.start(after: server.hello(login.helloFields))
        var commands = 0
        while let command = step {
            commands += 1
            step = try login.next(after: server.answer(command))
        }
        #expect(commands == count)
    }

    @Test("a login that the server refuses is its error")
    func refused() throws {
        var login = try ConnectionLogin(MongoCredential(username: "u", password: "no"), cache: ScramKeyCache())
        _ = try login.start(after: ["ok": 1.0])
        let reply = MongoError(.authenticationFailed, "Authentication failed.").reply
        let error = #expect(throws: MongoError.self) { try login.next(after: reply) }
        #expect(error?.code == .authenticationFailed)
    }

    @Test("PLAIN and MONGODB-X509 take one command")
    func others() throws {
        let plain = MongoCredential(username: "u", password: "pw", source: "$external", mechanism: .plain)
        var login = try ConnectionLogin(plain, cache: ScramKeyCache())
        #expect(login.helloFields.isEmpty)
        let step = try login.start(after: ["ok": 1.0])
        #expect(step?.command["payload"]?.binary?.bytes == Array("\0u\0pw".utf8) && step?.database == "$external")
        #expect(try login.next(after: ["ok": 1.0, "done": true]) == nil)

        let certificate = MongoCredential(username: nil, password: nil, source: "$external", mechanism: .x509)
        login = try ConnectionLogin(certificate, cache: ScramKeyCache())
        #expect(login.helloFields.map(\.0) == ["speculativeAuthenticate"])
        #expect(try login.start(after: ["ok": 1.0])?.command["mechanism"]?.string == "MONGODB-X509")
        #expect(try login.start(after: ["ok": 1.0, "speculativeAuthenticate": ["ok": 1.0]]) == nil)
    }

    @Test("what this driver cannot do it says before it connects", arguments: [AuthMechanism.gssapi, .aws, .oidc])
    func unsupported(_ mechanism: AuthMechanism) {
        let credential = MongoCredential(username: "u", password: "pw", mechanism: mechanism)
        let error = #expect(throws: MongoError.self) { try ConnectionLogin(credential, cache: ScramKeyCache()) }
        #expect(error?.kind == .usage && error?.message.contains(mechanism.rawValue) == true)
    }

    @Test("a password that SASLprep forbids still logs in by SCRAM-SHA-1")
    func forbiddenPassword() throws {
        let login = try ConnectionLogin(
            MongoCredential(username: "u", password: "a\u{7}"), cache: ScramKeyCache())
        #expect(login.helloFields.map(\.0) == ["saslSupportedMechs"])
    }
}
