public import BSON

/// Takes the value that a field has where it is not stored: only the code that the macro writes knows it, and tells it
/// where it reads a document without the field.
@usableFromInline
final class WantedDefault {
    private let name: String
    /// The value; nil for a field without a default.
    private(set) var value: BSONValue?

    init(_ name: String) { self.name = name }

    @usableFromInline
    func note(_ key: StaticString, _ value: some FieldValue) {
        let key = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount - 1)
        if self.value == nil, key.elementsEqual(name.utf8) { self.value = value.bsonValue }
    }
}

extension Embedded {
    /// The value that a field of this type has where it is not stored; nil for one without a default.
    static func defaultValue(of name: String) -> BSONValue? {
        let empty = BSONDocument()
        let wanted = WantedDefault(name)
        var context = _ReadContext(empty, for: wanted)
        var reader = _BSONFieldReader(empty._rawValue)
        // Where other fields are required this throws, behind the one that is asked for or before it.
        _ = try? Self(&reader, &context)
        withExtendedLifetime(empty) {}
        return wanted.value
    }
}

extension _BSONFieldReader {
    /// Takes the value of the next field where the field has this name and the value stands as it is mostly written.
    @inlinable @inline(__always)
    mutating func takeNext<Value: FieldValue>(_ key: StaticString) -> Value? {
        let field = _place
        guard Value._room > 0, let start = next(key, room: Value._room) else { return nil }
        if let value = Value._take(start, &self) { return value }
        _goBack(to: field)
        return nil
    }
}

/// What the reading of one document gathers: all that is wrong with it, for one error.
public struct _ReadContext: ~Copyable {
    /// The memory of the document that is read, which the caller keeps: documents within are slices of it. Counting a
    /// reference would cost as much as reading several fields.
    private let owner: Unmanaged<BSONBuffer>
    /// What was found wrong so far.
    public private(set) var problems: [FieldProblem] = []

    /// Whether something was read whose bytes only a check of the whole document vouches for.
    @usableFromInline var tookUnseen = false
    /// The field whose default value is asked for, if one is.
    @usableFromInline let wanted: WantedDefault?

    /// Begins to read a document, which must outlive the context.
    public init(_ document: borrowing BSONDocument) {
        owner = .passUnretained(document.buffer)
        wanted = nil
    }

    /// Begins to read a document, which must outlive the context, for the default value of a field.
    init(_ document: borrowing BSONDocument, for wanted: WantedDefault) {
        owner = .passUnretained(document.buffer)
        self.wanted = wanted
    }

    /// Reads a field that generated code asks for. The key ends with a zero byte.
    @inlinable @inline(__always)
    public mutating func field<Value: FieldValue>(
        _ key: StaticString, _ type: Value.Type, _ reader: inout _BSONFieldReader
    ) -> Value? {
        guard Value._room > 0 else { return find(key, &reader) }
        return reader.takeNext(key) ?? findApart(key, &reader)
    }

    /// Does what `find` does, out of the way: most fields are the next.
    @inlinable @inline(never)
    mutating func findApart<Value: FieldValue>(_ key: StaticString, _ reader: inout _BSONFieldReader) -> Value? {
        find(key, &reader)
    }

    @inlinable @inline(__always)
    mutating func find<Value: FieldValue>(_ key: StaticString, _ reader: inout _BSONFieldReader) -> Value? {
        guard let start = reader.find(key) else {
            if let missing = Value._missing { return missing }
            add(missing: key)
            return nil
        }
        return value(start, &reader)
    }

    /// Reads a field that has a default value.
    @inlinable @inline(__always)
    public mutating func field<Value: FieldValue>(
        _ key: StaticString, _ type: Value.Type, _ reader: inout _BSONFieldReader,
        default missing: @autoclosure () -> Value
    ) -> Value? {
        if let value: Value = reader.takeNext(key) { return value }
        guard let start = reader.find(key) else {
            let value = missing()
            if let wanted { wanted.note(key, value) }
            return value
        }
        return value(start, &reader)
    }

    @inlinable @inline(__always)
    mutating func value<Value: FieldValue>(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader
    ) -> Value? {
        // The place of the problems from within this field: they get this field's name in front.
        let before = problems.count
        let field = reader._place
        if let value = Value._read(start, &reader, &self) { return value }
        fail(Value.self, start, field, &reader, since: before)
        return nil
    }

    /// Takes leave of the reader of something embedded.
    @inlinable @inline(__always)
    public mutating func _end(_ reader: borrowing _BSONFieldReader) {
        if !reader._holdsTogether { tookUnseen = true }
    }

    @usableFromInline @inline(never)
    mutating func add(missing key: StaticString) {
        let name = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount - 1)
        problems.append(FieldProblem(path: String(decoding: name, as: UTF8.self), message: "is missing"))
    }

    /// Says what is wrong with a field, unless what it holds said so, and goes past it.
    @usableFromInline @inline(never)
    mutating func fail<Value>(
        _ type: Value.Type, _ start: UnsafeRawPointer, _ field: UnsafeRawPointer, _ reader: inout _BSONFieldReader,
        since before: Int
    ) {
        reader._goBack(to: field)
        let name = reader.name
        let raw = reader.skip(start)
        guard problems.count == before else {
            for index in before..<problems.count { problems[index].path = "\(name).\(problems[index].path)" }
            return
        }
        let found = raw.map { "a value of type \($0.type.alias)" } ?? "bytes"
        problems.append(FieldProblem(path: name, message: "holds \(found) that is no \(type)"))
    }

    /// The error that names all problems.
    public func error(_ type: String) -> DocumentError { DocumentError(.unreadable, type: type, problems) }

    /// A document or array within, as a slice of the document that is read.
    mutating func slice(_ raw: RawValue) -> BSONDocument {
        tookUnseen = true
        return owner._withUnsafeGuaranteedRef { BSONDocument(raw.document, owner: $0) }
    }

    /// A value within, whose documents and arrays are slices of the document that is read.
    func value(_ raw: RawValue) -> BSONValue {
        owner._withUnsafeGuaranteedRef { BSONValue(raw, owner: $0) }
    }
}
