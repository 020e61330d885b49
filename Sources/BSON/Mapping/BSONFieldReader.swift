/// Reads a document's fields by name for code that macros generate.
///
/// It expects the fields in the order they are asked for, and then finds each with one comparison; a field that stands
/// elsewhere is looked for, so any order works. Missing fields leave the place as it is. Bounds are checked on each step.
public struct _BSONFieldReader {
    @usableFromInline let first: UnsafeRawPointer
    @usableFromInline var cursor: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer

    /// Reads an embedded document or array, which must outlive the reader.
    @inlinable
    public init(_ value: RawValue) {
        let usable = max(value.count - 1, 0)
        first = value.base + min(4, usable)
        cursor = first
        end = value.base + usable
    }

    /// The value of a field, nil where the document has none.
    /// - Parameter key: The name with its zero byte, so that one comparison sees the end of both.
    @inlinable
    public mutating func next(_ key: StaticString) -> RawValue? {
        let length = key.utf8CodeUnitCount
        guard end - cursor > length, Self.equal(cursor + 1, UnsafeRawPointer(key.utf8Start), length) else {
            return search(UnsafeRawPointer(key.utf8Start), length - 1)
        }
        return take(cursor + 1 + length)
    }

    /// The next element of an array.
    @inlinable
    public mutating func nextElement() -> RawValue? {
        guard cursor < end, let length = ZeroScan.length(cursor + 1, limit: end - cursor - 1) else { return nil }
        return take(cursor + 2 + length)
    }

    /// The next field with its name.
    @inlinable
    public mutating func nextNamed() -> (key: String, value: RawValue)? {
        nextField().map { (_ShortText.string($0.key), $0.value) }
    }

    @usableFromInline
    mutating func nextField() -> (key: UnsafeRawBufferPointer, value: RawValue)? {
        guard cursor < end, let length = ZeroScan.length(cursor + 1, limit: end - cursor - 1) else { return nil }
        let key = UnsafeRawBufferPointer(start: cursor + 1, count: length)
        return take(cursor + 2 + length).map { (key, $0) }
    }

    /// Takes the value at `start`, whose type stands at the cursor, and goes behind it.
    @usableFromInline
    mutating func take(_ start: UnsafeRawPointer) -> RawValue? {
        guard let value = RawValue.read(cursor.load(as: UInt8.self), start, limit: end - start) else { return nil }
        cursor = start + value.count
        return value
    }

    /// Whether two runs of bytes are the same. The length is known where this is compiled in, so it unrolls.
    @inlinable
    static func equal(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
        var index = 0
        while count &- index >= 8 {
            guard
                a.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    == b.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            else { return false }
            index &+= 8
        }
        while index < count {
            guard a.load(fromByteOffset: index, as: UInt8.self) == b.load(fromByteOffset: index, as: UInt8.self)
            else { return false }
            index &+= 1
        }
        return true
    }

    /// Looks for a field behind the cursor, then before it. The cursor moves only where it is found.
    @usableFromInline
    mutating func search(_ key: UnsafeRawPointer, _ count: Int) -> RawValue? {
        let start = cursor
        while let field = nextField() {
            if field.key.count == count, let base = field.key.baseAddress, Self.equal(base, key, count) {
                return field.value
            }
        }
        cursor = first
        while cursor < start, let field = nextField() {
            if field.key.count == count, let base = field.key.baseAddress, Self.equal(base, key, count) {
                return field.value
            }
        }
        cursor = start
        return nil
    }
}

extension BSONDocument {
    /// The document as a value in place, for code that macros generate: valid as long as the document is kept.
    public var _rawValue: RawValue { withRaw { $0.value(.document) } }

    /// The document or array at `value`: a slice of this one where it lies within its memory, or a copy.
    package func slice(_ value: RawValue) -> BSONDocument { BSONDocument(value.document, owner: buffer) }
}
