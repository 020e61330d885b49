public import BSON
internal import MongoProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension GridFSBucket {
    /// Stores a file that is in memory, under a new id.
    /// - Parameter contentType: The media type, kept as `metadata.contentType`.
    /// - Returns: The file's id.
    /// - Throws: ``MongoError``. Nothing of the file stays behind.
    @discardableResult
    public func upload(
        filename: String, bytes: [UInt8], contentType: String? = nil, metadata: BSONDocument? = nil
    ) async throws -> ObjectID {
        let id = ObjectID()
        try await upload(
            id: .objectID(id), filename: filename, bytes: bytes, contentType: contentType, metadata: metadata)
        return id
    }

    /// Stores a file that comes in pieces of any size, under a new id; a few chunks of it are in memory at a time.
    /// - Parameters:
    ///   - source: The pieces: arrays, slices, or any other run of bytes.
    ///   - contentType: The media type, kept as `metadata.contentType`.
    /// - Returns: The file's id.
    /// - Throws: ``MongoError``, or what the source throws. Nothing of the file stays behind, even where the task is
    ///   cancelled.
    @discardableResult
    public func upload<Source: AsyncSequence>(
        filename: String, source: Source, contentType: String? = nil, metadata: BSONDocument? = nil
    ) async throws -> ObjectID where Source.Element: Sequence<UInt8> {
        let id = ObjectID()
        try await upload(
            id: .objectID(id), filename: filename, source: source, contentType: contentType, metadata: metadata)
        return id
    }

    /// Stores a file that is in memory, under an id of the application's.
    /// - Throws: ``MongoError``, whose `isDuplicateKey` is true where there is a file of this id.
    public func upload(
        id: BSONValue, filename: String, bytes: [UInt8], contentType: String? = nil, metadata: BSONDocument? = nil
    ) async throws {
        try await upload(id, filename, contentType, metadata) { upload in try await upload.write(bytes) }
    }

    /// Stores a file that comes in pieces of any size, under an id of the application's.
    /// - Throws: ``MongoError``, whose `isDuplicateKey` is true where there is a file of this id, or what the source
    ///   throws.
    public func upload<Source: AsyncSequence>(
        id: BSONValue, filename: String, source: Source, contentType: String? = nil, metadata: BSONDocument? = nil
    ) async throws where Source.Element: Sequence<UInt8> {
        try await upload(id, filename, contentType, metadata) { upload in
            for try await piece in source { try await upload.write(piece) }
        }
    }

    /// Stores a file that `body` writes piece by piece. Where `body` throws, the upload is given up: that is how to abort one.
    ///
    /// ```swift
    /// let id = try await bucket.upload(filename: "report.csv", contentType: "text/csv") { file in
    ///     for try await row in rows { try await file.write(row.line.utf8) }
    /// }
    /// ```
    /// - Parameter id: The file's id; a new one where there is none.
    /// - Returns: The file's id.
    /// - Throws: ``MongoError``, or what `body` throws. Nothing of the file stays behind, even where the task is cancelled.
    @discardableResult
    public func upload(
        filename: String, id: BSONValue? = nil, contentType: String? = nil, metadata: BSONDocument? = nil,
        writing body: (inout GridFSUpload) async throws -> Void
    ) async throws -> BSONValue {
        let id = id ?? .objectID(ObjectID())
        try await upload(id, filename, contentType, metadata, body)
        return id
    }

    private func upload(
        _ id: BSONValue, _ filename: String, _ contentType: String?, _ metadata: BSONDocument?,
        _ fill: (inout GridFSUpload) async throws -> Void
    ) async throws {
        // A chunk with its other fields has to fit into a document of 16 MiB.
        guard (1...15 * 1024 * 1024).contains(chunkSizeBytes) else {
            throw MongoError(.usage, "The chunks of a GridFS file have 1 byte to 15 MiB, not \(chunkSizeBytes) bytes")
        }
        try await createIndexesOfEmptyBucket()
        var upload = GridFSUpload(id: id, chunkSize: chunkSizeBytes, chunks: chunks)
        do {
            try await fill(&upload)
            try await upload.finish()
            var fields: [(String, BSONValue)] = [
                ("_id", id), ("length", .int64(upload.length)), ("chunkSize", .int(chunkSizeBytes)),
                ("uploadDate", .date(Self.now)), ("filename", .string(filename)),
            ]
            var metadata = metadata
            if let contentType {
                metadata = (metadata ?? [:]).setting("contentType", .string(contentType))
            }
            if let metadata { fields.append(("metadata", .document(metadata))) }
            try await files.insertOne(BSONDocument(fields: fields))
        } catch {
            await upload.abort()
            throw error
        }
    }

    /// Makes the indexes before a bucket's first file, as the specification asks; later uploads look only for a file.
    private func createIndexesOfEmptyBucket() async throws {
        guard try await files.findOne([:], projection: ["_id": 1]) == nil else { return }
        try await Self.createIndex(["filename": 1, "uploadDate": 1], unique: false, of: files)
        try await Self.createIndex(["files_id": 1, "n": 1], unique: true, of: chunks)
    }

    private static func createIndex(_ keys: BSONDocument, unique: Bool, of collection: MongoCollection) async throws {
        let existing: [BSONDocument]
        do {
            existing = try await collection.listIndexes()
        } catch let error as MongoError where error.code == .namespaceNotFound {
            existing = []
        }
        // Other drivers may have made it with numbers of another type, which is no reason to make it again.
        let hasIndex = existing.contains { index in
            guard let other = index["key"]?.document else { return false }
            return other.keys == keys.keys && other.values.map(\.double) == keys.values.map(\.double)
        }
        if !hasIndex { try await collection.createIndex(keys, unique: unique) }
    }

    private static var now: BSONDate {
        BSONDate(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000))
    }
}

