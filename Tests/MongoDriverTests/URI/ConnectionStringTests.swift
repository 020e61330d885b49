import MongoProtocol
import Testing

@testable import MongoDriver

@Suite struct ConnectionStringTests {
    static let descriptions: [(String, String)] = [
        ("mongodb://alice:s3cret@h1,h2:27018/db?w=majority", "mongodb://alice:***@h1:27017,h2:27018/db?w=majority"),
        ("mongodb://alice@h", "mongodb://alice@h:27017"),
        (
            "mongodb://h?proxyHost=p&proxyUsername=u&proxyPassword=s3cret",
            "mongodb://h:27017/?proxyHost=p&proxyUsername=u&proxyPassword=***"
        ),
        (
            "mongodb://h/?tls=true&tlsCertificateKeyFile=f.pem&tlsCertificateKeyFilePassword=s3cret",
            "mongodb://h:27017/?tls=true&tlsCertificateKeyFile=f.pem&tlsCertificateKeyFilePassword=***"
        ),
        (
            "mongodb://u:s3cret@h/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:s3cret",
            "mongodb://u:***@h:27017/?authMechanism=MONGODB-AWS&authMechanismProperties=***"
        ),
        (
            "mongodb+srv://u:s3cret@x.example.org/?readPreference=nearest&readPreferenceTags=a:b,c:d&readPreferenceTags=",
            "mongodb+srv://u:***@x.example.org/?readPreference=nearest&readPreferenceTags=a:b,c:d&readPreferenceTags="
        ),
        ("mongodb://%2Ftmp%2Fm.sock", "mongodb://%2Ftmp%2Fm.sock"),
    ]

    @Test("a description shows no secret", arguments: descriptions)
    func description(_ text: String, _ expected: String) throws {
        let parsed = try ConnectionString(text)
        #expect(parsed.description == expected)
        var dumped = ""
        dump(parsed, to: &dumped)
        #expect(!dumped.contains("s3cret") && !"\(parsed.credential.map(\.description) ?? "")".contains("s3cret"))
        #expect(!String(reflecting: parsed).contains("s3cret"))
    }

    static let refused: [(String, String)] = [
        ("mongodb://u:s3cret@x@h", "percent-encoded"),
        ("mongodb://h:99999", "1 to 65535"),
        ("mongodb://h/a/b", "database"),
        ("mongodb://h/?authMechanism=NONE", "authMechanism"),
        ("mongodb://h/?minPoolSize=5&maxPoolSize=2", "minPoolSize"),
        ("mongodb://h/?tls=true&ssl=false", "tls and ssl"),
        ("mongodb://h/?readPreferenceTags=a:b", "readPreference"),
        ("mongodb://h/?tlsInsecure=true&tlsAllowInvalidHostnames=true", "tlsInsecure"),
        ("mongodb://u:s3cret@h/?appName=%zz", "appName"),
    ]

    @Test("a string that is refused says why and shows no secret", arguments: refused)
    func refusal(_ text: String, _ reason: String) {
        let error = #expect(throws: MongoError.self) { try ConnectionString(text) }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("s3cret") == false)
    }

    @Test("warnings name the option and never its value")
    func warnings() throws {
        let parsed = try ConnectionString("mongodb://h/?nope=s3cret&maxPoolSize=s3cret&wtimeout=5&compressors=lzma")
        #expect(parsed.warnings.count == 4)
        for name in ["nope", "maxPoolSize", "wtimeout", "compressors"] {
            #expect(parsed.warnings.contains { $0.contains(name) })
        }
        #expect(!parsed.warnings.contains { $0.contains("s3cret") })
        #expect(parsed.options.maxPoolSize == nil && parsed.options.writeConcern.wTimeoutMS == 5)
    }

