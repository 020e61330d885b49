import BSON
import Logging
import MongoEngine
import MongoProtocol
import NIOCore
import Testing

@testable import MongoServer

@Suite struct LoginHandlerTests {
    /// A handler with an engine behind it, and a client's connections.
    struct Fixture {
        let engine: Engine
        let handler: LoginHandler

        init(isRequired: Bool = true) throws {
            var logger = Logger(label: "test")
            logger.logLevel = .error
            engine = try Engine(EngineConfiguration(location: .memory, logger: logger))
            handler = LoginHandler(wrapping: engine, isRequired: isRequired, logger: logger)
        }

        /// Runs a command on a connection, as the server does.
        func run(
            _ body: BSONDocument, on database: String = "admin", connection: Int64 = 1, from address: String? = nil
        ) async -> BSONDocument {
            let context = CommandContext(
                connection: ConnectionContext(id: connection, remoteAddress: address ?? "127.0.0.1:5000"))
            let command = MongoCommand(body, database: database)
            var reply = handler.handleImmediately(command, context)
            if reply == nil { reply = await handler.handle(command, context) }
            guard case .document(let document) = reply else { return [:] }
            return document
        }

        /// Makes a user of `admin` as the first, or by connection 1 once it is logged in.
        func create(_ name: String, _ password: String, _ role: String) async {
            let reply = await run([
                "createUser": .string(name), "pwd": .string(password), "roles": [.string(role)],
            ])
            #expect(reply["ok"]?.double == 1, "\(reply)")
        }

        /// Logs in with the driver's side of SCRAM; gives the last reply.
        @discardableResult
        func logIn(
            _ name: String, _ password: String, _ mechanism: ScramMechanism = .sha256, connection: Int64 = 1,
            skipsEmptyExchange: Bool = true
        ) async throws -> BSONDocument {
            var login = try ScramLogin(mechanism, username: name, password: password, source: "admin")
            var command = login.startCommand
            if !skipsEmptyExchange { command["options"] = nil }
            var reply = await run(command, connection: connection)
            while reply["ok"]?.double == 1, let next = try login.next(after: reply) {
                reply = await run(next, connection: connection)
            }
            return reply
        }
    }

    @Test("both mechanisms log in, with and without the empty exchange", arguments: [true, false])
    func mechanisms(_ skips: Bool) async throws {
        let fixture = try Fixture()
        await fixture.create("root", "pw", "root")
        for (index, mechanism) in ScramMechanism.allCases.enumerated() {
            let connection = Int64(index + 10)
            let before = await fixture.run(["find": "c"], on: "d", connection: connection)
            #expect(before["code"]?.int == 13 && before["errmsg"]?.string == "Command find requires authentication")
            let reply = try await fixture.logIn(
                "root", "pw", mechanism, connection: connection, skipsEmptyExchange: skips)
            #expect(reply["done"]?.bool == true)
            #expect(await fixture.run(["find": "c"], on: "d", connection: connection)["ok"]?.double == 1)
        }
        await fixture.engine.close()
    }

    @Test("hello carries a login, and tells of none that fails")
    func speculative() async throws {
        let fixture = try Fixture()
        await fixture.create("root", "pw", "root")
        for (password, succeeds) in [("pw", true), ("no", false)] {
            var login = try ScramLogin(.sha256, username: "root", password: password, source: "admin")
            let hello = await fixture.run([
                "hello": 1, "saslSupportedMechs": "admin.root",
                "speculativeAuthenticate": .document(login.speculativeDocument),
            ])
            #expect(hello["ok"]?.double == 1)
            #expect(hello["saslSupportedMechs"]?.array.map { Array($0) } == ["SCRAM-SHA-1", "SCRAM-SHA-256"])
            let first = try #require(hello["speculativeAuthenticate"]?.document)
            let next = try #require(try login.next(after: first))
            let reply = await fixture.run(next)
            #expect((reply["ok"]?.double == 1) == succeeds && reply["code"]?.int == (succeeds ? nil : 18))
            _ = await fixture.run(["logout": 1])
        }
        let other: BSONDocument = ["saslStart": 1, "mechanism": "PLAIN", "payload": "", "db": "admin"]
        let hello = await fixture.run([
            "hello": 1, "saslSupportedMechs": "admin.nobody", "speculativeAuthenticate": .document(other),
        ])
        #expect(hello["ok"]?.double == 1)
        #expect(hello["saslSupportedMechs"] == nil && hello["speculativeAuthenticate"] == nil)
        await fixture.engine.close()
    }

