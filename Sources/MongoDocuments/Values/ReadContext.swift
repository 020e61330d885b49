public import BSON

/// What the reading of one document gathers: all that is wrong with it, for one error.
public struct _ReadContext: ~Copyable {
    /// The memory of the document that is read, which the caller keeps: documents within are slices of it. Counting a
    /// reference would cost as much as reading several fields.
    private let owner: Unmanaged<BSONBuffer>
    /// What was found wrong so far.
    public private(set) var problems: [FieldProblem] = []

    /// Whether something was read whose bytes only a check of the whole document vouches for.
    @usableFromInline var tookUnseen = false

    /// Begins to read a document, which must outlive the context.
    public init(_ document: borrowing BSONDocument) { owner = .passUnretained(document.buffer) }

    /// Reads a field that generated code asks for. The key ends with a zero byte.
    @inlinable @inline(__always)
    public mutating func field<Value: FieldValue>(
        _ key: StaticString, _ type: Value.Type, _ reader: inout _BSONFieldReader
    ) -> Value? {
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
        guard let start = reader.find(key) else { return missing() }
        return value(start, &reader)
    }

    @inlinable @inline(__always)
    mutating func value<Value: FieldValue>(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader
    ) -> Value? {
        // The place of the problems from within this field: they get this field's name in front.
        let before = problems.count
        let field = reader
        if let value = Value._read(start, &reader, &self) { return value }
        fail(Value.self, start, field, &reader, since: before)
        return nil
    }

    /// Takes leave of the reader of something embedded.
    @inlinable @inline(__always)
    public mutating func _end(_ reader: borrowing _BSONFieldReader) {
        if !reader._holdsTogether { tookUnseen = true }
    }

    /// Reads the next element of an array.
    @inlinable @inline(__always)
    public mutating func element<Value: FieldValue>(
        _ type: Value.Type, _ reader: inout _BSONFieldReader
    ) -> Value? {
        guard let start = reader.findElement() else { return nil }
        return value(start, &reader)
    }

    /// Reads the next value of a dictionary with its key.
    @inlinable
    public mutating func named<Value: FieldValue>(
        _ type: Value.Type, _ reader: inout _BSONFieldReader
    ) -> (key: String, value: Value)? {
        guard let start = reader.findNext() else { return nil }
        tookUnseen = true
        let name = reader.name
        return value(start, &reader).map { (name, $0) }
    }

    @usableFromInline @inline(never)
    mutating func add(missing key: StaticString) {
        let name = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount - 1)
        problems.append(FieldProblem(path: String(decoding: name, as: UTF8.self), message: "is missing"))
    }

    /// Says what is wrong with a field, unless what it holds said so, and goes past it.
    @usableFromInline @inline(never)
    mutating func fail<Value>(
        _ type: Value.Type, _ start: UnsafeRawPointer, _ field: _BSONFieldReader, _ reader: inout _BSONFieldReader,
        since before: Int
    ) {
        let name = field.name
        reader = field
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
