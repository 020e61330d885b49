public import BSON
public import MongoProtocol

/// Files in a database, in pieces: a bucket is a collection of files, `fs.files`, and one of their chunks, `fs.chunks`.
///
/// Follows the driver specification "GridFS", so that files go to and from other drivers and tools.
///
/// ```swift
/// let bucket = database.gridFSBucket()
/// let id = try await bucket.upload(filename: "cover.png", bytes: bytes, contentType: "image/png")
/// for try await piece in try await bucket.openDownload(id: id) { … }
/// ```
public struct GridFSBucket: Sendable {
    /// The database.
    public let database: MongoDatabase
    /// The bucket's name, which its collections' names begin with.
    public let name: String
    /// The size of the chunks of new files, in bytes.
    public let chunkSizeBytes: Int
    /// What the commands of the bucket use: the write concern, the read preference and each command's time limit.
    public var defaults: OperationDefaults

    var files: MongoCollection { MongoCollection(database: database, name: "\(name).files", defaults: defaults) }
    var chunks: MongoCollection { MongoCollection(database: database, name: "\(name).chunks", defaults: defaults) }

    /// This bucket with another write concern, read preference or time limit for each of its commands.
    public func with(
        writeConcern: WriteConcern? = nil, readPreference: ReadPreference? = nil, timeout: Duration? = nil
    ) -> GridFSBucket {
        var copy = self
        copy.defaults = defaults.with(writeConcern, readPreference, timeout)
        return copy
    }

    // MARK: Reading

    /// Opens a file by its id.
    /// - Throws: ``MongoError`` of kind `notFound` where there is none.
    public func openDownload(id: BSONValue) async throws -> GridFSDownload {
        guard let document = try await files.findOne(["_id": id]) else { throw missing("the id \(id)") }
        return GridFSDownload(try GridFSFile(document), chunks: chunks)
    }

    /// Opens a file by its name.
    /// - Parameter revision: Which of several: 0 is the first that was uploaded, 1 the second, -1 the last, -2 the one
    ///   before it.
    /// - Throws: ``MongoError`` of kind `notFound` where there is none, or no such revision.
    public func openDownload(filename: String, revision: Int = -1) async throws -> GridFSDownload {
        let order: BSONValue = revision < 0 ? -1 : 1
        // Uploads within one millisecond follow each other by their ids. `~n` is `-n - 1` without its overflow.
        let found = try await files.find(["filename": .string(filename)])
            .sort(["uploadDate": order, "_id": order])
            .skip(revision < 0 ? ~revision : revision)
            .first()
        guard let found else { throw missing("the name '\(filename)', revision \(revision)") }
        return GridFSDownload(try GridFSFile(found), chunks: chunks)
    }

    /// Reads a whole file into memory.
    /// - Throws: ``MongoError`` of kind `notFound` where there is none, `corruptData` where chunks do not fit.
    public func download(id: BSONValue) async throws -> [UInt8] { try await openDownload(id: id).collect() }

    /// Reads a whole file into memory, by its name; see ``openDownload(filename:revision:)``.
    public func download(filename: String, revision: Int = -1) async throws -> [UInt8] {
        try await openDownload(filename: filename, revision: revision).collect()
    }

    /// The files that match a filter on their documents, such as `["metadata.owner": "kim"]`.
    /// - Parameter limit: At most so many; 0 for all.
    public func find(
        _ filter: BSONDocument = [:], sort: BSONDocument = [:], skip: Int = 0, limit: Int = 0
    ) async throws -> [GridFSFile] {
        var query = files.find(filter)
        if !sort.isEmpty { query = query.sort(sort) }
        if skip > 0 { query = query.skip(skip) }
        if limit > 0 { query = query.limit(limit) }
        return try await query.toArray().map { try GridFSFile($0) }
    }

    // MARK: Changing

    /// Removes a file with its chunks.
    /// - Throws: ``MongoError`` of kind `notFound` where there is none; chunks without a file are removed even then.
    public func delete(id: BSONValue) async throws {
        let deleted = try await files.deleteOne(["_id": id]).deletedCount
        try await chunks.deleteMany(["files_id": id])
        if deleted == 0 { throw missing("the id \(id)") }
    }

    /// Gives a file another name.
    /// - Throws: ``MongoError`` of kind `notFound` where there is none.
    public func rename(id: BSONValue, to filename: String) async throws {
        let result = try await files.updateOne(["_id": id], ["$set": ["filename": .string(filename)]])
        if result.matchedCount == 0 { throw missing("the id \(id)") }
    }

    /// Removes all files of a name, every revision, with their chunks.
    /// - Throws: ``MongoError`` of kind `notFound` where there is none.
    public func delete(filename: String) async throws {
        let found = try await files.find(["filename": .string(filename)]).projection(["_id": 1]).toArray()
        let ids = found.compactMap { $0["_id"] }
        guard !ids.isEmpty else { throw missing("the name '\(filename)'") }
        // Some at a time: no command may grow beyond what the server takes.
        for start in stride(from: 0, to: ids.count, by: 10_000) {
            let some = BSONArray(ids[start..<min(start + 10_000, ids.count)])
            try await files.deleteMany(["_id": ["$in": .array(some)]])
            try await chunks.deleteMany(["files_id": ["$in": .array(some)]])
        }
    }

    /// Gives all files of a name another one, every revision.
    /// - Throws: ``MongoError`` of kind `notFound` where there is none.
    public func rename(filename: String, to newFilename: String) async throws {
        let result = try await files.updateMany(
            ["filename": .string(filename)], ["$set": ["filename": .string(newFilename)]])
        if result.matchedCount == 0 { throw missing("the name '\(filename)'") }
    }

    /// Removes the bucket with all files.
    public func drop() async throws {
        try await files.drop()
        try await chunks.drop()
    }

    private func missing(_ what: String) -> MongoError {
        MongoError(.notFound, "The GridFS bucket '\(name)' has no file of \(what)")
    }
}

extension GridFSBucket {
    /// Opens a file by its id; see ``openDownload(id:)-(BSONValue)``.
    public func openDownload(id: ObjectID) async throws -> GridFSDownload {
        try await openDownload(id: .objectID(id))
    }

    /// Reads a whole file into memory; see ``download(id:)-(BSONValue)``.
    public func download(id: ObjectID) async throws -> [UInt8] { try await download(id: .objectID(id)) }

    /// Removes a file with its chunks; see ``delete(id:)-(BSONValue)``.
    public func delete(id: ObjectID) async throws { try await delete(id: .objectID(id)) }
}
