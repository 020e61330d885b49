internal import BSON

/// What a read asks of one collection.
struct FindPlanRequest: Sendable {
    var filter: BSONDocument
    var sort: BSONDocument = [:]
    var skip: Int = 0
    /// How many documents at most; nil and 0 stand for all.
    var limit: Int?
    var projection: BSONDocument = [:]
    /// The index to use, by its name or its key pattern, or `{$natural: 1}` or `{$natural: -1}` for none.
    var hint: BSONValue?
    /// What the command's `let` defines.
    var variables: ExpressionVariables?
    /// Whether a sort may write to a temporary file.
    var allowDiskUse: Bool = true
}
