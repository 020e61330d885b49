internal import MongoProtocol

extension ConnectionOptions {
    /// Checks which options go together.
    /// - Parameters:
    ///   - isSRV: Whether the hosts come from SRV records.
    ///   - hostCount: How many hosts there are; nil where they are not known yet.
    /// - Throws: ``MongoError`` of kind `usage` that says what to leave out.
    func checkRules(isSRV: Bool, hostCount: Int?) throws(MongoError) {
        for rule in Self.rules where rule.isBroken(self, isSRV, hostCount) {
            throw MongoError(.usage, "Connection string: \(rule.fault)")
        }
        try writeConcern.validate()
    }

    /// What must not be, and what is said where it is.
    private struct Rule: Sendable {
        let fault: String
        let isBroken: @Sendable (_ options: ConnectionOptions, _ isSRV: Bool, _ hostCount: Int?) -> Bool
    }

    private static let rules: [Rule] = [
        Rule(fault: "directConnection=true takes one host: name one, or leave the option out") {
            $0.directConnection == true && ($2 ?? 1) > 1
        },
        Rule(fault: "directConnection=true does not go with mongodb+srv: use mongodb:// and one host") {
            options, isSRV, _ in
            options.directConnection == true && isSRV
        },
        Rule(fault: "loadBalanced=true takes one host") { $0.loadBalanced == true && ($2 ?? 1) > 1 },
        Rule(fault: "loadBalanced=true does not go with replicaSet") { options, _, _ in
            options.loadBalanced == true && options.replicaSet != nil
        },
        Rule(fault: "loadBalanced=true does not go with directConnection=true") { options, _, _ in
            options.loadBalanced == true && options.directConnection == true
        },
        Rule(fault: "srvMaxHosts and srvServiceName need mongodb+srv:") { options, isSRV, _ in
            !isSRV && (options.srvMaxHosts != nil || options.srvServiceName != nil)
        },
        Rule(fault: "srvMaxHosts does not go with replicaSet: leave it out or make it 0") { options, _, _ in
            (options.srvMaxHosts ?? 0) > 0 && options.replicaSet != nil
        },
        Rule(fault: "srvMaxHosts does not go with loadBalanced=true: leave it out or make it 0") { options, _, _ in
            (options.srvMaxHosts ?? 0) > 0 && options.loadBalanced == true
        },
        Rule(fault: "minPoolSize is larger than maxPoolSize") { options, _, _ in
            let most = options.maxPoolSize ?? Defaults.maxPoolSize
            return most > 0 && (options.minPoolSize ?? 0) > most
        },
        Rule(fault: "readPreferenceTags and maxStalenessSeconds need a readPreference other than primary") {
            options, _, _ in
            let sets = options.readPreferenceTags ?? []
            return (options.readPreferenceMode ?? .primary) == .primary
                && (sets.contains { !$0.isEmpty } || (options.maxStalenessSeconds ?? -1) >= 0)
        },
        Rule(fault: "tlsInsecure stands for the other tlsAllow… and tlsDisable… options: leave it or them out") {
            options, _, _ in
            let tls = options.tls
            return tls.isInsecure != nil
                && (tls.allowsInvalidCertificates != nil || tls.allowsInvalidHostnames != nil
                    || tls.disablesOCSPEndpointCheck != nil || tls.disablesCertificateRevocationCheck != nil)
        },
        Rule(fault: "tlsAllowInvalidCertificates checks no revocation: leave the tlsDisable… options out") {
            options, _, _ in
            let tls = options.tls
            return tls.allowsInvalidCertificates != nil
                && (tls.disablesOCSPEndpointCheck != nil || tls.disablesCertificateRevocationCheck != nil)
        },
        Rule(fault: "tlsDisableOCSPEndpointCheck does not go with tlsDisableCertificateRevocationCheck") {
            options, _, _ in
            options.tls.disablesOCSPEndpointCheck != nil && options.tls.disablesCertificateRevocationCheck != nil
        },
        Rule(fault: "proxyPort, proxyUsername and proxyPassword need proxyHost") { options, _, _ in
            let proxy = options.proxy
            return proxy.host == nil && (proxy.port != nil || proxy.username != nil || proxy.password != nil)
        },
        Rule(fault: "proxyUsername and proxyPassword go together: give both or neither") { options, _, _ in
            (options.proxy.username == nil) != (options.proxy.password == nil)
        },
    ]
}
