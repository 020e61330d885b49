import Foundation
import Hummingbird
import HummingbirdMongo

/// The application that `bench-web` measures: what a user of Nectar would write. `MONGO_URI` says where the data is.
@main
struct WebBenchmark {
    static func main() async throws {
        let mongo = try await Mongo(.environment)
        let router = Router()
        router.get("books/{id}") { _, context in
            try await mongo.db["books"].findOneOr404(context.objectID("id"))
        }
        router.get("books") { _, _ in
            mongo.db["books"].find().sort(["year": 1]).limit(100)
        }
        router.get("files/**") { request, context in
            try await mongo.sendFile(context.parameters.getCatchAll().joined(separator: "/"), for: request)
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), services: [mongo],
            onServerRunning: { channel in
                print("listening on 127.0.0.1:\(channel.localAddress?.port ?? 0)")
                fflush(nil)
            })
        try await application.runService()
    }
}
