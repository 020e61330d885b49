internal import MongoProtocol

/// A read that had just begun met a collection or an index that was dropped after its plan was made.
///
/// Nothing was given out yet, so the command is run again on the catalog as it is now. One that has begun, or a getMore,
/// ends with `QueryPlanKilled` (175) as in MongoDB.
struct PlanOutdated: Error {
    let error = MongoError(.queryPlanKilled, "collection or index dropped while the operation read from it")
}
