import BSON
import FaultHarness
import Foundation
import MongoDriver
import MongoProtocol
import MongoServer
import ProcessHarness
import Testing

@Suite("A driver over TLS", .timeLimit(.minutes(2)))
struct TLSTests {
    /// A server's certificate, whether it asks clients for theirs, what the driver is told, and what comes of it.
    struct Case: CustomStringConvertible {
        let certificate: String
        var asksClients = false
        var host = "localhost"
        let options: [(String, String)]
        /// What the error says of the reason; nil where the two agree.
        var refusal: String?

        var description: String { "\(certificate) \(asksClients) \(host) \(options.map { "\($0.0)=\($0.1)" })" }
    }

    private static let ca = ("tlsCAFile", "ca.pem")
    private static let client = ("tlsCertificateKeyFile", "client.pem")

    static let cases = [
        Case(certificate: "server", options: [ca]),
        Case(certificate: "server", host: "127.0.0.1", options: [ca]),
        Case(certificate: "server", options: [("tlsCAFile", "other-ca.pem")], refusal: "CERTIFICATE_VERIFY_FAILED"),
        Case(certificate: "server", options: [], refusal: "CERTIFICATE_VERIFY_FAILED"),
        Case(certificate: "server", options: [("tlsInsecure", "true")]),
        // The client's certificate names the host "client".
        Case(certificate: "client", options: [ca], refusal: "ostname"),
        Case(certificate: "client", options: [ca, ("tlsAllowInvalidHostnames", "true")]),
        Case(certificate: "server", asksClients: true, options: [ca, client]),
        Case(certificate: "server", asksClients: true, options: [ca], refusal: ""),
        Case(
            certificate: "server", asksClients: true,
            options: [ca, ("tlsCertificateKeyFile", "other-client.pem")], refusal: ""),
        Case(certificate: "server", options: [("tls", "false")], refusal: ""),
    ]

    @Test("Certificates and names are checked on both sides")
    func certificates() async throws {
        let files = try await TestCertificates()
        defer { files.remove() }
        for test in Self.cases {
            let tls = ServerTLS(
                certificateKeyFile: files.path("\(test.certificate).pem"),
                caFile: test.asksClients ? files.path("ca.pem") : nil)
            try await withServer(tls: tls) { server, _ in
                let given = test.options.map { name, value in
                    "\(name)=\(value.hasSuffix(".pem") ? files.path(value) : value)"
                }
                let selection = test.refusal == nil ? 20_000 : 700
                let text =
                    "mongodb://\(test.host):\(await server.port)/?tls=true&serverSelectionTimeoutMS=\(selection)&"
                    + given.joined(separator: "&").replacing("tls=false", with: "")
                let plain = test.options.contains { $0 == ("tls", "false") }
                let string = try ConnectionString(plain ? text.replacing("tls=true", with: "tls=false") : text)
                try await withDriver(DriverOptions(string)) { driver in
                    let ping = MongoOperation(MongoCommand(["ping": 1]))
                    guard let refusal = test.refusal else {
                        let reply = try await driver.run(ping)
                        #expect(reply["ok"]?.double == 1, "\(test)")
                        return
                    }
                    let error = await #expect(throws: MongoError.self, "\(test)") { try await driver.run(ping) }
                    let message = error?.message ?? ""
                    #expect(refusal.isEmpty || message.contains(refusal), "\(test): \(message)")
                }
            }
        }
    }
}
