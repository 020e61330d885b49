/// Reads a document's fields by name for code that macros generate.
///
/// It expects the fields in the order they are asked for, and then finds each with one comparison; a field that stands
/// elsewhere is looked for, so any order works. Whoever finds a field takes its value, which moves the reader behind it.
/// Bounds are checked on each step. What every field goes through is compiled into the caller, where the names are
/// constants.
public struct _BSONFieldReader {
    /// The type byte of the field that is read next or was found.
    @usableFromInline var cursor: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer
    /// The first field that a search went past, for searches that begin again; nil where all were asked for in order.
    @usableFromInline var passed: UnsafeRawPointer?
    /// A bit for each name that fields may have from the first search on, so that most that are missing need no walk.
    @usableFromInline var names: UInt64 = 0
    /// Whether a value was taken whose contents nobody has looked at.
    @usableFromInline var tookUnseen = false

    /// Reads an embedded document or array, which must outlive the reader.
    @inlinable @inline(__always)
    public init(_ value: RawValue) {
        let usable = max(value.count &- 1, 0)
        cursor = value.base + min(4, usable)
        end = value.base + usable
    }

    /// Finds a field; the place of its value, nil where the document has no field of this name.
    /// - Parameter key: The name with its zero byte, so that one comparison sees the end of both.
    @inlinable @inline(__always)
    public mutating func find(_ key: StaticString) -> UnsafeRawPointer? {
        next(key, room: 0) ?? search(UnsafeRawPointer(key.utf8Start), key.utf8CodeUnitCount)
    }

    /// The place of the next field's value where the field has this name and `room` bytes or more are behind that place; nil
    /// else. The cursor stays. One comparison of bounds serves the name and the value.
    /// - Parameter key: The name with its zero byte.
    @inlinable @inline(__always)
    public func next(_ key: StaticString, room: Int) -> UnsafeRawPointer? {
        let length = key.utf8CodeUnitCount
        guard cursor + (1 &+ length &+ room) <= end,
            ShortBytes.equal(cursor + 1, UnsafeRawPointer(key.utf8Start), length)
        else {
            return nil
        }
        return cursor + (1 &+ length)
    }

    /// Whether so many bytes are behind a place.
    @inlinable @inline(__always)
    public func has(_ room: Int, behind start: UnsafeRawPointer) -> Bool { start + room <= end }

    /// Finds the next field, whatever its name; the place of its value.
    @inlinable @inline(__always)
    public func findNext() -> UnsafeRawPointer? {
        guard cursor < end, let length = ZeroScan.length(cursor + 1, limit: end - cursor - 1) else { return nil }
        return cursor + (2 &+ length)
    }

    /// Finds the next element of an array, whose name is mostly one digit; the place of its value.
    @inlinable @inline(__always)
    public func findElement() -> UnsafeRawPointer? {
        guard end - cursor > 3,
            (1...0xFF).contains(UInt16(littleEndian: (cursor + 1).loadUnaligned(as: UInt16.self)))
        else { return findNext() }
        return cursor + 3
    }

    /// The name of the field found.
    public var name: String {
        let length = ZeroScan.length(cursor + 1, limit: max(end - cursor - 1, 0)) ?? 0
        return _ShortText.string(cursor + 1, count: length)
    }

    /// The type byte of the field found.
    @inlinable public var typeByte: UInt8 { cursor.load(as: UInt8.self) }

    /// Takes the value at `start`, whatever its type; nil where the bytes are none.
    @inlinable
    public mutating func take(_ start: UnsafeRawPointer) -> RawValue? {
        guard let value = RawValue.read(typeByte, start, limit: end - start) else { return nil }
        cursor = start + value.count
        if RawValue.fixedSize(value.type.rawValue) == RawValue.variable, !isPlainBinary(value) { tookUnseen = true }
        return value
    }

