import Hummingbird
import HummingbirdMongo
import HummingbirdTesting

/// Runs requests against routes on a database in memory.
func withRoutes(
    _ add: (Router<BasicRequestContext>, Mongo) -> Void,
    _ test: @escaping @Sendable (any TestClientProtocol, Mongo) async throws -> Void
) async throws {
    let mongo = try await Mongo(uri: "embedded::memory:", databaseName: "test")
    let router = Router(options: .autoGenerateHeadEndpoints)
    add(router, mongo)
    try await Application(router: router, services: [mongo]).test(.router) { try await test($0, mongo) }
}
