internal import ExampleSupport

/// The executable: reads the environment, writes the first pages and serves until it is told to stop.
@main
struct WikiExample {
    static func main() async {
        await ExampleServer.run("Wiki") { mongo, configuration, onServerRunning in
            try await WikiApp.build(mongo: mongo, configuration: configuration, onServerRunning: onServerRunning)
        }
    }
}
