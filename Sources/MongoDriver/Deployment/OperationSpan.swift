internal import BSON
internal import MongoProtocol
internal import Tracing

/// A span around an operation with all its tries, and one within for each command that is sent, with the names and
/// attributes of the driver specification "OpenTelemetry". What an operation had to wait for before it could be sent, a
/// server or a connection, has a span beside those of its commands; where nothing was waited for there is none.
///
/// A command's text is in no span: it may hold what nobody but the server is to see.
///
/// An object, so that where nobody traces, an operation carries one empty word through its tries.
final class OperationSpan: Sendable {
    private let span: any Span
    private let tracer: any Tracer
    private let collection: String?
    private let summary: String

    /// Begins a span; nil where nobody has set up a tracer.
    /// - Parameter tracer: Nil for the process's.
    init?(_ operation: MongoOperation, _ tracer: (any Tracer)?) {
        if tracer == nil, type(of: InstrumentationSystem.instrument) == NoOpInstrument.self { return nil }
        let tracer = tracer ?? InstrumentationSystem.tracer
        guard !(tracer is NoOpTracer) else { return nil }
        let command = operation.command
        switch command.name {
        case "getMore": collection = command.body["collection"]?.string
        case let name where Self.namesCollection.contains(name): collection = command.body[name]?.string
        default: collection = nil
        }
        let target = [command.database, collection].compactMap { $0 }.joined(separator: ".")
        summary = "\(command.name) \(target)"
        self.tracer = tracer
        span = tracer.startAnySpan(summary, ofKind: .client)
        Self.describe(span, command, collection)
        span.attributes["db.operation.name"] = command.name
        span.attributes["db.operation.summary"] = summary
    }

    /// The commands whose first value is the name of a collection.
    private static let namesCollection: Set<String> = [
        "find", "insert", "update", "delete", "findAndModify", "aggregate", "count", "distinct", "mapReduce", "create",
        "drop", "createIndexes", "dropIndexes", "listIndexes", "collMod", "killCursors",
    ]

    /// Begins the span of a command, within this one.
    func begin(_ command: MongoCommand, on connection: Connection, _ session: BSONDocument?) -> OperationSpan {
        let inner = tracer.startAnySpan(command.name, context: span.context, ofKind: .client)
        Self.describe(inner, command, collection)
        inner.attributes["db.command.name"] = command.name
        inner.attributes["db.query.summary"] = summary
        Self.describe(inner, connection.address)
        inner.attributes["network.transport"] = connection.address.port == nil ? "unix" : "tcp"
        inner.attributes["db.mongodb.driver_connection_id"] = connection.id
        if let id = connection.serverID { inner.attributes["db.mongodb.server_connection_id"] = id }
        if let id = session?["id"]?.binary?.bytes {
            inner.attributes["db.mongodb.lsid"] = id.map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }.joined()
        }
        if command.name == "getMore", let id = command.body["getMore"]?.int64 {
            inner.attributes["db.mongodb.cursor_id"] = id
        }
        return OperationSpan(inner, tracer, collection, summary)
    }

    /// What an operation may wait for, by the names of the spans.
    enum Wait: String {
        case serverSelection = "server selection"
        case checkOut = "connection check-out"
    }

    /// Begins the span of a wait, within this one.
    func begin(_ wait: Wait, at address: ServerAddress? = nil) -> OperationSpan {
        let inner = tracer.startAnySpan(wait.rawValue, context: span.context, ofKind: .internal)
        inner.attributes["db.system.name"] = "mongodb"
        if let address { Self.describe(inner, address) }
        return OperationSpan(inner, tracer, collection, summary)
    }

    private init(_ span: any Span, _ tracer: any Tracer, _ collection: String?, _ summary: String) {
        self.span = span
        self.tracer = tracer
        self.collection = collection
        self.summary = summary
    }

    private static func describe(_ span: any Span, _ address: ServerAddress) {
        span.attributes["server.address"] = address.host
        if let port = address.port { span.attributes["server.port"] = port }
    }

    private static func describe(_ span: any Span, _ command: MongoCommand, _ collection: String?) {
        span.attributes["db.system.name"] = "mongodb"
        span.attributes["db.namespace"] = command.database
        if let collection { span.attributes["db.collection.name"] = collection }
    }

    /// Ends the span.
    /// - Parameter error: Why it failed; nil where it did not.
    func end(_ error: (any Error)? = nil) {
        if let error {
            let known = error as? MongoError
            span.recordError(error)
            span.attributes["error.type"] = known.map { "\($0.kind)" } ?? "\(type(of: error))"
            if let code = known?.code { span.attributes["db.response.status_code"] = "\(code.rawValue)" }
            span.setStatus(SpanStatus(code: .error, message: known?.message))
        }
        span.end()
    }
}
