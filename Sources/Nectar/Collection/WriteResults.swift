public import BSON

/// What `insertOne` did.
public struct InsertOneResult: Sendable {
    /// The `_id` of the document.
    public let insertedID: BSONValue
}

/// What `insertMany` did.
public struct InsertManyResult: Sendable {
    /// The `_id`s of the documents, in their order.
    public let insertedIDs: [BSONValue]
}

/// What an update did.
public struct UpdateResult: Sendable {
    /// How many documents matched.
    public let matchedCount: Int
    /// How many documents changed.
    public let modifiedCount: Int
    /// The `_id` of the document that was inserted for want of a match.
    public let upsertedID: BSONValue?
}

/// What a delete did.
public struct DeleteResult: Sendable {
    /// How many documents went.
    public let deletedCount: Int
}

/// What a bulk write did.
public struct BulkWriteResult: Sendable {
    /// How many documents were inserted.
    public internal(set) var insertedCount = 0
    /// How many documents matched.
    public internal(set) var matchedCount = 0
    /// How many documents changed.
    public internal(set) var modifiedCount = 0
    /// How many documents went.
    public internal(set) var deletedCount = 0
    /// The `_id`s of inserted-for-want-of-a-match documents, by the place of their write.
    public internal(set) var upsertedIDs: [Int: BSONValue] = [:]
}
