internal import NIOSSL

/// How a server encrypts its connections, with MongoDB's options.
public struct ServerTLS: Sendable {
    /// Which connections are encrypted.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// None.
        case disabled
        /// Those whose clients begin with TLS.
        case allowTLS
        /// The same: the two differ in how members of a replica set talk to each other, and there is one.
        case preferTLS
        /// All; others are closed.
        case requireTLS
    }
    /// Which connections are encrypted.
    public var mode: Mode
    /// A PEM file with the server's certificate, those it comes from, and its key.
    public var certificateKeyFile: String
    /// The password of the key.
    public var certificateKeyFilePassword: String?
    /// A PEM file with the certificates that clients' certificates must come from; where nil, clients are not asked for
    /// any.
    public var caFile: String?
    /// Whether a client without a certificate is taken although there is a ``caFile``.
    public var allowsConnectionsWithoutCertificates: Bool

    /// Makes a configuration.
    public init(
        mode: Mode = .requireTLS, certificateKeyFile: String, certificateKeyFilePassword: String? = nil,
        caFile: String? = nil, allowsConnectionsWithoutCertificates: Bool = false
    ) {
        self.mode = mode
        self.certificateKeyFile = certificateKeyFile
        self.certificateKeyFilePassword = certificateKeyFilePassword
        self.caFile = caFile
        self.allowsConnectionsWithoutCertificates = allowsConnectionsWithoutCertificates
    }

    /// Reads the files.
    /// - Throws: ``ServerStartError`` that names the file which cannot be used.
    func makeContext() throws(ServerStartError) -> NIOSSLContext {
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificateKeyFile)
            guard !chain.isEmpty else { throw ServerStartError(description: "there is no certificate") }
            if let password = certificateKeyFilePassword {
                key = try NIOSSLPrivateKey(file: certificateKeyFile, format: .pem) { $0(Array(password.utf8)) }
            } else {
                key = try NIOSSLPrivateKey(file: certificateKeyFile, format: .pem)
            }
        } catch {
            throw ServerStartError(
                description: "cannot read a certificate with its key from the PEM file \(certificateKeyFile): \(error)")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        if let caFile {
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(caFile))
            } catch {
                throw ServerStartError(description: "cannot read certificates from the PEM file \(caFile): \(error)")
            }
            configuration.certificateVerification =
                allowsConnectionsWithoutCertificates ? .optionalVerification : .noHostnameVerification
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServerStartError(description: "cannot use the certificates for TLS: \(error)")
        }
    }
}