    /// Whether a value is binary data of which nothing could be wrong.
    @inlinable
    func isPlainBinary(_ value: RawValue) -> Bool {
        value.type == .binary && value.base.load(fromByteOffset: 4, as: UInt8.self) != 2
    }

    /// Takes the bytes of a value of a fixed size; nil where it has another type.
    @inlinable @inline(__always)
    public mutating func take<T: BitwiseCopyable>(_ start: UnsafeRawPointer, _ type: BSONType, as: T.Type) -> T? {
        has(MemoryLayout<T>.size, behind: start) ? take(within: start, type, as: T.self) : nil
    }

    /// Takes the bytes of a value of a fixed size at a place that has as many behind it; nil where it has another type.
    @inlinable @inline(__always)
    public mutating func take<T: BitwiseCopyable>(within start: UnsafeRawPointer, _ type: BSONType, as: T.Type) -> T? {
        guard typeByte == type.rawValue else { return nil }
        cursor = start + MemoryLayout<T>.size
        // All hosts that Swift's server platforms run on are little-endian, as BSON is.
        return start.loadUnaligned(as: T.self)
    }

    /// Takes a null; false where the value has another type.
    @inlinable @inline(__always)
    public mutating func takeNull(_ start: UnsafeRawPointer) -> Bool {
        guard typeByte == BSONType.null.rawValue else { return false }
        cursor = start
        return true
    }

    /// Takes an embedded document or array; nil where the value has another type.
    @inlinable @inline(__always)
    public mutating func take(_ start: UnsafeRawPointer, container type: BSONType) -> RawValue? {
        guard typeByte == type.rawValue, let count = RawValue.prefixed(start, 0, atLeast: 5, limit: end - start),
            start.load(fromByteOffset: count &- 1, as: UInt8.self) == 0
        else { return nil }
        cursor = start + count
        return RawValue(type: type, base: start, count: count)
    }

    /// Takes an ObjectID at a place that has twelve bytes or more behind it; nil where the value has another type.
    @inlinable @inline(__always)
    public mutating func takeObjectID(within start: UnsafeRawPointer) -> ObjectID? {
        guard typeByte == BSONType.objectID.rawValue else { return nil }
        cursor = start + 12
        return ObjectID(_raw: RawValue(type: .objectID, base: start, count: 12))
    }

    /// Takes a string at a place that has five bytes or more behind it; nil where the value has another type, or is not UTF-8
    /// that ends with a zero byte.
    @inlinable @inline(__always)
    public mutating func takeString(within start: UnsafeRawPointer) -> String? {
        guard typeByte == BSONType.string.rawValue else { return nil }
        let limit = end - start
        // Few branches: what has many is no longer compiled into the caller.
        let length = Int(Int32(littleEndian: start.loadUnaligned(as: Int32.self)))
        let count = length &- 1
        if UInt(bitPattern: count) <= UInt(bitPattern: min(15, limit &- 5)) {
            let (first, last) = _ShortText.words(behindEight: start + 4, count: count)
            let terminator = UInt64(start.load(fromByteOffset: 4 &+ count, as: UInt8.self))
            if (first | last) & 0x8080_8080_8080_8080 | terminator == 0, _ShortText.isUsable {
                cursor = start + (4 &+ length)
                return _ShortText.made(first, last, count: count)
            }
        }
        guard let text = Self.longString(start, length, limit: limit) else { return nil }
        cursor = start + (4 &+ length)
        return text
    }

    @usableFromInline @inline(never)
    static func longString(_ start: UnsafeRawPointer, _ length: Int, limit: Int) -> String? {
        guard UInt(bitPattern: length &- 1) < UInt(bitPattern: limit &- 4),
            start.load(fromByteOffset: 3 &+ length, as: UInt8.self) == 0
        else { return nil }
        return _ShortText.checked(start + 4, count: length &- 1)
    }

