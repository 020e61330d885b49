import BSON
import FaultHarness
import InMemoryTracing
import MongoDriver
import MongoProtocol
import Testing
import Tracing

@Suite("Spans")
struct SpanTests {
    /// Gives the spans of operations on a server.
    /// - Parameter showsWaits: Whether those of waits are among them.
    private func spans(_ operations: [BSONDocument], showsWaits: Bool = false) async throws -> (
        port: Int, spans: [FinishedInMemorySpan]
    ) {
        try await withServer { server, options in
            let tracer = InMemoryTracer()
            var options = options
            options.tracer = tracer
            try await withDriver(options) { driver in
                for operation in operations {
                    _ = try? await driver.run(
                        MongoOperation(MongoCommand(operation, database: "test"), retryability: .read))
                }
            }
            let spans = tracer.finishedSpans.filter { span in
                !span.operationName.hasPrefix("endSessions") && (showsWaits || span.kind == .client)
            }
            return (await server.port, spans)
        }
    }

    private func texts(_ span: FinishedInMemorySpan) -> [String: String] {
        var texts: [String: String] = [:]
        // swift-format-ignore: ReplaceForEachWithForLoop
        span.attributes.forEach { key, value in
            switch value {
            case .string(let text): texts[key] = text
            case .int64(let number): texts[key] = "\(number)"
            case .int32(let number): texts[key] = "\(number)"
            default: texts[key] = "\(value)"
            }
        }
        return texts
    }

    @Test("An operation has a span, and each of its commands one within, with OpenTelemetry's attributes")
    func operation() async throws {
        let (port, spans) = try await spans([["find": "x"]])
        #expect(spans.map(\.operationName) == ["find", "find test.x"])
        let (command, operation) = (try #require(spans.first), try #require(spans.last))
        #expect(command.parentSpanID == operation.spanID && operation.parentSpanID == nil)
        #expect(spans.allSatisfy { $0.kind == .client && $0.status == nil && $0.errors.isEmpty })
        #expect(
            texts(operation) == [
                "db.system.name": "mongodb", "db.namespace": "test", "db.collection.name": "x",
                "db.operation.name": "find", "db.operation.summary": "find test.x",
            ])
        var found = texts(command)
        #expect(found.removeValue(forKey: "db.mongodb.lsid")?.count == 32)
        #expect(found.removeValue(forKey: "db.mongodb.driver_connection_id").flatMap { Int($0) } != nil)
        #expect(found.removeValue(forKey: "db.mongodb.server_connection_id").flatMap { Int($0) } != nil)
        #expect(
            found == [
                "db.system.name": "mongodb", "db.namespace": "test", "db.collection.name": "x",
                "db.command.name": "find", "db.query.summary": "find test.x", "network.transport": "tcp",
                "server.address": "127.0.0.1", "server.port": "\(port)",
            ])
    }

    @Test("An error is in both spans, with its code; and no secret is in any")
    func errors() async throws {
        let (_, spans) = try await spans([
            ["noSuchCommand": 1], ["createUser": "kim", "pwd": "s3cret", "roles": ["no such role"]],
        ])
        #expect(
            spans.map(\.operationName) == ["noSuchCommand", "noSuchCommand test", "createUser", "createUser test"])
        for span in spans.prefix(2) {
            #expect(texts(span)["db.response.status_code"] == "59" && texts(span)["error.type"] == "server")
            #expect(span.status?.code == .error && span.errors.count == 1)
        }
        #expect(!spans.contains { "\(texts($0)) \($0.errors) \($0.operationName)".contains("s3cret") })
    }

    @Test("What an operation waits for has a span; where a connection is at hand there is none")
    func waits() async throws {
        let (port, spans) = try await spans([["find": "x"], ["find": "x"]], showsWaits: true)
        #expect(
            spans.map(\.operationName) == [
                "server selection", "connection check-out", "find", "find test.x", "find", "find test.x",
            ])
        let operation = try #require(spans.first { $0.operationName == "find test.x" })
        for wait in spans.prefix(2) {
            #expect(wait.parentSpanID == operation.spanID && wait.kind == .internal && wait.status == nil)
            #expect(texts(wait)["db.system.name"] == "mongodb")
            #expect(wait.startInstant.nanosecondsSinceEpoch >= operation.startInstant.nanosecondsSinceEpoch)
        }
        #expect(texts(spans[1])["server.address"] == "127.0.0.1" && texts(spans[1])["server.port"] == "\(port)")
        #expect(texts(spans[0])["server.address"] == nil)
    }

    @Test("A wait that comes to nothing says so in its span")
    func failedWait() async throws {
        let tracer = InMemoryTracer()
        var options = DriverOptions(seeds: [ServerAddress(host: "127.0.0.1", port: 1)])
        options.tracer = tracer
        options.serverSelectionTimeout = .milliseconds(50)
        try await withDriver(options) { driver in
            _ = try? await driver.run(MongoOperation(MongoCommand(["find": "x"], database: "test")))
        }
        let spans = tracer.finishedSpans
        #expect(spans.map(\.operationName) == ["server selection", "find test.x"])
        #expect(spans.allSatisfy { texts($0)["error.type"] == "serverSelection" && $0.status?.code == .error })
    }
}
