#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One element of a document seen in place; the key has no terminator.
package struct RawElement {
    package let key: UnsafeRawBufferPointer
    package let value: RawValue
    /// The whole element: type byte, key and value.
    package let bytes: UnsafeRawBufferPointer

    package var keyString: String { String(decoding: key, as: UTF8.self) }

    /// Whether the key is exactly these bytes.
    package func hasKey(_ other: UnsafeRawBufferPointer) -> Bool {
        guard key.count == other.count else { return false }
        guard let a = key.baseAddress, let b = other.baseAddress else { return true }
        return memcmp(a, b, key.count) == 0
    }

    /// Whether the key is this name.
    package func hasKey(_ name: StaticString) -> Bool {
        hasKey(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
}

/// A document or array seen in place, valid as long as the memory below it.
///
/// Iteration stops at the first element that does not fit its bounds.
package struct RawDocument: Sequence {
    package let base: UnsafeRawPointer
    package let count: Int

    package init(base: UnsafeRawPointer, count: Int) {
        self.base = base
        self.count = count
    }

    /// The document that `bytes` hold; empty when they are too short to hold any.
    package init(_ bytes: UnsafeRawBufferPointer) {
        if let base = bytes.baseAddress {
            self.init(base: base, count: bytes.count)
        } else {
            self.init(base: BSONBuffer.emptyDocument.base, count: 5)
        }
    }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
    package var isEmpty: Bool { count <= 5 }

    package struct Iterator: IteratorProtocol {
        var cursor: UnsafeRawPointer
        let end: UnsafeRawPointer

        package mutating func next() -> RawElement? {
            guard cursor < end else { return nil }
            let start = cursor
            guard let type = BSONType(rawValue: start.load(as: UInt8.self)) else {
                cursor = end
                return nil
            }
            let keyStart = start + 1
            guard let keyLength = RawDocument.cString(keyStart, limit: end - keyStart) else {
                cursor = end
                return nil
            }
            let valueStart = keyStart + keyLength + 1
            guard let length = RawDocument.valueLength(type, valueStart, limit: end - valueStart) else {
                cursor = end
                return nil
            }
            cursor = valueStart + length
            return RawElement(
                key: UnsafeRawBufferPointer(start: keyStart, count: keyLength),
                value: RawValue(type: type, base: valueStart, count: length),
                bytes: UnsafeRawBufferPointer(start: start, count: cursor - start))
        }
    }

    package func makeIterator() -> Iterator {
        let usable = Swift.max(count - 1, 0)
        return Iterator(cursor: base + Swift.min(4, usable), end: base + usable)
    }

    /// The value of the first element with this key.
    package subscript(key: UnsafeRawBufferPointer) -> RawValue? {
        for element in self where element.hasKey(key) { return element.value }
        return nil
    }

    /// The value of the first element with this name.
    package subscript(name: StaticString) -> RawValue? {
        self[UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)]
    }

    /// The value of the first element with this name.
    package subscript(name: String) -> RawValue? {
        var name = name
        return name.withUTF8 { self[UnsafeRawBufferPointer($0)] }
    }

    /// The length of a zero-terminated string, or nil where no terminator stands before `limit`.
    static func cString(_ start: UnsafeRawPointer, limit: Int) -> Int? {
        guard limit > 0 else { return nil }
        // Keys are short: a byte loop beats a call until they are not.
        var index = 0
        let near = Swift.min(limit, 16)
        while index < near {
            if start.load(fromByteOffset: index, as: UInt8.self) == 0 { return index }
            index += 1
        }
        guard index < limit, let found = memchr(start + index, 0, limit - index) else { return nil }
        return UnsafeRawPointer(found) - start
    }

    /// How many bytes the value takes, or nil where it does not fit into `limit`.
    static func valueLength(_ type: BSONType, _ start: UnsafeRawPointer, limit: Int) -> Int? {
        func prefixed(_ overhead: Int, atLeast least: Int) -> Int? {
            guard limit >= 4 else { return nil }
            let length = Int(Int32(littleEndian: start.loadUnaligned(as: Int32.self)))
            guard length >= least, length <= limit - overhead else { return nil }
            return length + overhead
        }
        func fixed(_ size: Int) -> Int? { limit >= size ? size : nil }
        switch type {
        case .double, .date, .timestamp, .int64: return fixed(8)
        case .int32: return fixed(4)
        case .bool: return fixed(1)
        case .objectID: return fixed(12)
        case .decimal128: return fixed(16)
        case .null, .undefined, .minKey, .maxKey: return 0
        case .string, .javascript, .symbol: return prefixed(4, atLeast: 1)
        case .document, .array: return prefixed(0, atLeast: 5)
        case .javascriptWithScope: return prefixed(0, atLeast: 14)
        case .binary: return prefixed(5, atLeast: 0)
        case .dbPointer:
            guard let length = prefixed(4, atLeast: 1), limit >= length + 12 else { return nil }
            return length + 12
        case .regularExpression:
            guard let pattern = cString(start, limit: limit),
                let options = cString(start + pattern + 1, limit: limit - pattern - 1)
            else { return nil }
            return pattern + options + 2
        }
    }
}
