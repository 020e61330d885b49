/// Which of the public suites run, and why the others do not.
///
/// This is the one list of exclusions: a suite that has no row here and no runner is excluded by name all the same.
public enum SpecCatalog {
    /// The suites that have a runner. Each calls ``SpecSuite/run(_:)`` in a test of its own.
    public static let runners: Set<String> = [
        "auth", "bson-binary-vector", "bson-corpus", "connection-monitoring-and-pooling", "connection-string", "gridfs",
        "initial-dns-seedlist-discovery", "max-staleness", "read-write-concern", "server-discovery-and-monitoring",
        "server-selection", "uri-options",
    ]

    private static let unified = "needs the unified test runner"

    /// Suites without a runner, and the reason.
    public static let excludedSuites: [String: String] = [
        "causal-consistency": unified,
        "change-streams": unified,
        "client-backpressure": unified,
        "client-side-operations-timeout": unified,
        "collection-management": unified,
        "command-logging-and-monitoring": unified,
        "crud": unified,
        "load-balancers": unified,
        "mongodb-handshake": unified,
        "open-telemetry": unified,
        "retryable-reads": unified,
        "retryable-writes": unified,
        "run-command": unified,
        "sessions": unified,
        "transactions": unified,
        "transactions-convenient-api": unified,
        "unified-test-format": unified,
        "versioned-api": unified,
    ]

    /// Folders of suites that run, as `suite/folder/`, whose cases are left out, and the reason.
    static let excludedFolders: [String: String] = [
        "connection-monitoring-and-pooling/logging/": unified,
        "server-discovery-and-monitoring/unified/": unified,
        "server-selection/logging/": unified,
    ]

    /// Single cases of suites that run, as `suite/file.json: description`, and the reason.
    public static let excludedCases: [String: String] = {
        var cases = [
            // The suite has both the older rule, by which MONGODB-AWS takes a user and a password, and the newer
            // against it; drivers that keep the older one leave this case out.
            "auth/legacy/connection-string.json: should throw an exception if username and password provided "
                + "(MONGODB-AWS)": "two other cases of the file take a user and a password"
        ]
        for name in [
            "2.6.json: DeleteOne omits default write concern",
            "2.6.json: DeleteMany omits default write concern",
            "2.6.json: BulkWrite with all models omits default write concern",
            "2.6.json: InsertOne and InsertMany omit default write concern",
            "2.6.json: UpdateOne, UpdateMany, and ReplaceOne omit default write concern",
            "3.2.json: findAndModify operations omit default write concern",
            "4.2.json: Aggregate with $merge omits default write concern",
        ] {
            cases["read-write-concern/operation/default-write-concern-\(name)"] = unified
        }
        return cases
    }()

    /// Files that are no tests but what tests need.
    static func isData(_ path: String) -> Bool { path == "initial-dns-seedlist-discovery/dns-records.json" }
}
