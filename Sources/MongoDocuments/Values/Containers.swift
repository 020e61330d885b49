public import BSON

/// A missing field and a null are both read as nil; nil is written as no field, and as null within an array.
extension Optional: FieldValue where Wrapped: FieldValue {
    /// Reads null, or the value.
    @inlinable @inline(__always)
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Wrapped?? {
        if reader.takeNull(start) { return .some(.none) }
        guard let value = Wrapped._read(start, &reader, &context) else { return .none }
        return .some(.some(value))
    }

    /// What the shortest takes.
    @inlinable public static var _room: Int { Wrapped._room }
    /// Takes the value.
    @inlinable @inline(__always)
    public static func _take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader) -> Wrapped?? {
        Wrapped._take(start, &reader).map { .some($0) }
    }

    /// Writes null, or the value.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        guard let value = self else { return .null }
        return value._write(into: &writer)
    }

    /// A missing field is nil.
    @inlinable public static var _missing: Wrapped?? { .some(.none) }
    /// Nil is not written.
    @inlinable public var _isMissing: Bool { self == nil }

    /// Checks the rules of what is embedded here.
    @inlinable
    public func _check(_ name: String, _ checks: inout _FieldChecks) { self?._check(name, &checks) }

    /// The indexes of the type within.
    public static func _indexes(_ name: String, _ list: inout _IndexList) { Wrapped._indexes(name, &list) }
}
extension Optional: OptionalFieldValue where Wrapped: FieldValue {}
extension Optional: OrderedFieldValue where Wrapped: OrderedFieldValue {}
extension Optional: NumericFieldValue where Wrapped: NumericFieldValue {}
extension Optional: TextFieldValue where Wrapped: TextFieldValue {}
extension Optional: ArrayFieldValue where Wrapped: ArrayFieldValue {
    /// The elements of the array within.
    public typealias FieldElement = Wrapped.FieldElement
}
extension Optional: DictionaryFieldValue where Wrapped: DictionaryFieldValue {
    /// The values of the dictionary within.
    public typealias FieldElement = Wrapped.FieldElement
}

/// Arrays are stored as arrays, and arrays of bytes as binary data.
extension Array: FieldValue, ArrayFieldValue where Element: FieldValue {
    /// The elements.
    public typealias FieldElement = Element

    /// Reads an array.
    @inlinable
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> [Element]? {
        guard let raw = reader.take(start, container: .array) else {
            // Bytes are binary data, and may be an array too.
            return Element.self == UInt8.self ? BSONBinary._read(start, &reader, &context)?.bytes as? [Element] : nil
        }
        var elements = _BSONFieldReader(raw)
        defer { context._end(elements) }
        var result: [Element] = []
        result.reserveCapacity(elements._likelyCount)
        var isComplete = true
        while let start = elements.findElement() {
            if let value: Element = context.value(start, &elements) { result.append(value) } else { isComplete = false }
        }
        return isComplete ? result : nil
    }

    /// Writes an array.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        if Element.self == UInt8.self, let bytes = self as? [UInt8] {
            return BSONBinary(bytes: bytes)._write(into: &writer)
        }
        return _writeElements(into: &writer)
    }

    /// Checks the rules of the elements.
    @inlinable
    public func _check(_ name: String, _ checks: inout _FieldChecks) {
        var index = 0
        for element in self {
            element._check("\(name).\(index)", &checks)
            index += 1
        }
    }

    /// The indexes of the elements' type: MongoDB indexes each element of an array.
    public static func _indexes(_ name: String, _ list: inout _IndexList) { Element._indexes(name, &list) }
}

/// Sets are stored as arrays, in any order; equal elements are read once.
extension Set: FieldValue, ArrayFieldValue where Element: FieldValue {
    /// The elements.
    public typealias FieldElement = Element

    /// Reads an array.
    @inlinable
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> Set<Element>? {
        [Element]._read(start, &reader, &context).map { Set($0) }
    }

    /// Writes an array.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        _writeElements(into: &writer)
    }

    /// The indexes of the elements' type.
    public static func _indexes(_ name: String, _ list: inout _IndexList) { Element._indexes(name, &list) }
}

/// Dictionaries are stored as documents, in the order of their keys.
extension Dictionary: FieldValue, DictionaryFieldValue where Key == String, Value: FieldValue {
    /// The values.
    public typealias FieldElement = Value

    /// Reads a document.
    @inlinable
    public static func _read(
        _ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, _ context: inout _ReadContext
    ) -> [String: Value]? {
        guard let raw = reader.take(start, container: .document) else { return nil }
        var fields = _BSONFieldReader(raw)
        defer { context._end(fields) }
        var result: [String: Value] = [:]
        result.reserveCapacity(fields._likelyCount)
        var isComplete = true
        while let start = fields.findNext() {
            // Nobody has seen whether the key is UTF-8.
            context.tookUnseen = true
            let key = fields.name
            if let value: Value = context.value(start, &fields) { result[key] = value } else { isComplete = false }
        }
        return isComplete ? result : nil
    }

    /// Writes a document.
    @inlinable
    public func _write(into writer: inout BSONWriter) -> BSONType {
        let mark = writer._open()
        for (key, value) in sorted(by: { $0.key < $1.key }) where !value._isMissing {
            let field = writer._begin(name: key)
            writer._end(field, value._write(into: &writer))
        }
        writer._close(mark)
        return .document
    }

    /// Checks the rules of the values.
    @inlinable
    public func _check(_ name: String, _ checks: inout _FieldChecks) {
        for (key, value) in self { value._check("\(name).\(key)", &checks) }
    }
}

extension Sequence where Element: FieldValue {
    /// Writes the elements as an array's.
    @inlinable
    func _writeElements(into writer: inout BSONWriter) -> BSONType {
        let mark = writer._open()
        var index = 0
        for element in self {
            let field = writer._begin(index: index)
            writer._end(field, element._write(into: &writer))
            index += 1
        }
        writer._close(mark)
        return .array
    }
}
