internal import BSON

/// Reads a message front to back; whatever does not fit is an error.
struct WireReader {
    let buffer: BSONBuffer
    private(set) var position: Int
    /// Where the part to be read ends.
    var end: Int

    init(_ buffer: BSONBuffer) {
        self.buffer = buffer
        position = 0
        end = buffer.count
    }

    var isAtEnd: Bool { position >= end }

    mutating func int32() throws(WireError) -> Int32 {
        Int32(bitPattern: try uint32())
    }

    mutating func uint32() throws(WireError) -> UInt32 {
        guard end - position >= 4 else { throw WireError(.truncated, "the message ends in an integer", at: position) }
        defer { position += 4 }
        return buffer.withUnsafeBytes {
            UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: UInt32.self))
        }
    }

    mutating func byte() throws(WireError) -> UInt8 {
        guard end > position else { throw WireError(.truncated, "the message ends before a byte", at: position) }
        defer { position += 1 }
        return buffer.withUnsafeBytes { $0[position] }
    }

    /// A zero-terminated string.
    mutating func cString() throws(WireError) -> String {
        let start = position
        let range = start..<max(end, start)
        guard let length = buffer.withUnsafeBytes({ $0[range].firstIndex(of: 0) }).map({ $0 - start }) else {
            throw WireError(.truncated, "a name has no terminator", at: start)
        }
        position = start + length + 1
        let text = buffer.withUnsafeBytes { String(validating: $0[start..<(start + length)], as: UTF8.self) }
        guard let text else { throw WireError(.invalidBSON, "a name is not UTF-8", at: start) }
        return text
    }

    /// A document, which becomes a slice of the message.
    /// - Parameter leavesBatches: Whether the documents of a cursor's batch stay unchecked.
    mutating func document(leavesBatches: Bool = false) throws(WireError) -> BSONDocument {
        let start = position
        let length = Int(try int32())
        guard length >= 5, length <= end - start else {
            throw WireError(.invalidLength, "a document of \(length) bytes in \(end - start)", at: start)
        }
        position = start + length
        do {
            let (range, depth) = (start..<position, WireLimits.maximumDepth)
            return leavesBatches
                ? try BSONDocument(reply: range, of: buffer, maximumDepth: depth)
                : try BSONDocument(validating: range, of: buffer, maximumDepth: depth)
        } catch {
            throw WireError(error.code == .tooDeep ? .tooDeep : .invalidBSON, error.message, at: start + error.offset)
        }
    }
}

/// Writes a message front to back into memory of the right size; what does not fit is left out.
struct WireBytes {
    let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    mutating func byte(_ value: UInt8) { withUnsafeBytes(of: value) { raw($0) } }
    mutating func int32(_ value: Int32) { withUnsafeBytes(of: value.littleEndian) { raw($0) } }
    mutating func uint32(_ value: UInt32) { withUnsafeBytes(of: value.littleEndian) { raw($0) } }
    mutating func int64(_ value: Int64) { withUnsafeBytes(of: value.littleEndian) { raw($0) } }
    mutating func document(_ document: BSONDocument) { document.withUnsafeBytes { raw($0) } }

    mutating func bytes(_ bytes: Slice<UnsafeRawBufferPointer>) { raw(UnsafeRawBufferPointer(rebasing: bytes)) }

    private mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= memory.count - count else { return }
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }
}
