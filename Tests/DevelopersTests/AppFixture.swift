import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdMongo
import HummingbirdTesting
import NIOCore
import SQLTables
import Testing

@testable import DevelopersExample

/// An answer, read.
struct Answer {
    let status: Int
    let headers: HTTPFields
    let text: String
    /// The body as a document; empty where it is none.
    var body: BSONDocument { (try? BSONDocument(json: Array(text.utf8))) ?? [:] }
    var data: BSONValue? { body["data"] }
    var rows: [BSONDocument] { data?.array?.compactMap(\.document) ?? [] }
    var error: BSONDocument { body["error"]?.document ?? [:] }
    var code: String { error["code"]?.string ?? "" }
    /// The names of the fields that a problem names.
    var fields: [String] { error["fields"]?.document?.keys ?? [] }
}

/// The application on databases in memory, and a client of it.
struct Client: Sendable {
    let app: App
    let http: any TestClientProtocol

    static let developer = #"{"first_name": "Ada", "last_name": "Lovelace", "expert": "Analysis"}"#

    /// Sends a request. A body is JSON unless a type is given.
    func callAsFunction(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, type: String? = "application/json",
        headers: HTTPFields = [:], bytes: [UInt8]? = nil
    ) async throws -> Answer {
        var headers = headers
        let buffer = bytes.map { ByteBuffer(bytes: $0) } ?? body.map { ByteBuffer(string: $0) }
        if buffer != nil, let type { headers[.contentType] = type }
        return try await http.execute(uri: path, method: method, headers: headers, body: buffer) { response in
            Answer(
                status: response.status.code, headers: response.headers, text: String(buffer: response.body))
        }
    }

    /// The records of the store, the newest last, once all are written.
    func records(_ filter: BSONDocument = [:]) async throws -> [BSONDocument] {
        await app.logs.flush()
        return try await app.logs.collection.find(filter).sort(["_id": 1]).toArray()
    }
}

/// Runs a test against the application.
func withApp(
    sql: String = "sqlite::memory:", mongo uri: String = "embedded::memory:", legacy: Bool = false,
    options: MongoLogs.Options = .init(), busyTimeout: Duration = .seconds(5),
    _ test: @escaping @Sendable (Client) async throws -> Void
) async throws {
    // Beside all other tests each step may take long.
    var patient = SQLEngineOptions()
    patient.poolTimeout = .seconds(120)
    patient.busyTimeout = busyTimeout
    let engine = try SQLEngine(sql, options: patient)
    defer { engine.close() }
    let mongo = try await Mongo(uri: uri, databaseName: "developers")
    let app = App(engine: engine, mongo: mongo, legacy: legacy, logOptions: options)
    try await app.application(.init()).test(.router) { try await test(Client(app: app, http: $0)) }
}
