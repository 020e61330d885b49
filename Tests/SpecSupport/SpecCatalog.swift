/// Which of the public suites run, and why the others do not.
///
/// This is the one list of exclusions: a suite that has no row here and no runner is excluded by name all the same.
public enum SpecCatalog {
    /// The suites that have a runner. Each calls ``SpecSuite/run(_:)`` in a test of its own.
    public static let runners: Set<String> = ["bson-corpus"]

    private static let unified = "needs the unified test runner"
    private static let driver = "needs the driver"

    /// Suites without a runner, and the reason.
    public static let excludedSuites: [String: String] = [
        "auth": driver,
        "bson-binary-vector": "needs vectors",
        "causal-consistency": unified,
        "change-streams": unified,
        "client-backpressure": unified,
        "client-side-operations-timeout": unified,
        "collection-management": unified,
        "command-logging-and-monitoring": unified,
        "connection-monitoring-and-pooling": driver,
        "connection-string": driver,
        "crud": unified,
        "gridfs": unified,
        "initial-dns-seedlist-discovery": driver,
        "load-balancers": unified,
        "max-staleness": driver,
        "mongodb-handshake": unified,
        "open-telemetry": unified,
        "read-write-concern": driver,
        "retryable-reads": unified,
        "retryable-writes": unified,
        "run-command": unified,
        "server-discovery-and-monitoring": driver,
        "server-selection": driver,
        "sessions": unified,
        "transactions": unified,
        "transactions-convenient-api": unified,
        "unified-test-format": unified,
        "uri-options": driver,
        "versioned-api": unified,
    ]

    /// Single cases of suites that run, as `suite/file.json: description`, and the reason.
    public static let excludedCases: [String: String] = [:]

    /// Files that are no tests but what tests need.
    static func isData(_ path: String) -> Bool { path == "initial-dns-seedlist-discovery/dns-records.json" }
}
