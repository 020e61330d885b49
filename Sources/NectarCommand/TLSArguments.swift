internal import ArgumentParser
internal import MongoServer

/// The TLS options of `nectar serve`, under MongoDB's names too.
struct TLSArguments: ParsableArguments {
    @Option(
        name: [.customLong("tls-mode"), .customLong("tlsMode")],
        help: "disabled, allowTLS, preferTLS or requireTLS (default: requireTLS where there is a certificate).")
    var mode: Mode?

    @Option(
        name: [.customLong("tls-certificate-key-file"), .customLong("tlsCertificateKeyFile")],
        help: "A PEM file with the server's certificate and its key.")
    var certificateKeyFile: String?

    @Option(
        name: [.customLong("tls-certificate-key-file-password"), .customLong("tlsCertificateKeyFilePassword")],
        help: "The password of the key.")
    var certificateKeyFilePassword: String?

    @Option(
        name: [.customLong("tls-ca-file"), .customLong("tlsCAFile")],
        help: "A PEM file with the certificates that clients' own must come from; clients then need one.")
    var caFile: String?

    @Flag(
        name: [
            .customLong("tls-allow-connections-without-certificates"),
            .customLong("tlsAllowConnectionsWithoutCertificates"),
        ],
        help: "Take clients without a certificate although there is a CA file.")
    var allowsConnectionsWithoutCertificates = false

    /// The modes, by MongoDB's names.
    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case disabled, allowTLS, preferTLS, requireTLS

        /// The same mode of the server.
        var value: ServerTLS.Mode {
            switch self {
            case .disabled: .disabled
            case .allowTLS: .allowTLS
            case .preferTLS: .preferTLS
            case .requireTLS: .requireTLS
            }
        }
    }

    func validate() throws {
        let isOn = mode != nil && mode != .disabled
        if isOn, certificateKeyFile == nil {
            throw ValidationError("--tls-mode needs --tls-certificate-key-file.")
        }
        if certificateKeyFile == nil, caFile != nil || certificateKeyFilePassword != nil {
            throw ValidationError("The TLS options need --tls-certificate-key-file.")
        }
    }

    /// What the options say; nil for no TLS.
    var configuration: ServerTLS? {
        guard let certificateKeyFile, mode != .disabled else { return nil }
        return ServerTLS(
            mode: mode?.value ?? .requireTLS, certificateKeyFile: certificateKeyFile,
            certificateKeyFilePassword: certificateKeyFilePassword, caFile: caFile,
            allowsConnectionsWithoutCertificates: allowsConnectionsWithoutCertificates)
    }
}
