internal import Foundation
internal import Hummingbird
internal import HummingbirdMongo
internal import NIOCore
internal import ServiceLifecycle

/// The executable: reads the environment, writes the first pages and serves until it is told to stop.
@main
struct WikiExample {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let host = environment["HOST"].flatMap { $0.isEmpty ? nil : $0 } ?? "127.0.0.1"
        let portText = environment["PORT"].flatMap { $0.isEmpty ? nil : $0 } ?? "8080"
        guard let port = Int(portText), (0...65535).contains(port) else {
            fail("PORT is '\(portText)', which is no port: give a number from 0 to 65535.")
        }
        do {
            let mongo = try await Mongo(.environment, applicationName: "wiki")
            let application = try await WikiApp.build(
                mongo: mongo, configuration: .init(address: .hostname(host, port: port), serverName: "Wiki"),
                onServerRunning: { channel in
                    let port = channel.localAddress?.port ?? port
                    print("Wiki is running at http://\(authority(host)):\(port) (database \(mongo))")
                    // Whoever waits for this line reads a pipe, which would keep it back.
                    fflush(nil)
                })
            try await application.runService()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            fail("Port \(port) of \(host) is taken by another program. Choose another one: PORT=9000.")
        } catch let error as IOError where error.errnoCode == EACCES {
            fail("This user may not listen on port \(port). Choose one above 1023: PORT=9000.")
        } catch let error as IOError where error.errnoCode == EADDRNOTAVAIL {
            fail("This machine has no address \(host): try HOST=127.0.0.1.")
        } catch is SocketAddressError.UnknownHost {
            fail("There is no host named \(host): try HOST=127.0.0.1.")
        } catch let error as MongoError {
            fail(error.message)
        } catch {
            // An error that leaves `main` would end the process with a crash report.
            fail("\(error)")
        }
    }

    /// An IPv6 address stands in brackets in URLs.
    private static func authority(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("Wiki cannot start: \(message)\n".utf8))
        exit(1)
    }
}