    /// Whether the bytes hold together: all that was taken was looked at, and all else that the reader went past or that is
    /// left has its place. For code that reads what nobody has checked before; it asks when all fields are read.
    @inlinable @inline(__always)
    public var _holdsTogether: Bool { !tookUnseen && (cursor == end || isRestInPlace) }

    @usableFromInline @inline(never)
    var isRestInPlace: Bool {
        var rest = self
        while let value = rest.findNext() {
            guard rest.pass(value) else { return false }
        }
        return rest.cursor == rest.end
    }

    /// Where the field that is read next or was found begins.
    @inlinable @inline(__always)
    public var _place: UnsafeRawPointer { cursor }

    /// Goes back to a field that was found, of which somebody took a part.
    @inlinable @inline(__always)
    public mutating func _goBack(to place: UnsafeRawPointer) { cursor = place }

    /// Goes past the value at `start`, which nobody could take.
    @discardableResult
    public mutating func skip(_ start: UnsafeRawPointer) -> RawValue? {
        let value = take(start)
        if value == nil { cursor = end }
        return value
    }

    /// How many fields or elements there are from here on if all take as many bytes as the next; not more than 1024, because
    /// others would have taken the memory for nothing.
    public var _likelyCount: Int {
        guard let start = findElement(), let value = RawValue.read(typeByte, start, limit: end - start) else {
            return 0
        }
        // In 32 bits, as documents' lengths are: dividing by twice as many takes twice as long.
        let size = UInt32(truncatingIfNeeded: start + value.count - cursor)
        return Int(min((UInt32(truncatingIfNeeded: end - cursor) &+ size &- 1) / size, 1024))
    }

    /// Looks for a field from the cursor on, then among those that were passed. The cursor moves only where it is found.
    @usableFromInline @inline(never)
    mutating func search(_ key: UnsafeRawPointer, _ length: Int) -> UnsafeRawPointer? {
        let start = cursor
        if names == 0 { names = remainingNames }
        guard names & Self.bit(key, length) != 0 else { return nil }
        if let value = search(key, length, before: end) {
            passed = min(passed ?? start, start)
            return value
        }
        guard let passed else { return nil }
        cursor = passed
        if let value = search(key, length, before: start) { return value }
        cursor = start
        return nil
    }

    /// Does what ``take(_:)`` does, in place.
    @inline(__always)
    private mutating func pass(_ start: UnsafeRawPointer) -> Bool {
        guard let value = RawValue.read(typeByte, start, limit: end - start) else { return false }
        cursor = start + value.count
        return true
    }

    /// The bits of all names from here on.
    private var remainingNames: UInt64 {
        var rest = self
        var names: UInt64 = 0
        while let value = rest.findNext() {
            names |= Self.bit(rest.cursor + 1, value - rest.cursor - 1)
            guard rest.pass(value) else { break }
        }
        return names
    }

    /// The bit of a name, of whose first and last byte and length it is made. The length counts the zero byte.
    private static func bit(_ name: UnsafeRawPointer, _ length: Int) -> UInt64 {
        let first = UInt32(name.load(as: UInt8.self))
        let last = UInt32(name.load(fromByteOffset: max(length &- 2, 0), as: UInt8.self))
        let mixed = (first | last &<< 8 | UInt32(truncatingIfNeeded: length) &<< 16) &* 0x9E37_79B1
        return 1 &<< UInt64(mixed &>> 26)
    }

    private mutating func search(
        _ key: UnsafeRawPointer, _ length: Int, before limit: UnsafeRawPointer
    ) -> UnsafeRawPointer? {
        let start = cursor
        while cursor < limit, let value = findNext() {
            if value - cursor == length &+ 1, ShortBytes.equal(cursor + 1, key, length) { return value }
            guard pass(value) else { break }
        }
        cursor = start
        return nil
    }
}

extension BSONDocument {
    /// The document as a value in place, for code that macros generate: valid as long as the document is kept.
    public var _rawValue: RawValue { withRaw { $0.value(.document) } }
}
