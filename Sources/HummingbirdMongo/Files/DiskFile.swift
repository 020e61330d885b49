internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A regular file that is open for reading; closed with the last reference to it.
final class DiskFile: Sendable {
    /// Its size in bytes.
    let length: Int64
    /// When it was changed, in seconds since 1970.
    let modified: Int64
    /// Tells this version from others: a strong tag, as fine as the file system's clock.
    let tag: EntityTag
    private let descriptor: CInt

    /// Opens a file; nil where there is no regular one that may be read.
    init?(path: String) {
        // A pipe would block here until somebody writes to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            _ = close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        length = Int64(status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        modified = Int64(time.tv_sec)
        let parts = [Int64(truncatingIfNeeded: status.st_ino), length, modified, Int64(time.tv_nsec)]
        tag = EntityTag(text: parts.map { String($0, radix: 36) }.joined(separator: "."))
    }

    deinit { _ = close(descriptor) }

    /// The path with all links resolved; nil where there is nothing.
    static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Reads on a thread for what blocks; fewer bytes at the file's end.
    func read(at offset: Int64, count: Int) async throws -> ByteBuffer {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            var failure: CInt = 0
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                while true {
                    let read = pread(descriptor, space.baseAddress, count, off_t(offset))
                    if read >= 0 { return read }
                    if errno == EINTR { continue }
                    failure = errno
                    return 0
                }
            }
            guard failure == 0 else { throw IOError(errnoCode: failure, reason: "pread") }
            return buffer
        }
    }
}

/// A file on the disk as the bytes of an answer.
struct DiskContent: FileContent {
    /// The file got shorter while it was sent.
    struct Shortened: Error {}

    let file: DiskFile

    func pieces(_ range: Range<Int64>) -> Pieces { Pieces(file: file, range: range) }

    /// Pieces of the file, each read when the one before it is sent.
    struct Pieces: AsyncSequence, Sendable {
        let file: DiskFile
        let range: Range<Int64>

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file, rest: range) }

        struct AsyncIterator: AsyncIteratorProtocol, Sendable {
            let file: DiskFile
            var rest: Range<Int64>

            mutating func next() async throws -> ByteBuffer? {
                guard !rest.isEmpty else { return nil }
                let buffer = try await file.read(at: rest.lowerBound, count: Swift.min(rest.count, 128 << 10))
                guard buffer.readableBytes > 0 else { throw Shortened() }
                rest = rest.lowerBound + Int64(buffer.readableBytes)..<rest.upperBound
                return buffer
            }
        }
    }
}
