/// An immutable run of bytes that documents are slices of.
///
/// Bytes are written once, before the buffer is shared; that is what makes it safe to send.
package final class BSONBuffer: @unchecked Sendable {
    package let base: UnsafeRawPointer
    package let count: Int

    /// Takes ownership of `base`, which `UnsafeMutableRawPointer.allocate` gave.
    init(adopting base: UnsafeMutableRawPointer, count: Int) {
        self.base = UnsafeRawPointer(base)
        self.count = count
    }

    /// Copies bytes into a new buffer.
    package convenience init(copying bytes: UnsafeRawBufferPointer) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 8)
        if let source = bytes.baseAddress { memory.copyMemory(from: source, byteCount: bytes.count) }
        self.init(adopting: memory, count: bytes.count)
    }

    deinit { UnsafeMutableRawPointer(mutating: base).deallocate() }

    /// The five bytes of the document without fields.
    static let emptyDocument: BSONBuffer = {
        let bytes: [UInt8] = [5, 0, 0, 0, 0]
        return bytes.withUnsafeBytes { BSONBuffer(copying: $0) }
    }()
}