    @Test("messages out of turn are refused")
    func order() async throws {
        let fixture = try Fixture()
        await fixture.create("root", "pw", "root")
        let empty = BSONValue.binary(BSONBinary(bytes: []))
        let none = await fixture.run(["saslContinue": 1, "conversationId": 1, "payload": empty])
        #expect(none["code"]?.int == 17 && none["errmsg"]?.string == "No SASL session state found")
        let unknown = await fixture.run(["saslStart": 1, "mechanism": "X", "payload": empty])
        #expect(unknown["code"]?.int == 334)
        let malformed = await fixture.run(["saslStart": 1, "mechanism": "SCRAM-SHA-1", "payload": empty])
        #expect(malformed["code"]?.int == 18)
        #expect(await fixture.run(["saslStart": 1, "mechanism": "SCRAM-SHA-1"])["code"]?.int == 14)

        var login = try ScramLogin(.sha1, username: "root", password: "pw", source: "admin")
        let first = await fixture.run(login.startCommand)
        var next = try #require(try login.next(after: first))
        next["conversationId"] = 99
        #expect(await fixture.run(next)["errmsg"]?.string == "sasl: Mismatched conversation id")
        // A conversation that failed is over.
        next["conversationId"] = first["conversationId"]
        #expect(await fixture.run(next)["code"]?.int == 17)
        // Another connection does not go on with it.
        let second = await fixture.run(login.startCommand)
        next["conversationId"] = second["conversationId"]
        #expect(await fixture.run(next, connection: 2)["code"]?.int == 17)
        await fixture.engine.close()
    }

    @Test("a server is given no names away by an unknown user's challenge")
    func unknownUser() async throws {
        let fixture = try Fixture()
        await fixture.create("root", "pw", "root")
        var salts: Set<String> = []
        for _ in 0..<2 {
            let login = try ScramLogin(.sha256, username: "nobody", password: "pw", source: "admin")
            let reply = await fixture.run(login.startCommand)
            #expect(reply["ok"]?.double == 1 && reply["done"]?.bool == false)
            let text = String(decoding: reply["payload"]?.binary?.bytes ?? [], as: UTF8.self)
            salts.formUnion(text.split(separator: ",").filter { $0.hasPrefix("s=") }.map(String.init))
        }
        #expect(salts.count == 1)
        #expect(try await fixture.logIn("nobody", "pw")["code"]?.int == 18)
        await fixture.engine.close()
    }

    static let firsts: [(String?, String, Int?)] = [
        ("127.0.0.1:1", "admin", nil), ("[::1]:1", "admin", nil), ("192.0.2.1:1", "admin", 13),
        ("127.0.0.1:1", "test", 13),
    ]

    @Test("the first user is made from the same machine only, in admin only", arguments: firsts)
    func firstUser(_ address: String?, _ database: String, _ code: Int?) async throws {
        let fixture = try Fixture()
        let body: BSONDocument = ["createUser": "u", "pwd": "p", "roles": []]
        let reply = await fixture.run(body, on: database, from: address)
        #expect(reply["code"]?.int == code, "\(reply)")
        await fixture.engine.close()
    }

