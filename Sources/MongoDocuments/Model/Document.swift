public import BSON
internal import Nectar

/// A type whose stored properties are the fields of a document: what `@Embedded` and `@Document` make of a struct.
public protocol Embedded: FieldValue, _EmbeddedContainer where _Inner == Self {
    /// The fields, for filters, updates and orders.
    associatedtype Fields: _FieldSet
    /// Reads the fields; throws where problems were added to the context. It throws, and gives no optional, so that a
    /// large value is made where it is wanted and not copied out.
    init(_ reader: inout _BSONFieldReader, _ context: inout _ReadContext) throws(_Unreadable)
    /// Writes the fields.
    func _writeFields(into writer: inout BSONWriter)
    /// Checks the rules of the fields.
    func _checkFields(_ checks: inout _FieldChecks)
    /// Collects the indexes that the fields declare.
    static func _fieldIndexes(_ list: inout _IndexList)
    /// Further problems, beyond what the rules of single fields can say; none by default.
    func additionalProblems() -> [FieldProblem]
}

/// Says that a document cannot be read, where the context has all that is wrong with it.
public struct _Unreadable: Error {
    /// Nothing beside the fact.
    @inlinable
    public init() {}
}

/// The fields of a type.
public protocol _FieldSet: Sendable {
    /// Makes the set; its members are computed.
    init()
}

extension Embedded {
    /// Reads a document.
    @inlinable
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Self? {
        guard let raw = reader.take(start, container: .document) else { return nil }
        var fields = _BSONFieldReader(raw)
        defer { context._end(fields) }
        return try? Self(&fields, &context)
    }

    /// Writes a document.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        let mark = writer._open()
        _writeFields(into: &writer)
        writer._close(mark)
        return .document
    }

    /// Checks the rules of the fields.
    public func _check(_ name: String, _ checks: inout _FieldChecks) {
        checks.within(name) { checks in
            _checkFields(&checks)
            checks.add(additionalProblems())
        }
    }

    /// Collects the indexes that the fields declare.
    public static func _indexes(_ name: String, _ list: inout _IndexList) {
        list.within(name, Self.self) { _fieldIndexes(&$0) }
    }

    /// Nothing beyond the rules of the fields.
    public func additionalProblems() -> [FieldProblem] { [] }

    /// Reads a document. Fields that the type does not have are passed over.
    /// - Throws: ``DocumentError`` that names all fields that are missing or hold another type.
    @inlinable
    public init(decoding document: BSONDocument) throws(DocumentError) {
        var context = _ReadContext(document)
        var reader = _BSONFieldReader(document._rawValue)
        defer { withExtendedLifetime(document) {} }
        do {
            try self.init(&reader, &context)
        } catch {
            throw context.error("\(Self.self)")
        }
    }

    /// Reads a document whose bytes nobody has checked, and checks them in the same pass.
    ///
    /// What the fields take is looked at as it is taken; what they leave is known to have its place, and no more. Only where
    /// the fields take whole documents, or where something is wrong, is the document walked once more.
    /// - Throws: ``DocumentError`` as ``init(decoding:)``; `MongoError` of kind `corruptData` where the bytes are no BSON.
    @inlinable
    public init(_checking document: BSONDocument) throws {
        var context = _ReadContext(document)
        var reader = _BSONFieldReader(document._rawValue)
        defer { withExtendedLifetime(document) {} }
        do {
            try self.init(&reader, &context)
        } catch {
            try _checkBytes(document)
            throw context.error("\(Self.self)")
        }
        if context.tookUnseen || !reader._holdsTogether { try _checkBytes(document) }
    }

    /// Checks the rules of all fields, those of embedded types too.
    /// - Throws: ``DocumentError`` that names all fields that break one.
    public func validate() throws(DocumentError) {
        var checks = _FieldChecks()
        _checkFields(&checks)
        checks.add(additionalProblems())
        guard checks.problems.isEmpty else { throw DocumentError(.invalid, type: "\(Self.self)", checks.problems) }
    }
}

/// - Throws: `MongoError` of kind `corruptData` where a document's bytes are no BSON.
@usableFromInline
func _checkBytes(_ document: BSONDocument) throws { try document.checkBytes() }

extension BSONDocument {
    /// The document that holds the fields of a value.
    @inlinable
    public init(encoding value: some Embedded) {
        var writer = BSONWriter(capacity: 512)
        value._writeFields(into: &writer)
        self = writer.finish()
    }
}

/// A type that is a collection: what `@Document` makes of a struct.
public protocol Document: Embedded, Identifiable where ID: DocumentID {
    /// The name of the collection.
    static var collectionName: String { get }
    /// Indexes that no single field can declare, such as compound ones; none by default.
    static var additionalIndexes: [DocumentIndex] { get }
}

extension Document {
    /// Only the indexes that fields declare.
    public static var additionalIndexes: [DocumentIndex] { [] }

    /// All indexes that the type declares, in the order of its fields.
    public static var indexes: [DocumentIndex] {
        var list = _IndexList()
        _fieldIndexes(&list)
        return list.indexes + additionalIndexes
    }
}

/// What embeds a type: the type itself, optionals and arrays of it. Fields reach through it.
public protocol _EmbeddedContainer: FieldValue {
    /// The type whose fields can be reached.
    associatedtype _Inner: Embedded
}
extension Optional: _EmbeddedContainer where Wrapped: _EmbeddedContainer {
    /// What the optional embeds.
    public typealias _Inner = Wrapped._Inner
}
extension Array: _EmbeddedContainer where Element: _EmbeddedContainer {
    /// What the array embeds.
    public typealias _Inner = Element._Inner
}
