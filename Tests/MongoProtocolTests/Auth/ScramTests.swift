import BSON
import Testing

@testable import MongoProtocol

@Suite struct ScramTests {
    /// A conversation that a specification has in full.
    struct Recorded: Sendable {
        let mechanism: ScramMechanism
        /// Whether the password goes through MongoDB's digest first.
        var isDigested = false
        let salt: String
        var iterations = 4096
        let nonce: String
        let serverNonce: String
        let proof: String
        let signature: String
    }

    static let recorded: [Recorded] = [
        // RFC 5802, section 5.
        Recorded(
            mechanism: .sha1, salt: "QSXCR+Q6sek8bf92", nonce: "fyko+d2lbbFgONRv9qkxdawL",
            serverNonce: "3rfcNHYJY1ZVvWVs7j", proof: "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            signature: "rmF9pqV8S7suAoZWja4dJRkFsKQ="),
        // RFC 7677, section 3.
        Recorded(
            mechanism: .sha256, salt: "W22ZaJ0SNY7soEsUEjb6gQ==", nonce: "rOprNGfwEbeRWgbNEkqO",
            serverNonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", proof: "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            signature: "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
        // The driver specification "Authentication", SCRAM-SHA-1.
        Recorded(
            mechanism: .sha1, isDigested: true, salt: "rQ9ZY3MntBeuP3E1TDVC4w==", iterations: 10000,
            nonce: "fyko+d2lbbFgONRv9qkxdawL", serverNonce: "Ho+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE",
            proof: "MC2T8BvbmWRckDw8oWl5IVghwCY=", signature: "UMWeI25JD1yNYZRMpZ4VHvhZ9e0="),
    ]

    @Test("both sides speak as the specifications record it", arguments: recorded)
    func vectors(_ case: Recorded) throws {
        let salt = try #require(Base64.decode(`case`.salt))
        let password =
            `case`.isDigested ? try `case`.mechanism.prepare(password: "pencil", of: "user") : Array("pencil".utf8)
        var client = ScramClient(`case`.mechanism, username: "user", password: password, nonce: `case`.nonce)
        let first = client.start()
        #expect(String(decoding: first, as: UTF8.self) == "n,,n=user,r=\(`case`.nonce)")

        var server = try ScramServer(`case`.mechanism, first: first, nonce: `case`.serverNonce)
        #expect(server.username == "user")
        let challenge = server.challenge(
            ScramCredential(`case`.mechanism, password: password, salt: salt, iterations: `case`.iterations))
        let nonce = `case`.nonce + `case`.serverNonce
        #expect(String(decoding: challenge, as: UTF8.self) == "r=\(nonce),s=\(`case`.salt),i=\(`case`.iterations)")

        let proof = try client.respond(to: challenge)
        #expect(String(decoding: proof, as: UTF8.self) == "c=biws,r=\(nonce),p=\(`case`.proof)")
        let verdict = try server.verify(proof)
        #expect(String(decoding: verdict, as: UTF8.self) == "v=\(`case`.signature)")
        #expect(!client.isVerified)
        #expect(try client.respond(to: verdict).isEmpty)
        #expect(client.isVerified)
    }

    /// A client that has sent its first message, and what it is sent then.
    static let badChallenges: [(String, String)] = [
        ("r=other,s=QSXCR+Q6sek8bf92,i=4096", "nonce"),
        ("r=abc,s=QSXCR+Q6sek8bf92,i=4096", "nonce"),
        ("r=abcd,s=QSXCR+Q6sek8bf92,i=4095", "weak"),
        ("r=abcd,s=QSXCR+Q6sek8bf92,i=2000000000", "long"),
        ("r=abcd,s=QSXCR+Q6sek8bf92,i=99999999999999999999", "form"),
        ("r=abcd,s=*,i=4096", "form"),
        ("m=x,r=abcd,s=QSXCR+Q6sek8bf92,i=4096", "form"),
        ("", "form"),
        (",,,", "form"),
    ]

    @Test("a client refuses a challenge that breaks the rules", arguments: badChallenges)
    func badChallenge(_ challenge: String, _ reason: String) {
        var client = ScramClient(.sha256, username: "user", password: [1], nonce: "abc")
        _ = client.start()
        let error = #expect(throws: MongoError.self) { try client.respond(to: Array(challenge.utf8)) }
        #expect(error?.code == .authenticationFailed)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("a client refuses a server that does not know the user", arguments: ["v=AAAA", "v=", "e=other-error", "x"])
    func badVerdict(_ verdict: String) throws {
        var client = ScramClient(.sha1, username: "user", password: [1], nonce: "abc")
        _ = client.start()
        _ = try client.respond(to: Array("r=abcd,s=QSXCR+Q6sek8bf92,i=4096".utf8))
        #expect(throws: MongoError.self) { try client.respond(to: Array(verdict.utf8)) }
        #expect(!client.isVerified)
    }

    static let badFirsts = [
        "", "n", "n,,", "n,,n=,r=a", "n,,n=u", "n,,n=u,r=", "p=tls-unique,,n=u,r=a", "n,,n=u=,r=a", "n,,n=u=4D,r=a",
        "n,a=other,n=u,r=a", "x,,n=u,r=a",
    ]

    @Test("a server refuses a first message that breaks the rules", arguments: badFirsts)
    func badFirst(_ message: String) {
        let error = #expect(throws: MongoError.self) { try ScramServer(.sha1, first: Array(message.utf8)) }
        #expect(error?.code == .authenticationFailed && error?.message == "Authentication failed.")
    }

    @Test("a server refuses a wrong proof, another nonce and another channel")
    func badProofs() throws {
        let credential = ScramCredential(.sha256, password: Array("right".utf8), iterations: 4096)
        for password in ["wrong", "right"] {
            var client = ScramClient(.sha256, username: "a,b=c", password: Array(password.utf8))
            var server = try ScramServer(.sha256, first: client.start())
            #expect(server.username == "a,b=c")
            let proof = try client.respond(to: server.challenge(credential))
            let text = String(decoding: proof, as: UTF8.self)
            #expect(((try? server.verify(proof)) != nil) == (password == "right"))
            for (old, new) in [("c=biws", "c=eSws"), ("r=", "r=x"), (",p=", ",p=A"), (",p=", ",x=1,q=")] {
                let changed = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
                    .joined(separator: new)
                #expect(throws: MongoError.self) { try server.verify(Array(changed.utf8)) }
            }
        }
    }

    @Test("a login runs over commands, with and without the empty exchange", arguments: [true, false])
    func login(_ skipsEmptyExchange: Bool) throws {
        let cache = ScramKeyCache()
        for mechanism in ScramMechanism.allCases {
            let prepared = try mechanism.prepare(password: "pass", of: "alice")
            let credential = ScramCredential(mechanism, password: prepared, iterations: 4096)
            for _ in 0..<2 {
                var login = try ScramLogin(
                    mechanism, username: "alice", password: "pass", source: "admin", cache: cache)
                #expect(login.startCommand["mechanism"]?.string == mechanism.rawValue)
                #expect(login.speculativeDocument["db"]?.string == "admin")
                let first = try #require(login.startCommand["payload"]?.binary?.bytes)
                var server = try ScramServer(mechanism, first: first)
                func reply(_ payload: [UInt8], done: Bool) -> BSONDocument {
                    ["conversationId": 7, "done": .bool(done), "payload": .binary(BSONBinary(bytes: payload))]
                }
                let second = try #require(try login.next(after: reply(server.challenge(credential), done: false)))
                #expect(second["conversationId"]?.int == 7)
                let verdict = try server.verify(try #require(second["payload"]?.binary?.bytes))
                let third = try login.next(after: reply(verdict, done: skipsEmptyExchange))
                #expect((third == nil) == skipsEmptyExchange)
                guard third != nil else { continue }
                #expect(third?["payload"]?.binary?.bytes == [])
                #expect(try login.next(after: reply([], done: true)) == nil)
            }
        }
        #expect(cache.count == 2)
    }

    @Test("a server that says it is done before proving itself is refused")
    func doneTooEarly() throws {
        var login = try ScramLogin(.sha256, username: "u", password: "p", source: "admin", nonce: "abc")
        let reply: BSONDocument = [
            "conversationId": 1, "done": true,
            "payload": .binary(BSONBinary(bytes: Array("r=abcd,s=QSXCR+Q6sek8bf92,i=4096".utf8))),
        ]
        #expect(throws: MongoError.self) { try login.next(after: reply) }
    }

    @Test("what is stored survives its document, and holds no password")
    func stored() throws {
        let credential = ScramCredential(.sha1, password: Array("secret".utf8), iterations: 4096)
        #expect(ScramCredential(credential.document) == credential)
        #expect(credential.salt.count == 16)
        #expect(ScramCredential(["iterationCount": 5]) == nil)
        let a = ScramCredential(pretending: .sha256, user: "db.u", secret: [1])
        let b = ScramCredential(pretending: .sha256, user: "db.u", secret: [1])
        #expect(a.salt == b.salt && a.salt.count == 28 && a != b)
    }

    @Test("any bytes give an answer or an error")
    func fuzz() throws {
        var random = SystemRandomNumberGenerator()
        let pieces = [
            "n", "y", ",", "=", "a=", "n=u", "r=", "c=biws", "p=", "s=", "i=4096", "é", "\u{0}", "AAAA", "r=x",
        ]
        for _ in 0..<5000 {
            let count = Int.random(in: 0...8, using: &random)
            let text = (0..<count).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            _ = try? ScramServer(.sha1, first: Array(text.utf8))
            var client = ScramClient(.sha1, username: "u", password: [1], nonce: "x")
            _ = client.start()
            #expect((try? client.respond(to: Array(text.utf8))) == nil || text.contains("i=4096"))
            _ = try? client.respond(to: [0xFF])
        }
    }
}