    static let wrongUsers: [(BSONDocument, Int)] = [
        (["createUser": "", "pwd": "p", "roles": []], 2),
        (["createUser": 1, "pwd": "p", "roles": []], 14),
        (["createUser": "u", "pwd": "p"], 40414),
        (["createUser": "u", "roles": []], 2),
        (["createUser": "u", "pwd": "", "roles": []], 2),
        (["createUser": "u", "pwd": 1, "roles": []], 14),
        (["createUser": "u", "pwd": "p", "roles": ["none"]], 31),
        (["createUser": "u", "pwd": "p", "roles": [1]], 2),
        (["createUser": "u", "pwd": "p", "roles": [["role": "root", "db": "x"]]], 31),
        (["createUser": "u", "pwd": "p", "roles": [], "mechanisms": []], 2),
        (["createUser": "u", "pwd": "p", "roles": [], "mechanisms": ["X"]], 2),
        (["createUser": "u", "pwd": "p", "roles": [], "mechanisms": ["SCRAM-SHA-256"], "digestPassword": false], 2),
        (["createUser": "u", "pwd": "a\u{7}", "roles": []], 2),
        (["createUser": "root", "pwd": "p", "roles": []], 51003),
        (["updateUser": "root"], 2),
        (["updateUser": "none", "pwd": "p"], 11),
        (["updateUser": "root", "mechanisms": ["X"]], 2),
        (["dropUser": "none"], 11),
        (["grantRolesToUser": "root", "roles": []], 2),
        (["usersInfo": ["x": 1]], 2),
    ]

    @Test("commands about users say what is wrong with them")
    func wrongUsers() async throws {
        let fixture = try Fixture(isRequired: false)
        await fixture.create("root", "pw", "root")
        for (body, code) in Self.wrongUsers {
            #expect(await fixture.run(body)["code"]?.int == code, "\(body)")
        }
        await fixture.engine.close()
    }

    static let joins: [BSONDocument] = [
        ["find": "system.users"], ["aggregate": "system.users", "pipeline": [], "cursor": [:]],
        [
            "aggregate": "c", "pipeline": [["$lookup": ["from": "system.users", "as": "a", "pipeline": []]]],
            "cursor": [:],
        ],
        ["aggregate": "c", "pipeline": [["$facet": ["a": [["$unionWith": "system.users"]]]]], "cursor": [:]],
        ["explain": ["find": "system.users"]], ["count": "system.users"],
        ["renameCollection": "admin.system.users", "to": "admin.x"],
        ["insert": "system.users", "documents": [["_id": 1]]], ["drop": "system.users"],
        ["createIndexes": "system.users", "indexes": []],
    ]

    @Test("the users' documents are for those who run the server")
    func guarded() async throws {
        let fixture = try Fixture()
        await fixture.create("root", "pw", "root")
        try await fixture.logIn("root", "pw")
        await fixture.create("plain", "pw", "readWriteAnyDatabase")
        try await fixture.logIn("plain", "pw", connection: 2)
        #expect(await fixture.run(["find": "c"], connection: 2)["ok"]?.double == 1)
        for body in Self.joins {
            #expect(await fixture.run(body, connection: 2)["code"]?.int == 13, "\(body)")
        }
        await fixture.engine.close()
    }