/// A file on its way into a bucket: cuts what comes into chunks and writes them some at a time.
public struct GridFSUpload: Sendable {
    private let id: BSONValue
    private let chunkSize: Int
    private let chunks: MongoCollection
    private var current: [UInt8] = []
    private var pending: [BSONDocument] = []
    private var pendingBytes = 0
    private var number: Int64 = 0
    /// The ids of the chunks that were sent. Chunks are removed by these and never by the file's id, which may be
    /// that of another file when the upload fails because of just that.
    private var written: [BSONValue] = []
    /// How many bytes came so far.
    public private(set) var length: Int64 = 0

    init(id: BSONValue, chunkSize: Int, chunks: MongoCollection) {
        self.id = id
        self.chunkSize = chunkSize
        self.chunks = chunks
    }

    /// Takes more bytes. A few chunks are kept until they are sent together; this waits while they are.
    public mutating func write(_ bytes: some Sequence<UInt8>) async throws {
        let bytes = bytes as? [UInt8] ?? Array(bytes)
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(chunkSize - current.count)
            if current.isEmpty { current.reserveCapacity(Swift.min(chunkSize, rest.count)) }
            current.append(contentsOf: piece)
            rest = rest.dropFirst(piece.count)
            if current.count == chunkSize { try await endChunk() }
        }
        length += Int64(bytes.count)
    }

    /// Writes what is left.
    mutating func finish() async throws {
        if !current.isEmpty { try await endChunk() }
        try await flush()
    }

    /// Removes the chunks that were written. The task may be cancelled already, so this runs in one of its own.
    func abort() async {
        let (chunks, written) = (chunks, written)
        await Task {
            for start in stride(from: 0, to: written.count, by: 10_000) {
                let ids = BSONArray(written[start..<Swift.min(start + 10_000, written.count)])
                _ = try? await chunks.deleteMany(["_id": ["$in": .array(ids)]])
            }
        }.value
    }

    private mutating func endChunk() async throws {
        let chunk: BSONDocument = [
            "_id": .objectID(ObjectID()), "files_id": id, "n": .int(Int(number)),
            "data": .binary(BSONBinary(bytes: current)),
        ]
        pending.append(chunk)
        pendingBytes += current.count
        number += 1
        current = []
        if pendingBytes >= 2 * 1024 * 1024 || pending.count >= 1000 { try await flush() }
    }

    private mutating func flush() async throws {
        guard !pending.isEmpty else { return }
        let batch = pending
        pending = []
        pendingBytes = 0
        written += batch.compactMap { $0["_id"] }
        try await chunks.insertMany(batch)
    }
}
