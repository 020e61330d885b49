// swift-tools-version:6.1
import CompilerPluginSupport
import PackageDescription

/// The language switches every target shares: they make a module's edges visible.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Where users call: what awaits runs on the caller's executor, so that a point read never changes threads.
let onCallersExecutor: [SwiftSetting] = strict + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

let package = Package(
    name: "nectar",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "BSON", targets: ["BSON"]),
        .library(name: "Nectar", targets: ["Nectar"]),
        .library(name: "MongoDocuments", targets: ["MongoDocuments"]),
        .library(name: "HummingbirdMongo", targets: ["HummingbirdMongo"]),
        .library(name: "MongoServer", targets: ["MongoServer"]),
        .library(name: "SQLTables", targets: ["SQLTables"]),
        .library(name: "SQLRows", targets: ["SQLRows"]),
        .executable(name: "nectar", targets: ["NectarCommand"]),
    ],
    traits: [
        .trait(name: "Embedded", description: "The MongoDB-compatible engine in process, on SQLite."),
        .trait(name: "MariaDB", description: "MySQL and MariaDB for SQLTables, by libmariadb."),
        .default(enabledTraits: ["Embedded", "MariaDB"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-syntax", from: "603.0.1"),
    ],
    targets: [
        // Lowest first: a module imports only what stands above its own line here.
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(
            name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"]), .brew(["pcre2"])]),
        .systemLibrary(
            name: "CMariaDB", pkgConfig: "libmariadb",
            providers: [.apt(["libmariadb-dev"]), .brew(["mariadb-connector-c"])]),
        .systemLibrary(name: "CResolv"),
        .systemLibrary(name: "CSocket"),
        .target(name: "BSON", swiftSettings: strict),
        .target(name: "MultipartForms", swiftSettings: strict),
        .target(
            name: "MongoProtocol", dependencies: ["BSON", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(
            name: "MongoEngine",
            dependencies: [
                "BSON", "MongoProtocol", "CSQLite", "CPCRE2",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "MongoDriver",
            dependencies: [
                "BSON", "MongoProtocol", "CResolv", "CSocket",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict),
        .target(
            name: "MongoServer",
            dependencies: [
                "BSON", "MongoProtocol",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "Nectar",
            dependencies: [
                "BSON", "MongoDriver", "MongoProtocol",
                .target(name: "MongoEngine", condition: .when(traits: ["Embedded"])),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: onCallersExecutor),
        .target(
            name: "SQLTables",
            dependencies: [
                "CSQLite", .target(name: "CMariaDB", condition: .when(traits: ["MariaDB"])),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: onCallersExecutor),
        .macro(
            name: "MongoDocumentsMacros",
            dependencies: [
                .product(name: "SwiftCompilerPlugin", package: "swift-syntax"),
                .product(name: "SwiftDiagnostics", package: "swift-syntax"),
                .product(name: "SwiftParser", package: "swift-syntax"),
                .product(name: "SwiftSyntax", package: "swift-syntax"),
                .product(name: "SwiftSyntaxBuilder", package: "swift-syntax"),
                .product(name: "SwiftSyntaxMacros", package: "swift-syntax"),
            ],
            swiftSettings: strict),
        .target(
            name: "MongoDocuments", dependencies: ["BSON", "MongoProtocol", "Nectar", "MongoDocumentsMacros"],
            swiftSettings: onCallersExecutor),
        // Apart from SQLTables, whose users would otherwise all build the plugin.
        .target(name: "SQLRows", dependencies: ["SQLTables", "MongoDocumentsMacros"], swiftSettings: strict),
        .target(
            name: "HummingbirdMongo",
            dependencies: [
                "BSON", "MongoDocuments", "MongoProtocol", "MultipartForms", "Nectar",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "NectarCommand",
            dependencies: [
                "BSON", "MongoEngine", "MongoProtocol", "MongoServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        // What the examples share: how they start, and what their pages need.
        .target(
            name: "ExampleSupport",
            dependencies: [
                "HummingbirdMongo",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Examples/Support",
            swiftSettings: strict),
        .executableTarget(
            name: "LibraryExample",
            dependencies: [
                "ExampleSupport", "HummingbirdMongo",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Examples/Library",
            resources: [.copy("Templates"), .copy("Static"), .copy("Seed")],
            swiftSettings: strict),
        .executableTarget(
            name: "DevelopersExample",
            dependencies: [
                "ExampleSupport", "HummingbirdMongo", "SQLTables",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Examples/Developers",
            resources: [.copy("Page")],
            swiftSettings: strict),
        .executableTarget(
            name: "WikiExample",
            dependencies: [
                "ExampleSupport", "HummingbirdMongo",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Examples/Wiki",
            resources: [.copy("Templates"), .copy("Static")],
            swiftSettings: strict),
        // Not a test: runs our executables in processes of their own, for the tests below.
        .target(name: "ProcessHarness", path: "Tests/ProcessHarness", swiftSettings: strict),
        // The deployments that every suite of the client's runs on.
        .target(
            name: "ClientFixture", dependencies: ["Nectar", "FaultHarness", "MongoProtocol"],
            path: "Tests/ClientFixture", swiftSettings: strict),
        // A driver under a failing network, for the tests and, by itself, for the thread sanitizer.
        .target(
            name: "FaultHarness",
            dependencies: [
                "MongoDriver", "MongoEngine", "MongoProtocol", "MongoServer", "BSON",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/FaultHarness", swiftSettings: strict),
        .executableTarget(
            name: "FaultRounds", dependencies: ["FaultHarness"], path: "Tests/FaultRounds", swiftSettings: strict),
        // Not a test: a MariaDB server of the tests' own.
        .target(
            name: "MariaDBHarness", dependencies: ["SQLTables", "ProcessHarness"], path: "Tests/MariaDBHarness",
            swiftSettings: strict),
        // Not a test: the compiler on small files, for the tests of macros.
        .target(
            name: "CompilerHarness", dependencies: ["ProcessHarness"], path: "Tests/CompilerHarness",
            swiftSettings: strict),
        // What the runners of the public specifications share.
        .target(name: "SpecSupport", dependencies: ["BSON"], path: "Tests/SpecSupport", swiftSettings: strict),
        .testTarget(name: "MultipartFormsTests", dependencies: ["MultipartForms"], swiftSettings: strict),
        .testTarget(name: "BSONTests", dependencies: ["BSON", "SpecSupport"], swiftSettings: strict),
        .testTarget(name: "MongoProtocolTests", dependencies: ["MongoProtocol", "BSON"], swiftSettings: strict),
        .testTarget(
            name: "MongoEngineTests", dependencies: ["MongoEngine", "MongoProtocol", "BSON", "CSQLite"],
            swiftSettings: strict),
        .testTarget(
            name: "MongoServerTests",
            dependencies: [
                "MongoServer", "MongoEngine", "MongoProtocol", "BSON", "Nectar", "NectarCommand", "ProcessHarness",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "MongoDriverTests",
            dependencies: [
                "MongoDriver", "MongoEngine", "MongoProtocol", "MongoServer", "BSON", "FaultHarness", "ProcessHarness",
                "SpecSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "NectarTests",
            dependencies: [
                "Nectar", "BSON", "ClientFixture", "FaultHarness", "MongoDriver", "MongoEngine", "MongoProtocol",
                "MongoServer",
                "SpecSupport",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "MongoDocumentsTests",
            dependencies: [
                "MongoDocuments", "Nectar", "BSON", "ClientFixture", "CompilerHarness", "MongoProtocol",
            ],
            swiftSettings: strict),
        .testTarget(name: "SQLTablesTests", dependencies: ["SQLTables", "MariaDBHarness"], swiftSettings: strict),
        .testTarget(
            name: "SQLRowsTests", dependencies: ["SQLRows", "SQLTables", "CompilerHarness"], swiftSettings: strict),
        .testTarget(
            name: "DevelopersTests",
            dependencies: [
                "DevelopersExample", "HummingbirdMongo", "MariaDBHarness", "ProcessHarness", "SQLTables",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HummingbirdMongoTests",
            dependencies: [
                "HummingbirdMongo", "Nectar", "MongoProtocol", "ClientFixture", "CompilerHarness", "LibraryExample",
                "WikiExample", "ProcessHarness",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
    ]
)