    @Test("a command of another database in the pipeline, or one that nobody knows, needs the right too")
    func otherCommands() async throws {
        let fixture = try Fixture()
        await fixture.create("root", "pw", "root")
        try await fixture.logIn("root", "pw")
        _ = await fixture.run(
            ["createUser": "r", "pwd": "pw", "roles": ["read", ["role": "readWrite", "db": "own"]]])
        try await fixture.logIn("r", "pw", connection: 2)
        let merge: BSONValue = [["$merge": ["into": ["db": "own", "coll": "c"]]]]
        let out: BSONDocument = ["aggregate": "c", "pipeline": [["$out": "d"]], "cursor": [:]]
        #expect(
            await fixture.run(["aggregate": "c", "pipeline": merge, "cursor": [:]], connection: 2)["code"]?.int != 13)
        #expect(await fixture.run(out, connection: 2)["code"]?.int == 13)
        #expect(await fixture.run(["fancyCommand": 1], connection: 2)["code"]?.int == 13)
        #expect(await fixture.run(["serverStatus": 1], connection: 2)["code"]?.int == 13)
        #expect(await fixture.run(["serverStatus": 1])["ok"]?.double == 1)
        await fixture.engine.close()
    }

    @Test("every command of the engine has a row that says what it needs")
    func known() async throws {
        let fixture = try Fixture(isRequired: false)
        let commands = await fixture.run(["listCommands": 1])["commands"]?.document?.keys ?? []
        #expect(commands.count > 20)
        #expect(Set(commands).subtracting(CommandPrivileges.names).isEmpty)
        await fixture.engine.close()
    }

    @Test("users see the databases they have roles on")
    func listDatabases() async throws {
        let fixture = try Fixture()
        await fixture.create("root", "pw", "root")
        try await fixture.logIn("root", "pw")
        for database in ["a", "b"] {
            let reply = await fixture.run(["insert": "c", "documents": [["_id": 1]]], on: database)
            #expect(reply["ok"]?.double == 1)
        }
        _ = await fixture.run(["createUser": "r", "pwd": "pw", "roles": [["role": "read", "db": "a"]]])
        try await fixture.logIn("r", "pw", connection: 2)
        for (connection, names) in [(Int64(1), ["a", "admin", "b"]), (2, ["a"])] {
            let reply = await fixture.run(["listDatabases": 1], connection: connection)
            let found = reply["databases"]?.array?.compactMap { $0.document?["name"]?.string } ?? []
            #expect(found.sorted() == names)
        }
        await fixture.engine.close()
    }

    @Test("one connection is one user's, until logout")
    func oneUser() async throws {
        let fixture = try Fixture()
        await fixture.create("root", "pw", "root")
        try await fixture.logIn("root", "pw")
        await fixture.create("two", "pw", "root")
        #expect(try await fixture.logIn("two", "pw")["code"]?.int == 18)
        #expect(try await fixture.logIn("root", "pw")["ok"]?.double == 1)
        _ = await fixture.run(["logout": 1])
        #expect(try await fixture.logIn("two", "pw")["ok"]?.double == 1)
        let status = await fixture.run(["connectionStatus": 1])
        #expect(status[path: "authInfo.authenticatedUsers.0.user"]?.string == "two")
        // The number of a closed connection is nobody's login.
        await fixture.handler.connectionClosed(ConnectionContext(id: 1))
        #expect(await fixture.run(["find": "c"])["code"]?.int == 13)
        await fixture.engine.close()
    }

    @Test("without --auth users log in and nothing is refused")
    func notRequired() async throws {
        let fixture = try Fixture(isRequired: false)
        #expect(await fixture.run(["insert": "c", "documents": [["_id": 1]]])["ok"]?.double == 1)
        await fixture.create("u", "pw", "read")
        #expect(try await fixture.logIn("u", "pw")["ok"]?.double == 1)
        #expect(try await fixture.logIn("u", "no", connection: 2)["code"]?.int == 18)
        #expect(await fixture.run(["insert": "c", "documents": [["_id": 2]]])["ok"]?.double == 1)
        await fixture.engine.close()
    }

    static let beginnings: [([UInt8], Bool?)] = [
        ([], nil), ([0x16], nil), ([0x16, 3], nil), ([0x16, 3, 1], true), ([0x16, 3, 3, 0, 0], true),
        ([0x3A, 1, 0, 0], false), ([0x16, 1], false), ([0x16, 3, 0, 0], false),
    ]

    @Test("a client's first bytes show whether it begins TLS", arguments: beginnings)
    func beginning(_ bytes: [UInt8], _ expected: Bool?) {
        #expect(TLSDetector.beginsTLS(ByteBuffer(bytes: bytes)) == expected)
    }
}
