package import BSON

/// Cuts a stream of bytes into messages, each in one buffer of exactly its length.
package struct MessageAssembler {
    private var length: UInt32 = 0
    private var lengthBytes = 0
    private var partial: (buffer: BSONBuffer, memory: UnsafeMutableRawPointer)?
    private var filled = 0

    package init() {}

    /// Whether a message has begun and not ended.
    package var isInsideMessage: Bool { lengthBytes > 0 || partial != nil }

    /// Takes bytes up to the end of the message that they belong to.
    /// - Returns: How many bytes were taken, and the message where it is complete. Call again with the rest.
    /// - Throws: ``WireError`` at a length that no message has; the stream is of no further use.
    package mutating func consume(
        _ bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> (taken: Int, message: BSONBuffer?) {
        var taken = 0
        if partial == nil {
            while lengthBytes < 4, taken < bytes.count {
                length |= UInt32(bytes[taken]) << UInt32(8 * lengthBytes)
                lengthBytes += 1
                taken += 1
            }
            guard lengthBytes == 4 else { return (taken, nil) }
            try start()
        }
        guard let (buffer, memory) = partial else { return (taken, nil) }
        let more = min(bytes.count - taken, buffer.count - filled)
        if more > 0, let source = bytes.baseAddress {
            (memory + filled).copyMemory(from: source + taken, byteCount: more)
            filled += more
        }
        guard filled == buffer.count else { return (taken + more, nil) }
        self = MessageAssembler()
        return (taken + more, buffer)
    }

    /// Whether the buffer of a message waits for its bytes, so that ``fill(_:)`` can put them there.
    package var isInsideBody: Bool { partial != nil }

    /// Has `read` put bytes into the buffer of the message that has begun, without a copy.
    /// - Parameter read: Gives how many bytes it has put there; anything but a positive number changes nothing.
    /// - Returns: What `read` gave, and the message where it is complete.
    package mutating func fill(_ read: (UnsafeMutableRawBufferPointer) -> Int) -> (Int, message: BSONBuffer?) {
        guard let (buffer, memory) = partial else { return (0, nil) }
        let count = read(UnsafeMutableRawBufferPointer(start: memory + filled, count: buffer.count - filled))
        guard count > 0 else { return (count, nil) }
        filled += min(count, buffer.count - filled)
        guard filled == buffer.count else { return (count, nil) }
        self = MessageAssembler()
        return (count, buffer)
    }

    private mutating func start() throws(WireError) {
        let count = Int(Int32(bitPattern: length))
        guard count >= WireHeader.size, count <= WireLimits.maximumMessageSize else {
            throw WireError(
                .invalidLength,
                "a message has \(WireHeader.size) to \(WireLimits.maximumMessageSize) bytes, this one says \(count)",
                at: 0)
        }
        let (buffer, memory) = BSONBuffer.unfilled(count: count)
        memory.storeBytes(of: length.littleEndian, as: UInt32.self)
        partial = (buffer, memory)
        filled = 4
    }
}
