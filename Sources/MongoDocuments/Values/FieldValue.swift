public import BSON

/// A type that a field of a ``Document()`` can have.
///
/// Numbers, strings, dates, UUIDs, `Data`, the types of BSON, references, embedded types, and optionals, arrays, sets and
/// string dictionaries of them have it. An enum with a raw value gets it by naming it:
///
/// ```swift
/// enum Genre: String, FieldValue { case novel, poetry, drama }
/// ```
///
/// The requirements are for generated code.
public protocol FieldValue: Sendable {
    /// Reads the value at `start`, of the field that the reader found; nil where it is none of this type, or problems
    /// were added to the context.
    static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Self?
    /// How many bytes the values have at least that ``_take(_:_:)`` takes; zero where it takes none.
    static var _room: Int { get }
    /// Takes the value at `start`, which has that many bytes behind it, if it stands there as values of this type are written;
    /// nil where ``_read(_:_:_:)`` has to look. It is compiled into each field's code, so it is little.
    static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self?
    /// Writes the value's bytes and returns its type byte.
    func _write(into writer: inout BSONWriter) -> BSONType
    /// What a missing field is read as; nil where it may not be missing.
    static var _missing: Self? { get }
    /// Whether the field is left out when it is written.
    var _isMissing: Bool { get }
    /// Checks the rules of what is embedded here.
    func _check(_ name: String, _ checks: inout _FieldChecks)
    /// Collects the indexes that embedded types declare.
    static func _indexes(_ name: String, _ list: inout _IndexList)
}

extension FieldValue {
    /// Most values need a closer look.
    @inlinable public static var _room: Int { 0 }
    /// Most values need a closer look.
    @inlinable public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Self? { nil }
    /// Many values have one form.
    @inlinable @inline(__always)
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Self? {
        reader.has(_room, behind: start) ? _take(start, &reader) : nil
    }
    /// Fields are required by default.
    @inlinable public static var _missing: Self? { nil }
    /// Values are written by default.
    @inlinable public var _isMissing: Bool { false }
    /// Most values embed nothing.
    @inlinable public func _check(_ name: String, _ checks: inout _FieldChecks) {}
    /// Most values embed nothing.
    @inlinable public static func _indexes(_ name: String, _ list: inout _IndexList) {}

    /// The value as BSON.
    public var bsonValue: BSONValue {
        var writer = BSONWriter(capacity: 64)
        let mark = writer._begin("v\0")
        writer._end(mark, _write(into: &writer))
        return writer.finish()["v"] ?? .null
    }

    /// Reads a value of BSON.
    /// - Throws: ``DocumentError`` where it is none of this type.
    public init(bsonValue: BSONValue) throws(DocumentError) {
        let document: BSONDocument = ["value": bsonValue]
        var context = _ReadContext(document)
        var reader = _BSONFieldReader(document._rawValue)
        let value = context.field("value\0", Self.self, &reader)
        withExtendedLifetime(document) {}
        guard let value else { throw context.error("\(Self.self)") }
        self = value
    }
}

/// What `<`, `<=`, `>` and `>=` compare in a filter.
public protocol OrderedFieldValue: FieldValue {}

/// What `increment(by:)` and `multiply(by:)` take.
public protocol NumericFieldValue: OrderedFieldValue {}

/// What `contains`, `hasPrefix` and `matches` look into.
public protocol TextFieldValue: OrderedFieldValue {}

/// Arrays and sets, optional ones too: what `contains` and `push` work on.
public protocol ArrayFieldValue: FieldValue {
    /// The type of the elements.
    associatedtype FieldElement: FieldValue
}

/// Dictionaries, optional ones too: what a subscript by key works on.
public protocol DictionaryFieldValue: FieldValue {
    /// The type of the values.
    associatedtype FieldElement: FieldValue
}

/// Optionals: what `unset()` works on.
public protocol OptionalFieldValue: FieldValue {}

extension BSONWriter {
    /// Writes a field of generated code; the key ends with a zero byte.
    @inlinable
    public mutating func _field<Value: FieldValue>(_ key: StaticString, _ value: Value) {
        guard !value._isMissing else { return }
        let mark = _begin(key)
        _end(mark, value._write(into: &self))
    }
}
