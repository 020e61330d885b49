import BSON
import Foundation
import ProcessHarness
import Testing

/// PyMongo logs in, with its own SCRAM and over its own TLS.
@Suite struct LoginPyMongoTests {
    private static func run(_ script: String, _ environment: [String: String]) async throws {
        let local = ChildProcess.checkout.appending(path: ".venv/bin/python").path
        let python = FileManager.default.isExecutableFile(atPath: local) ? local : "python3"
        let probe = try await ChildProcess.run([python, "-c", "import pymongo"])
        try #require(probe.status == 0, "\(python) has no PyMongo: run 'make test', which installs it into .venv")
        let file = ChildProcess.checkout.appending(path: "Tests/PyMongo/\(script)").path
        let result = try await ChildProcess.run([python, file], environment: environment)
        let tail = result.output.split(separator: "\n", omittingEmptySubsequences: false).suffix(80)
        #expect(result.status == 0, "\(tail.joined(separator: "\n"))")
    }

    @Test("users log in by SCRAM, and do what their roles allow")
    func login() async throws {
        let server = try await ChildProcess.nectar(["--memory", "--auth"])
        try await Self.run("test_login.py", ["NECTAR_URI": "mongodb://127.0.0.1:\(server.port)"])
        #expect(await server.end() == 0)
    }

    @Test("users stay when the server starts anew")
    func restart() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nectar-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "users.db").path
        for round in 0..<2 {
            let server = try await ChildProcess.nectar(["--path", path, "--auth"])
            let client = try await TestClient.connect(to: server.port)
            try await client.send(
                Message.command(["createUser": "u", "pwd": "p", "roles": [], "$db": "admin"]))
            let reply = try await client.receive()?.document
            // The second time there is a user, and nobody may make one without a login.
            #expect(reply?["code"]?.int == (round == 0 ? nil : 13))
            await client.close()
            #expect(await server.end() == 0)
        }
    }

    static let modes: [(String, [String])] = [
        ("require", ["--tls-mode", "requireTLS"]),
        ("prefer", ["--tlsMode", "preferTLS"]),
        ("mutual", ["--tls-ca-file", "ca.pem"]),
        ("optional", ["--tlsCAFile", "ca.pem", "--tls-allow-connections-without-certificates"]),
    ]

    @Test("clients come over TLS", arguments: modes)
    func tls(_ mode: String, _ options: [String]) async throws {
        let certificates = try await TestCertificates()
        defer { certificates.remove() }
        let arguments = options.map { $0.hasSuffix(".pem") ? certificates.path($0) : $0 }
        let server = try await ChildProcess.nectar(
            ["--memory", "--auth", "--tls-certificate-key-file", certificates.path("server.pem")] + arguments)
        try await Self.run(
            "test_tls.py",
            [
                "NECTAR_PORT": "\(server.port)", "NECTAR_TLS": mode, "NECTAR_CERTIFICATES": certificates.folder.path,
            ])
        #expect(await server.end() == 0)
    }
}
