// swift-tools-version:6.1
import PackageDescription

// A package of its own, so that what only measurements need never reaches users.
let package = Package(
    name: "nectar-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "nectar", path: ".."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .systemLibrary(name: "CBareSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .executableTarget(
            name: "NectarBenchmarks",
            dependencies: [.product(name: "Nectar", package: "nectar"), "CBareSQLite"],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        // What the two comparisons with libbson, PyMongo and Foundation share.
        .target(
            name: "BenchmarkSupport", resources: [.copy("pymongo_peer.py")],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .systemLibrary(name: "CLibBSON", pkgConfig: "libbson-1.0", providers: [.apt(["libbson-dev"])]),
        .target(name: "CLibBSONPeer", dependencies: ["CLibBSON"]),
        .executableTarget(
            name: "BSONBenchmarks",
            dependencies: [.product(name: "BSON", package: "nectar"), "BenchmarkSupport", "CLibBSONPeer"],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .target(name: "CDocumentsPeer", dependencies: ["CLibBSON"]),
        .executableTarget(
            name: "DocumentsBenchmarks",
            dependencies: [
                .product(name: "MongoDocuments", package: "nectar"), "BenchmarkSupport", "CDocumentsPeer",
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .systemLibrary(name: "CLibMongoC", pkgConfig: "libmongoc-1.0", providers: [.apt(["libmongoc-dev"])]),
        .target(name: "CLibMongoCPeer", dependencies: ["CLibMongoC"]),
        .executableTarget(
            name: "DriverBenchmarks",
            dependencies: [.product(name: "MongoDocuments", package: "nectar"), "BenchmarkSupport", "CLibMongoCPeer"],
            exclude: ["go_peer.go"],
            resources: [.copy("pymongo_peer.py")],
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            ]),
        .executableTarget(
            name: "SQLBenchmarks",
            dependencies: [
                .product(name: "SQLTables", package: "nectar"), .product(name: "SQLRows", package: "nectar"),
            ],
            exclude: ["sqlalchemy_peer.py"],
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("NonisolatedNonsendingByDefault")]),
        .executableTarget(
            name: "WebBenchmark",
            dependencies: [
                .product(name: "HummingbirdMongo", package: "nectar"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            exclude: ["flask_peer.py"],
            swiftSettings: [.swiftLanguageMode(.v6)]),
    ]
)
