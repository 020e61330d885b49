internal import ArgumentParser
internal import ExampleSupport
internal import Foundation
internal import Hummingbird
internal import HummingbirdMongo
internal import NIOCore
internal import SQLTables
internal import ServiceLifecycle

/// The executable: developers in a SQL database, their logs in MongoDB.
@main
struct DevelopersExample: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "DevelopersExample", abstract: "Developers in a SQL database, request logs in MongoDB.")

    @Option(help: "The port to listen on.") var port = 8081
    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(help: "The SQL database: sqlite:FILE, sqlite::memory: or mysql://user:password@host/database.")
    var sql = "sqlite::memory:"
    @Option(help: "The document database: embedded:FILE, embedded::memory: or mongodb://host/database.")
    var mongo = "embedded::memory:"
    @Flag(help: "Answer as the tutorial does, its faults included.") var legacy = false

    func run() async throws {
        do {
            let engine = try SQLEngine(sql)
            defer { engine.close() }
            let mongo = try await Mongo(uri: Self.impatient(self.mongo))
            let place = "\(legacy ? "legacy, " : "")\(engine), \(mongo)"
            let (host, port) = (self.host, self.port)
            let application = try await App(engine: engine, mongo: mongo, legacy: legacy).application(
                ApplicationConfiguration(address: .hostname(host, port: port), serverName: "Developers")
            ) { channel in
                ExampleServer.announce("Developers", host, channel.localAddress?.port ?? port, place)
            }
            try await application.runService()
        } catch let error as SQLError {
            throw ValidationError(error.message)
        } catch let error as MongoError {
            throw ValidationError(error.message)
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw ValidationError("Port \(port) of \(host) is taken by another program: choose another by --port.")
        }
    }

    /// A server that is away is an answer after two seconds, where the URI does not say otherwise.
    static func impatient(_ uri: String) -> String {
        guard uri.hasPrefix("mongodb"), !uri.contains("serverSelectionTimeoutMS") else { return uri }
        let option = "serverSelectionTimeoutMS=2000"
        if uri.contains("?") { return "\(uri)&\(option)" }
        let hasPath = uri.split(separator: "/", omittingEmptySubsequences: false).count > 3
        return hasPath ? "\(uri)?\(option)" : "\(uri)/?\(option)"
    }
}
