internal import BSON
internal import MongoProtocol
internal import Tracing

/// A span around an operation with all its tries, named as OpenTelemetry names those of databases.
enum OperationSpan {
    /// Begins a span; nil where nobody has set up a tracer.
    static func begin(_ operation: MongoOperation) -> (any Span)? {
        guard !(InstrumentationSystem.tracer is NoOpTracer) else { return nil }
        let command = operation.command
        // A command's first value is the collection's name where it has one.
        let collection =
            command.name == "getMore" ? command.body["collection"]?.string : command.body[command.name]?.string
        let target = [command.database, collection].compactMap { $0 }.joined(separator: ".")
        let span = startSpan("\(command.name) \(target)", ofKind: .client)
        span.attributes["db.system.name"] = "mongodb"
        span.attributes["db.namespace"] = command.database
        span.attributes["db.operation.name"] = command.name
        if let collection { span.attributes["db.collection.name"] = collection }
        return span
    }

    /// Ends a span.
    /// - Parameter error: Why the operation failed; nil where it did not.
    static func end(_ span: (any Span)?, _ error: (any Error)? = nil) {
        guard let span else { return }
        if let error {
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error, message: (error as? MongoError)?.message))
        }
        span.end()
    }
}