    @Test("options have the types they are used with")
    func options() throws {
        let text =
            "mongodb://h/?readPreference=secondary&readPreferenceTags=dc:ny,rack:1&readPreferenceTags="
            + "&maxStalenessSeconds=120&connectTimeoutMS=1500&compressors=zstd,snappy&w=2&journal=false&retryReads=false&tlsCAFile=%2Fca.pem"
        let options = try ConnectionString(text).options
        #expect(options.readPreference.mode == .secondary && options.readPreference.maxStalenessSeconds == 120)
        #expect(options.readPreference.tagSets == [["dc": "ny", "rack": "1"], [:]])
        #expect(options.connectTimeout == .milliseconds(1500))
        #expect(options.compressors == [.zstd, .snappy])
        #expect(options.writeConcern == WriteConcern(w: .members(2), journal: false))
        #expect(options.retryReads == false && options.retryWrites == nil)
        #expect(options.tls.caFile == "/ca.pem" && options.tls.isEnabled == nil)
    }

    static let domains: [(String, String, Bool)] = [
        ("a.b.example.org", "x.b.example.org", true),
        ("a.b.example.org", "X.B.Example.org.", true),
        ("a.b.example.org", "b.example.org", false),
        ("a.b.example.org", "evilb.example.org", false),
        ("a.b.example.org", "x..b.example.org", false),
        ("example.org", "db.example.org", true),
        ("example.org", "example.org", false),
        ("localhost", "db.localhost", true),
        ("localhost", "localhost", false),
        ("a.example.org", "x.org", false),
        ("a.example.org", "", false),
    ]

    @Test("a SRV record's host must be of the domain that was asked", arguments: domains)
    func domain(_ host: String, _ target: String, _ isTaken: Bool) {
        #expect(SeedlistRules.isOfSameDomain(target, host) == isTaken)
    }

    @Test("hosts are picked at random where there are more than wanted")
    func srvMaxHosts() throws {
        let records = (1...5).map { ServiceRecord(target: "h\($0).a.example.org", port: 27017) }
        var random = SystemRandomNumberGenerator()
        var seen: Set<ServerAddress> = []
        for _ in 0..<200 {
            let hosts = try SeedlistRules.hosts(records, of: "x.a.example.org", limit: 2, using: &random)
            #expect(Set(hosts).count == 2)
            seen.formUnion(hosts)
        }
        #expect(seen.count == 5)
    }

    @Test("a new look at the records keeps what is still there, and passes over other domains")
    func rescan() {
        func record(_ name: String, _ time: Int = 5) -> ServiceRecord {
            ServiceRecord(target: name, port: 27017, timeToLive: time)
        }
        func address(_ name: String) -> ServerAddress { ServerAddress(host: "\(name).a.example.org") }
        var random = SystemRandomNumberGenerator()
        let host = "x.a.example.org"
        let records = [record("h1.a.example.org"), record("h3.a.example.org"), record("h4.evil.example.org")]
        let known = [address("h1"), address("h2")]
        let all = SeedlistRules.rescan(records, of: host, known: known, limit: 0, using: &random)
        #expect(all == [address("h1"), address("h3")])
        let limited = SeedlistRules.rescan(records, of: host, known: known, limit: 1, using: &random)
        #expect(limited == [address("h1")])
        #expect(SeedlistRules.rescan([], of: host, known: known, limit: 0, using: &random) == nil)
        #expect(SeedlistRules.rescan([records[2]], of: host, known: known, limit: 0, using: &random) == nil)
        #expect(SeedlistRules.rescanInterval(records) == .seconds(60))
        #expect(SeedlistRules.rescanInterval([record("h", 90), record("h", 300)]) == .seconds(90))
    }

    @Test("any text gives an answer or an error")
    func fuzz() {
        var random = SystemRandomNumberGenerator()
        let pieces = "mongodb:// +srv a : @ / ? & = , % %2F .sock [ ] é w 0".split(separator: " ").map(String.init)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...12, using: &random)
            let text = "mongodb://" + (0..<count).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            if let parsed = try? ConnectionString(text) { #expect(!parsed.description.isEmpty) }
        }
    }
}
