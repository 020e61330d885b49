internal import BSON
internal import MongoProtocol

/// The table of stages: one row each, each made in a file of its own.
enum Stages {
    typealias Compile = @Sendable (BSONValue, PipelineEnvironment) throws -> [Stage]

    private static let table: [String: Compile] = [
        "$match": match,
        "$project": project,
        "$addFields": { try addFields("$addFields", $0, $1) },
        "$set": { try addFields("$set", $0, $1) },
        "$unset": unset,
        "$group": group,
        "$sort": sort,
        "$skip": skip,
        "$limit": limit,
        "$unwind": unwind,
        "$lookup": lookup,
        "$count": count,
        "$replaceRoot": replaceRoot,
        "$replaceWith": replaceWith,
        "$sortByCount": sortByCount,
        "$facet": facet,
        "$sample": sample,
        "$bucket": bucket,
        "$bucketAuto": bucketAuto,
        "$unionWith": unionWith,
        "$documents": documents,
        "$graphLookup": graphLookup,
        "$redact": redact,
        "$out": out,
        "$merge": merge,
    ]

    /// Checks that a stage may stand where it does: `$documents` at the start, and only where there is no collection.
    static func checkPlace(of stage: BSONValue, _ index: Int, _ environment: PipelineEnvironment) throws {
        guard let name = stage.document?.keys.first, table[name] != nil else { return }
        if name == "$documents" {
            if index > 0 {
                throw MongoError(.init(40602), "$documents is only valid as the first stage in a pipeline")
            }
            guard environment.isCollectionless else {
                throw MongoError(
                    .invalidNamespace, "'$documents' can only be run with {aggregate: 1}")
            }
        } else if index == 0, environment.isCollectionless {
            throw MongoError(
                .invalidNamespace, "{aggregate: 1} is not valid for '\(name)'; a collection is required.")
        }
    }

    /// Compiles one stage of a pipeline.
    static func compile(_ stage: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let document = stage.document else {
            throw MongoError(.typeMismatch, "Each element of the 'pipeline' array must be an object")
        }
        let fields = Array(document)
        guard fields.count == 1 else {
            throw MongoError(
                .init(40323), "A pipeline stage specification object must contain exactly one field.")
        }
        guard let compile = table[fields[0].key] else {
            throw MongoError(.init(40324), "Unrecognized pipeline stage name: '\(fields[0].key)'")
        }
        return try compile(fields[0].value, environment)
    }
}
