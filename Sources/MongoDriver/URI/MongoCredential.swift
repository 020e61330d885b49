/// A way to log in, by its name on the wire.
public enum AuthMechanism: String, Sendable, Hashable, CaseIterable {
    case scramSHA1 = "SCRAM-SHA-1"
    case scramSHA256 = "SCRAM-SHA-256"
    case x509 = "MONGODB-X509"
    case plain = "PLAIN"
    case gssapi = "GSSAPI"
    case aws = "MONGODB-AWS"
    case oidc = "MONGODB-OIDC"
}

/// Who logs in, and how: a connection string's user, `authSource` and `authMechanism` put together by the rules of the
/// driver specification "Authentication".
public struct MongoCredential: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The user; nil where the mechanism finds it elsewhere, as in a certificate.
    public var username: String?
    /// The password.
    public var password: String?
    /// The database the user was made in, `$external` for users that the server does not keep itself.
    public var source: String
    /// The mechanism; nil for the better SCRAM that the server offers for the user.
    public var mechanism: AuthMechanism?
    /// What the mechanism needs beside.
    public var mechanismProperties: [String: String]

    /// Makes a credential.
    public init(
        username: String?, password: String?, source: String = "admin", mechanism: AuthMechanism? = nil,
        mechanismProperties: [String: String] = [:]
    ) {
        self.username = username
        self.password = password
        self.source = source
        self.mechanism = mechanism
        self.mechanismProperties = mechanismProperties
    }

    /// Who logs in, and never the password nor any token.
    public var description: String {
        "\(username ?? "?")@\(source)\(mechanism.map { " (\($0.rawValue))" } ?? "")"
    }

    /// Shows what the description shows: `dump` of a credential has no secrets either.
    public var customMirror: Mirror { Mirror(self, children: ["credential": description]) }
}
