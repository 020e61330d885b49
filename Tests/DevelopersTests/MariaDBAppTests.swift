import HTTPTypes
import Hummingbird
import HummingbirdMongo
import MariaDBHarness
import SQLTables
import Testing

@testable import DevelopersExample

/// With NECTAR_LONG=1: the application on a MariaDB that comes and goes. The numbers are those of the faults that a real
/// product must not have.
@Suite("Strict mode on MariaDB", .serialized, .enabled(if: MariaDBServer.isAsked))
struct MariaDBAppTests {
    @Test("A server that stops is 503, and the next call after its start works, without a restart here (51, 52, 53)")
    func restart() async throws {
        let server = try await MariaDBServer.shared("application")
        let name = try await server.database()
        let url = "mysql://root@127.0.0.1:\(server.port)/\(name)?connect_timeout=1"
        await server.stop()
        try await withApp(sql: url) { call in
            #expect(try await call(.get, "/").status == 503)
            try await server.start()
            #expect(try await call(.post, "/", Client.developer).status == 201)
            await server.stop(hard: true)
            for (method, path) in [(HTTPRequest.Method.get, "/"), (.get, "/1"), (.delete, "/1")] {
                let answer = try await call(method, path)
                #expect(answer.status == 503)
                #expect(answer.headers[.retryAfter] == "2")
                #expect(!answer.text.contains("127.0.0.1"))
            }
            try await server.start()
            #expect(try await call(.get, "/").rows.count == 1)
            #expect(try await call(.patch, "/1", #"{"expert": "Engines"}"#).status == 200)
        }
    }

    @Test("Creates at the same moment all succeed, with an id each (49, 50)")
    func parallel() async throws {
        let server = try await MariaDBServer.shared("application")
        let url = "mysql://root@127.0.0.1:\(server.port)/\(try await server.database())"
        try await withApp(sql: url) { call in
            let places = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<40 {
                    group.addTask { try await call(.post, "/", Client.developer).headers[.location] ?? "" }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(places == Set((1...40).map { "/\($0)" }))
        }
    }
}
