import BSON
import Foundation
import ProcessHarness
import Testing

@Suite struct PyMongoTests {
    @Test("PyMongo does all that the server promises")
    func pyMongo() async throws {
        let local = ChildProcess.checkout.appending(path: ".venv/bin/python").path
        let python = FileManager.default.isExecutableFile(atPath: local) ? local : "python3"
        let probe = try await ChildProcess.run([python, "-c", "import pymongo"])
        try #require(probe.status == 0, "\(python) has no PyMongo: run 'make test', which installs it into .venv")

        let server = try await ChildProcess.nectar(["--memory"])
        let script = ChildProcess.checkout.appending(path: "Tests/PyMongo/test_nectar.py").path
        let result = try await ChildProcess.run(
            [python, script], environment: ["NECTAR_URI": "mongodb://127.0.0.1:\(server.port)"])
        let tail = result.output.split(separator: "\n", omittingEmptySubsequences: false).suffix(80)
        #expect(result.status == 0, "\(tail.joined(separator: "\n"))")
        #expect(await server.end() == 0)
    }

    @Test(
        "SIGTERM and SIGINT stop the server cleanly while clients wait for minutes", .timeLimit(.minutes(2)),
        arguments: [SIGTERM, SIGINT])
    func signals(_ signal: Int32) async throws {
        let server = try await ChildProcess.nectar(["--memory"])
        let client = try await TestClient.connect(to: server.port)
        try await client.send(Message.command(["ping": 1]))
        #expect(try await client.receive()?.document["ok"]?.double == 1)
        let monitor = try await TestClient.connect(to: server.port)
        try await monitor.send(Message.command(["hello": 1]))
        let version = try #require(await monitor.receive()?.document["topologyVersion"])
        try await monitor.send(
            Message.command(["hello": 1, "topologyVersion": version, "maxAwaitTimeMS": 600_000], flags: 1 << 16))
        #expect(await server.end(signal) == 0)
        #expect(await client.receive() == nil)
    }
}
