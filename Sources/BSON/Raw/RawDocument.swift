#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One element of a document seen in place, valid as long as the memory below it.
public struct RawElement {
    @usableFromInline let start: UnsafeRawPointer
    @usableFromInline let keyCount: Int
    /// The element's value.
    public let value: RawValue

    @inlinable
    init(start: UnsafeRawPointer, keyCount: Int, value: RawValue) {
        self.start = start
        self.keyCount = keyCount
        self.value = value
    }

    /// The key in UTF-8, without a terminator.
    @inlinable public var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start + 1, count: keyCount) }

    /// The whole element: type byte, key and value.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start, count: value.base - start + value.count)
    }

    /// The key as a string.
    @inlinable @inline(__always) public var keyString: String { _ShortText.string(start + 1, count: keyCount) }

    /// Whether the key is exactly these bytes.
    package func hasKey(_ other: UnsafeRawBufferPointer) -> Bool {
        guard keyCount == other.count else { return false }
        guard let base = other.baseAddress else { return true }
        return memcmp(start + 1, base, keyCount) == 0
    }

    /// Whether the key is this name.
    package func hasKey(_ name: StaticString) -> Bool {
        hasKey(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
}

/// A document or array seen in place, valid as long as the memory below it.
///
/// Iteration stops at the first element that does not fit its bounds.
public struct RawDocument: Sequence {
    /// Where the document begins.
    package let base: UnsafeRawPointer
    /// The size of the document, in bytes.
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

    /// Walks the elements in order.
    public struct Iterator: IteratorProtocol {
        @usableFromInline var cursor: UnsafeRawPointer
        @usableFromInline let end: UnsafeRawPointer

        init(cursor: UnsafeRawPointer, end: UnsafeRawPointer) {
            self.cursor = cursor
            self.end = end
        }

        /// The next element.
        @inlinable
        public mutating func next() -> RawElement? { advance() }

        /// ``next()`` in place, for the walks that take most of the time.
        @inlinable @inline(__always)
        mutating func advance() -> RawElement? {
            guard cursor < end else { return nil }
            let start = cursor
            let key = start + 1
            guard let keyCount = ZeroScan.length(key, limit: end - key),
                let value = RawValue.read(
                    start.load(as: UInt8.self), key + (keyCount &+ 1), limit: (end - key) &- (keyCount &+ 1))
            else {
                cursor = end
                return nil
            }
            cursor = value.base + value.count
            return RawElement(start: start, keyCount: keyCount, value: value)
        }
    }

    /// Walks the elements in order.
    public func makeIterator() -> Iterator {
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
    public subscript(name: String) -> RawValue? {
        var name = name
        return name.withUTF8 { self[UnsafeRawBufferPointer($0)] }
    }
}
