import MongoProtocol
import NIOSSL
import Testing

@testable import MongoDriver

@Suite struct ClientTLSTests {
    private static func options(_ text: String) throws -> TLSOptions {
        try ConnectionString("mongodb://h/?\(text)").options.tls
    }

    @Test("connections are encrypted where the string says so")
    func enabled() throws {
        #expect(try ClientTLS(Self.options("tls=true")) != nil)
        #expect(try ClientTLS(Self.options("tls=false")) == nil)
        #expect(try ClientTLS(Self.options("")) == nil)
    }

    @Test("everything is checked unless the string says otherwise")
    func verification() throws {
        #expect(try ClientTLS.verification(Self.options("tls=true")) == .fullVerification)
        #expect(try ClientTLS.verification(Self.options("tlsInsecure=false")) == .fullVerification)
        #expect(try ClientTLS.verification(Self.options("tlsInsecure=true")) == .none)
        #expect(try ClientTLS.verification(Self.options("tlsAllowInvalidCertificates=true")) == .none)
        #expect(try ClientTLS.verification(Self.options("tlsAllowInvalidHostnames=true")) == .noHostnameVerification)
    }

    @Test("a file that is not there is named", arguments: ["tlsCAFile", "tlsCertificateKeyFile"])
    func missing(_ option: String) throws {
        let options = try Self.options("tls=true&\(option)=%2Fnone.pem")
        let error = #expect(throws: MongoError.self) { try ClientTLS(options) }
        #expect(error?.message.contains("/none.pem") == true && error?.message.contains(option) == true)
    }

    @Test("hosts are named to the server, addresses are not")
    func names() throws {
        let tls = try #require(try ClientTLS(Self.options("tls=true")))
        for address in ["db.example.org", "127.0.0.1", "::1"] {
            _ = try tls.handler(for: ServerAddress(host: address))
        }
    }
}
