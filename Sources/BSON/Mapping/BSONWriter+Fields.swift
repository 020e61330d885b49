// What code that macros generate writes with: a key from a literal that holds its terminator, then the value's bytes,
// then the type byte into the place the key left for it. Small enough to be compiled into the caller.
extension BSONWriter {
    /// Begins a field whose name is a literal that ends with a zero byte; ``_end(_:_:)`` takes what it returns.
    @inlinable
    public mutating func _begin(_ key: StaticString) -> Int {
        let length = key.utf8CodeUnitCount
        (room(length &+ 1) + 1).copyMemory(from: key.utf8Start, byteCount: length)
        let mark = count
        count = mark &+ 1 &+ length
        return mark
    }

    /// Begins a field of any name; a zero byte in it becomes U+FFFD.
    public mutating func _begin(name: String) -> Int {
        let mark = count
        header(0, name)
        return mark
    }

    /// Begins an array's element.
    public mutating func _begin(index: Int) -> Int {
        let mark = count
        header(0, index: index)
        return mark
    }

    /// Gives the field that `_begin` began its type.
    @inlinable
    public mutating func _end(_ mark: Int, _ type: BSONType) {
        base.storeBytes(of: type.rawValue, toByteOffset: mark, as: UInt8.self)
    }

    /// Opens an embedded document or array as the value of a field; ``_close(_:)`` takes what it returns.
    @inlinable
    public mutating func _open() -> Int { openLength() }

    /// Closes an embedded document or array.
    @inlinable
    public mutating func _close(_ mark: Int) { closeLength(mark) }

    /// Writes the bytes of a number.
    @inlinable
    public mutating func _fixed<T: BitwiseCopyable>(_ value: T) { fixed(value) }

    /// Writes bytes.
    public mutating func _bytes(_ bytes: UnsafeRawBufferPointer) { raw(bytes) }

    /// Writes a string's value: length, text, terminator.
    public mutating func _string(_ text: String) { string(text) }

    /// Writes any value and returns its type.
    public mutating func _value(_ value: BSONValue) -> BSONType {
        payload(value)
        return value.type
    }
}
