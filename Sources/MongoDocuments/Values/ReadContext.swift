public import BSON

/// What the reading of one document gathers: all that is wrong with it, for one error.
public struct _ReadContext: ~Copyable {
    /// The document that is read: documents within are slices of it.
    package let document: BSONDocument
    /// What was found wrong so far.
    public private(set) var problems: [FieldProblem] = []

    /// Begins to read a document.
    public init(_ document: BSONDocument) { self.document = document }

    /// Reads a field that generated code asks for. The key ends with a zero byte.
    @inlinable
    public mutating func field<Value: FieldValue>(
        _ key: StaticString, _ type: Value.Type, _ reader: inout _BSONFieldReader
    ) -> Value? {
        guard let raw = reader.next(key) else {
            if let missing = Value._missing { return missing }
            add(missing: key)
            return nil
        }
        // The place of the problems from within this field: they get this field's name in front.
        let before = problems.count
        if let value = Value._read(raw, &self) { return value }
        fail(key, "\(Value.self)", raw, since: before)
        return nil
    }

    /// Reads a field that has a default value.
    @inlinable
    public mutating func field<Value: FieldValue>(
        _ key: StaticString, _ type: Value.Type, _ reader: inout _BSONFieldReader,
        default value: @autoclosure () -> Value
    ) -> Value? {
        guard let raw = reader.next(key) else { return value() }
        let before = problems.count
        if let value = Value._read(raw, &self) { return value }
        fail(key, "\(Value.self)", raw, since: before)
        return nil
    }

    /// Reads an element of an array.
    @inlinable
    public mutating func element<Value: FieldValue>(_ raw: RawValue, _ type: Value.Type, _ index: Int) -> Value? {
        let before = problems.count
        if let value = Value._read(raw, &self) { return value }
        fail(name: "\(index)", "\(Value.self)", raw, since: before)
        return nil
    }

    /// Reads a value of a dictionary.
    @inlinable
    public mutating func element<Value: FieldValue>(
        _ raw: RawValue, _ type: Value.Type, named name: String
    ) -> Value? {
        let before = problems.count
        if let value = Value._read(raw, &self) { return value }
        fail(name: name, "\(Value.self)", raw, since: before)
        return nil
    }

    @usableFromInline
    mutating func add(missing key: StaticString) {
        problems.append(FieldProblem(path: Self.name(key), message: "is missing"))
    }

    @usableFromInline
    mutating func fail(_ key: StaticString, _ type: String, _ raw: RawValue, since before: Int) {
        fail(name: Self.name(key), type, raw, since: before)
    }

    @usableFromInline
    mutating func fail(name: String, _ type: String, _ raw: RawValue, since before: Int) {
        guard problems.count == before else {
            for index in before..<problems.count { problems[index].path = "\(name).\(problems[index].path)" }
            return
        }
        let found = raw.type.alias
        problems.append(FieldProblem(path: name, message: "holds a value of type \(found) that is no \(type)"))
    }

    /// The error that names all problems.
    public func error(_ type: String) -> DocumentError { DocumentError(.unreadable, type: type, problems) }

    private static func name(_ key: StaticString) -> String {
        String(decoding: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount - 1), as: UTF8.self)
    }
}
