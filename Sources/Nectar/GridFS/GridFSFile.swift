public import BSON

/// A file of a GridFS bucket, as its document in the collection of files describes it.
public struct GridFSFile: Sendable {
    /// The id, an ObjectID where the application gave none.
    public let id: BSONValue
    /// The size, in bytes.
    public let length: Int64
    /// The size of every chunk but the last, in bytes.
    public let chunkSize: Int
    /// When the upload ended.
    public let uploadDate: BSONDate
    /// The name; several files may bear one, as revisions.
    public let filename: String?
    /// What the application keeps beside the file.
    public let metadata: BSONDocument?
    /// The whole document, fields of other drivers included.
    public let document: BSONDocument

    /// The media type: `metadata.contentType`, or `contentType` as older drivers wrote it.
    public var contentType: String? { metadata?["contentType"]?.string ?? document["contentType"]?.string }

    /// Reads a document of the collection of files.
    /// - Throws: ``MongoError`` of kind `corruptData` where its length or its chunk size is none.
    init(_ document: BSONDocument) throws {
        guard let id = document["_id"], let length = document["length"]?.int64, length >= 0,
            let chunkSize = document["chunkSize"]?.int, chunkSize > 0 || length == 0
        else { throw MongoError(.corruptData, "a GridFS file has no usable length and chunk size") }
        self.id = id
        self.length = length
        self.chunkSize = chunkSize
        uploadDate = document["uploadDate"]?.date ?? BSONDate(millisecondsSince1970: 0)
        filename = document["filename"]?.string
        metadata = document["metadata"]?.document
        self.document = document
    }

    /// How many chunks the file has.
    var chunkCount: Int64 { length == 0 ? 0 : (length - 1) / Int64(chunkSize) + 1 }

    /// How many bytes a chunk holds; `number` is one of the file's.
    func length(ofChunk number: Int64) -> Int64 {
        let start = number * Int64(chunkSize)
        return Swift.min(Int64(chunkSize), length - start)
    }
}
