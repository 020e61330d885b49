internal import Foundation
package import Hummingbird
package import HummingbirdMongo
package import NIOCore
internal import ServiceLifecycle

/// Starts an example: reads the environment, serves until it is told to stop, and says plainly why it cannot start.
package enum ExampleServer {
    /// Serves at `HOST` and `PORT` (127.0.0.1:8080), on the database that `MONGO_URI` and its like name.
    /// - Parameters:
    ///   - name: What the example is called; in lower case, the name of its database.
    ///   - build: Makes the application; what it is given last is to be called when the server answers.
    package static func run<App: ApplicationProtocol>(
        _ name: String,
        build:
            @Sendable (Mongo, ApplicationConfiguration, @escaping @Sendable (any Channel) async -> Void) async throws ->
            App
    ) async {
        let environment = ProcessInfo.processInfo.environment
        let host = environment["HOST"].flatMap { $0.isEmpty ? nil : $0 } ?? "127.0.0.1"
        let portText = environment["PORT"].flatMap { $0.isEmpty ? nil : $0 } ?? "8080"
        guard let port = Int(portText), (0...65535).contains(port) else {
            fail(name, "PORT is '\(portText)', which is no port: give a number from 0 to 65535.")
        }
        do {
            let mongo = try await Mongo(.environment, applicationName: name.lowercased())
            let configuration = ApplicationConfiguration(address: .hostname(host, port: port), serverName: name)
            let application = try await build(mongo, configuration) { channel in
                announce(name, host, channel.localAddress?.port ?? port, "database \(mongo)")
            }
            try await application.runService()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            fail(name, "Port \(port) of \(host) is taken by another program. Choose another one: PORT=9000.")
        } catch let error as IOError where error.errnoCode == EACCES {
            fail(name, "This user may not listen on port \(port). Choose one above 1023: PORT=9000.")
        } catch let error as IOError where error.errnoCode == EADDRNOTAVAIL {
            fail(name, "This machine has no address \(host): try HOST=127.0.0.1.")
        } catch is SocketAddressError.UnknownHost {
            fail(name, "There is no host named \(host): try HOST=127.0.0.1.")
        } catch let error as MongoError {
            fail(name, error.message)
        } catch {
            // An error that leaves `main` would end the process with a crash report.
            fail(name, "\(error)")
        }
    }

    /// Says where the server answers, to whoever waits for it.
    package static func announce(_ name: String, _ host: String, _ port: Int, _ place: String) {
        // An IPv6 address stands in brackets in URLs.
        let authority = host.contains(":") ? "[\(host)]" : host
        print("\(name) is running at http://\(authority):\(port) (\(place))")
        // Whoever waits for this line reads a pipe, which would keep it back.
        fflush(nil)
    }

    private static func fail(_ name: String, _ message: String) -> Never {
        FileHandle.standardError.write(Data("\(name) cannot start: \(message)\n".utf8))
        exit(1)
    }
}
