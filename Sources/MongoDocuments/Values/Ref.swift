public import BSON

/// A reference to a document of another collection, stored as its id alone.
///
/// It has no members of the document it names: nothing queries behind the reader's back.
///
/// ```swift
/// let author = try await db[Author.self].get(book.author)
/// ```
public struct Ref<Target: Document>: OrderedFieldValue, Hashable {
    /// The id of the document meant.
    public var id: Target.ID

    /// References the document with this id.
    public init(id: Target.ID) { self.id = id }

    /// References a document.
    public init(_ document: Target) { id = document.id }

    /// Reads an id.
    @inlinable
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Ref? {
        Target.ID._read(start, &reader, &context).map { Ref(id: $0) }
    }

    /// What the shortest takes.
    @inlinable public static var _room: Int { Target.ID._room }
    /// Takes an id.
    @inlinable @inline(__always)
    public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? {
        Target.ID._take(start, &reader).map { Ref(id: $0) }
    }

    /// Writes the id.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType { id._write(into: &writer) }
}
