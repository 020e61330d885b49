internal import NIOCore
internal import Nectar

/// A file of GridFS as the bytes of an answer.
struct GridFSContent: FileContent {
    let download: GridFSDownload

    func pieces(_ range: Range<Int64>) throws -> Pieces { Pieces(download: try download.bytes(in: range)) }

    /// Chunks, each asked for when the one before it is sent.
    struct Pieces: AsyncSequence, Sendable {
        let download: GridFSDownload

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunks: download.makeAsyncIterator()) }

        struct AsyncIterator: AsyncIteratorProtocol, Sendable {
            var chunks: GridFSDownload.AsyncIterator

            mutating func next() async throws -> ByteBuffer? {
                try await chunks.next { ByteBuffer(bytes: $0) }
            }
        }
    }
}
