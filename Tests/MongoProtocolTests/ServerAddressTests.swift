import MongoProtocol
import Testing

@Suite("Server addresses")
struct ServerAddressTests {
    @Test("An address reads as people write it, in lower case, and IPv6 in brackets")
    func text() {
        #expect(ServerAddress(host: "DB.Example", port: 27018).description == "db.example:27018")
        #expect(ServerAddress(host: "::1").description == "[::1]:27017")
        #expect(ServerAddress(socketPath: "/tmp/Mongo.sock").description == "/tmp/Mongo.sock")
    }
}
