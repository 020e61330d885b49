internal import MongoProtocol

/// What each mechanism asks of a connection string, by the driver specification "Authentication".
struct CredentialRules {
    /// What a mechanism says of a part: it must be there, may be, or must not.
    enum Presence {
        case required, optional, forbidden
    }
    /// Whether there is a user.
    let username: Presence
    /// Whether there is a password.
    let password: Presence
    /// Whether users are kept outside of the server's databases, so that `authSource` is `$external`.
    let isExternal: Bool
    /// The properties that are known; nil for any.
    let properties: Set<String>?
    /// What else must hold: gives the fault in words that follow the mechanism's name.
    var check: @Sendable (Parts) -> String? = { _ in nil }

    /// What a mechanism judges.
    struct Parts {
        let username: String?
        let password: String?
        let properties: [String: String]
        /// Whether the properties were given in a form that could not be read, and so are not known.
        let propertiesAreUnreadable: Bool
    }

    static func rules(of mechanism: AuthMechanism?) -> CredentialRules {
        switch mechanism {
        case nil: CredentialRules(username: .required, password: .optional, isExternal: false, properties: nil)
        case .scramSHA1, .scramSHA256:
            CredentialRules(username: .required, password: .required, isExternal: false, properties: nil)
        case .plain: CredentialRules(username: .required, password: .required, isExternal: false, properties: nil)
        case .x509: CredentialRules(username: .optional, password: .forbidden, isExternal: true, properties: [])
        case .gssapi:
            CredentialRules(
                username: .required, password: .optional, isExternal: true,
                properties: ["SERVICE_NAME", "SERVICE_REALM", "SERVICE_HOST", "CANONICALIZE_HOST_NAME"],
                check: gssapiFault)
        case .aws:
            CredentialRules(
                username: .optional, password: .optional, isExternal: true, properties: ["AWS_SESSION_TOKEN"],
                check: awsFault)
        case .oidc:
            CredentialRules(
                username: .optional, password: .forbidden, isExternal: true,
                properties: ["ENVIRONMENT", "TOKEN_RESOURCE"], check: oidcFault)
        }
    }

    private static func gssapiFault(_ parts: Parts) -> String? {
        let known = ["none", "forward", "forwardAndReverse", "true", "false"]
        guard let form = parts.properties["CANONICALIZE_HOST_NAME"], !known.contains(form) else { return nil }
        return "takes none, forward or forwardAndReverse as CANONICALIZE_HOST_NAME"
    }

    private static func awsFault(_ parts: Parts) -> String? {
        if (parts.username == nil) != (parts.password == nil) { return "takes a user with a password, or neither" }
        if parts.username == nil, parts.properties["AWS_SESSION_TOKEN"] != nil {
            return "takes AWS_SESSION_TOKEN only beside a user and a password"
        }
        return nil
    }

    private static func oidcFault(_ parts: Parts) -> String? {
        // Whoever wrote the properties in a form that cannot be read has been warned of it.
        if parts.propertiesAreUnreadable { return nil }
        let takesUser: Bool
        let needsResource: Bool
        switch parts.properties["ENVIRONMENT"] {
        case "test", "k8s": (takesUser, needsResource) = (false, false)
        case "azure": (takesUser, needsResource) = (true, true)
        case "gcp": (takesUser, needsResource) = (false, true)
        default: return "needs ENVIRONMENT:test, azure, gcp or k8s in authMechanismProperties"
        }
        if needsResource, parts.properties["TOKEN_RESOURCE"] == nil { return "needs TOKEN_RESOURCE here" }
        if !needsResource, parts.properties["TOKEN_RESOURCE"] != nil { return "takes no TOKEN_RESOURCE here" }
        if !takesUser, parts.username != nil { return "takes no user here" }
        return nil
    }
}

extension MongoCredential {
    /// Puts the parts of a connection string together.
    /// - Returns: nil where nobody logs in.
    /// - Throws: ``MongoError`` of kind `usage` where the mechanism does not take the parts.
    init?(
        username: String?, password: String?, database: String?, options: ConnectionOptions,
        propertiesAreUnreadable: Bool
    ) throws(MongoError) {
        let mechanism = options.authMechanism
        let properties = options.authMechanismProperties ?? [:]
        guard username != nil || mechanism != nil else { return nil }
        let name = mechanism?.rawValue ?? "a login"
        func fault(_ text: String) -> MongoError {
            MongoError(.usage, "Connection string: \(name) \(text)")
        }
        let rules = CredentialRules.rules(of: mechanism)
        if rules.username == .required, username == nil {
            throw fault("needs a user: put user:password@ before the host")
        }
        if rules.password == .required, password == nil { throw fault("needs a password after the user and a colon") }
        if rules.password == .forbidden, password != nil { throw fault("takes no password") }
        if let known = rules.properties, let unknown = properties.keys.first(where: { !known.contains($0) }) {
            throw fault("takes no property '\(unknown)' in authMechanismProperties")
        }
        if rules.isExternal, let source = options.authSource, source != "$external" {
            throw fault("keeps its users elsewhere: leave authSource out, or make it $external")
        }
        let parts = CredentialRules.Parts(
            username: username, password: password, properties: properties,
            propertiesAreUnreadable: propertiesAreUnreadable)
        if let text = rules.check(parts) { throw fault(text) }

        let source: String
        if rules.isExternal {
            source = "$external"
        } else {
            source = options.authSource ?? database ?? (mechanism == .plain ? "$external" : "admin")
        }
        var all = properties
        if mechanism == .gssapi, all["SERVICE_NAME"] == nil { all["SERVICE_NAME"] = "mongodb" }
        self.init(
            username: username, password: password, source: source, mechanism: mechanism, mechanismProperties: all)
    }
}
