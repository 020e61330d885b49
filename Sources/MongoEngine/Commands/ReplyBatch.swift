internal import BSON

/// The reply of a command that gives a cursor's documents, while they come: each is copied once, from where it lies to
/// where the client reads it.
///
/// One slice of work at a time writes to it.
final class ReplyBatch: @unchecked Sendable {
    private var writer: BSONWriter?
    private let namespace: String
    /// How many documents it has.
    private(set) var count = 0
    /// The documents' bytes.
    private(set) var bytes = 0

    /// Begins a batch.
    /// - Parameter field: `firstBatch` or `nextBatch`.
    init(_ field: String, _ namespace: String) {
        self.namespace = namespace
        // Small, so that a single document makes it grow to what it needs and no more.
        var writer = BSONWriter(capacity: 256)
        writer.begin("cursor")
        writer.begin(field, .array)
        self.writer = consume writer
    }

    /// Adds a document.
    func append(_ document: RawDocument) {
        // What stands behind the documents has room too: a reply of one large document must not grow for its sake.
        writer?.reserve(document.count + namespace.utf8.count + 128)
        writer?.append(String(count), RawValue(type: .document, base: document.base, count: document.count))
        count += 1
        bytes += document.count
    }

    /// Ends the reply and gives it, once.
    /// - Parameter id: The cursor's id; 0 where there is nothing more.
    func reply(_ id: Int64) -> BSONDocument {
        guard var writer = writer.take() else { return BSONDocument() }
        writer.end()
        writer.append("id", .int64(id))
        writer.append("ns", .string(namespace))
        writer.end()
        writer.append("ok", .double(1))
        return writer.finish()
    }
}
