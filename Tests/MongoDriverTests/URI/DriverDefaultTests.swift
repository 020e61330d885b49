import MongoDriver
import MongoProtocol
import Testing

@Suite("The driver's defaults")
struct DriverDefaultTests {
    @Test("A connection string that says nothing has the limits that Docs/configuration.md names")
    func limits() throws {
        let options = try DriverOptions(ConnectionString("mongodb://h"))
        #expect(options.seeds.map(\.description) == ["h:27017"])
        #expect(options.pool.maxPoolSize == 100)
        #expect(options.connectTimeout == .milliseconds(10_000))
        #expect(options.serverSelectionTimeout == .milliseconds(30_000))
        #expect(options.socketTimeout == nil && options.replicaSet == nil && options.credential == nil)
    }
}
