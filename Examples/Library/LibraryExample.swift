internal import ExampleSupport

/// The executable: reads the environment, loads the first books and serves until it is told to stop.
@main
struct LibraryExample {
    static func main() async {
        await ExampleServer.run("Library") { mongo, configuration, onServerRunning in
            try await App.build(mongo: mongo, configuration: configuration, onServerRunning: onServerRunning)
        }
    }
}
