internal import BSON
internal import MongoProtocol

/// The bytes of a GridFS file, chunk after chunk, whole or a part of them.
///
/// Walking it sends one query and reads as the caller asks for more; walking it again starts again. A chunk that is
/// missing, of the wrong size or beyond the file's end is an error of kind `corruptData`.
public struct GridFSDownload: AsyncSequence, Sendable {
    /// The file.
    public let file: GridFSFile
    /// The bytes that walking gives.
    public let range: Range<Int64>
    private let chunks: MongoCollection

    init(_ file: GridFSFile, chunks: MongoCollection) {
        self.init(file, range: 0..<file.length, chunks: chunks)
    }

    private init(_ file: GridFSFile, range: Range<Int64>, chunks: MongoCollection) {
        self.file = file
        self.range = range
        self.chunks = chunks
    }

    /// A part of the file; only the chunks it touches are read.
    /// - Throws: ``MongoError`` of kind `usage` where the range is not within the file.
    public func bytes(in range: Range<Int64>) throws -> GridFSDownload {
        guard range.lowerBound >= 0, range.upperBound <= file.length else {
            throw MongoError(.usage, "The bytes \(range) are not within the file, which has \(file.length)")
        }
        return GridFSDownload(file, range: range, chunks: chunks)
    }

    /// All bytes of the range at once.
    public func collect() async throws -> [UInt8] {
        var all: [UInt8] = []
        for try await piece in self { all += piece }
        return all
    }

    /// Walks the chunks.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(download: self) }

    /// Walks the chunks of a range and checks them.
    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        private let download: GridFSDownload
        private var cursor: MongoCursor?
        private var expected: Int64
        private let end: Int64
        private var isDone: Bool

        init(download: GridFSDownload) {
            self.download = download
            let (file, range) = (download.file, download.range)
            let size = Int64(Swift.max(file.chunkSize, 1))
            expected = range.lowerBound / size
            end = range.isEmpty ? expected : (range.upperBound - 1) / size + 1
            // An empty file has no chunks to look at; drivers may have left an empty one there.
            isDone = range.isEmpty
        }

        /// The next bytes; nil behind the last.
        public mutating func next() async throws -> [UInt8]? { try await next { [UInt8]($0) } }

        /// What `body` makes of the next bytes, where they are, for whoever wants them in another place; nil behind the
        /// last.
        package mutating func next<R>(_ body: (UnsafeRawBufferPointer) -> R) async throws -> R? {
            guard !isDone else { return nil }
            do {
                guard let piece = try await step(body) else {
                    isDone = true
                    return nil
                }
                return piece
            } catch {
                isDone = true
                await cursor?.close()
                throw error
            }
        }

        private mutating func step<R>(_ body: (UnsafeRawBufferPointer) -> R) async throws -> R? {
            let cursor: MongoCursor
            if let opened = self.cursor {
                cursor = opened
            } else {
                cursor = try await open()
                self.cursor = cursor
            }
            let document = try await cursor.next()
            guard expected < end else {
                // Only a walk to the file's end looks beyond its last chunk.
                if document != nil { throw corrupt("has more chunks than its length of \(download.file.length) tells") }
                return nil
            }
            guard let document, let number = document["n"]?.int64, number == expected else {
                throw corrupt("has no chunk \(expected)")
            }
            let piece = try document.withUnsafeBytes { bytes in
                guard let data = RawDocument(bytes)["data"], data.type == .binary else {
                    throw corrupt("has no data in chunk \(expected)")
                }
                return body(try part(of: data.binary.bytes))
            }
            expected += 1
            return piece
        }

        /// The bytes of the chunk that are in the range.
        private func part(of data: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
            let length = download.file.length(ofChunk: expected)
            guard data.count == length else {
                throw corrupt("has \(data.count) bytes in chunk \(expected) in place of \(length)")
            }
            let start = expected * Int64(download.file.chunkSize)
            let first = Swift.max(download.range.lowerBound - start, 0)
            let last = Swift.min(download.range.upperBound - start, Int64(data.count))
            return UnsafeRawBufferPointer(rebasing: data[Int(first)..<Int(last)])
        }

        private func open() async throws -> MongoCursor {
            let isWhole = end == download.file.chunkCount
            let numbers: BSONDocument =
                isWhole ? ["$gte": .int64(expected)] : ["$gte": .int64(expected), "$lt": .int64(end)]
            // The server's own first batch would hold 16 MiB for each file that is being read.
            let batch = Swift.max(1, Swift.min(1000, (1 << 20) / Swift.max(download.file.chunkSize, 1)))
            // Without a projection: leaving two ids out would cost the server a copy of each chunk.
            return try await download.chunks
                .find(["files_id": download.file.id, "n": .document(numbers)])
                .sort(["n": 1])
                .batchSize(batch)
                .cursor()
        }

        private func corrupt(_ fault: String) -> MongoError {
            MongoError(.corruptData, "The GridFS file \(download.file.id) \(fault)")
        }
    }
}
