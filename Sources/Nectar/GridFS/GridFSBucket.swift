internal import BSON

/// Files in a database, in pieces: a bucket is a collection of files and one of their chunks.
public struct GridFSBucket: Sendable {
    /// The database.
    public let database: MongoDatabase
    /// The bucket's name, which its collections' names begin with.
    public let name: String
    /// The size of the chunks of new files, in bytes.
    public let chunkSizeBytes: Int
}
