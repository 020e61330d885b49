internal import MongoProtocol
internal import NIOSSL

/// What a client's connections need to be encrypted: the `tls…` options with their files read.
struct ClientTLS: Sendable {
    private let context: NIOSSLContext

    /// Reads the files.
    /// - Returns: nil where connections are not encrypted.
    /// - Throws: ``MongoError`` of kind `usage` that names the file which cannot be used.
    init?(_ options: TLSOptions) throws(MongoError) {
        guard options.isEnabled == true else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = Self.verification(options)
        if let file = options.caFile {
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            } catch {
                throw MongoError(.usage, "tlsCAFile: cannot read certificates from the PEM file \(file): \(error)")
            }
        }
        if let file = options.certificateKeyFile {
            do {
                let chain = try NIOSSLCertificate.fromPEMFile(file)
                configuration.certificateChain = chain.map { .certificate($0) }
                configuration.privateKey = .privateKey(try Self.key(file, options.certificateKeyFilePassword))
            } catch {
                throw MongoError(
                    .usage,
                    "tlsCertificateKeyFile: cannot read a certificate with its key from the PEM file \(file): \(error)")
            }
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw MongoError(.usage, "The tls options of the connection string cannot be used: \(error)")
        }
    }

    /// What is checked of a server's certificate.
    static func verification(_ options: TLSOptions) -> CertificateVerification {
        if options.isInsecure == true || options.allowsInvalidCertificates == true { return .none }
        return options.allowsInvalidHostnames == true ? .noHostnameVerification : .fullVerification
    }

    private static func key(_ file: String, _ password: String?) throws -> NIOSSLPrivateKey {
        guard let password else { return try NIOSSLPrivateKey(file: file, format: .pem) }
        return try NIOSSLPrivateKey(file: file, format: .pem) { $0(Array(password.utf8)) }
    }

    /// The handler that encrypts a connection; it checks the certificate against the server's name, or its address.
    /// - Throws: NIO's error where the name cannot be one of a host.
    func handler(for address: ServerAddress) throws -> NIOSSLClientHandler {
        // TLS names no addresses: where there is no name, the certificate must have the address itself.
        try NIOSSLClientHandler(context: context, serverHostname: Self.isNumeric(address) ? nil : address.host)
    }

    private static func isNumeric(_ address: ServerAddress) -> Bool {
        let parts = address.host.split(separator: ".", omittingEmptySubsequences: false)
        return address.port == nil || address.host.contains(":")
            || parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
