internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$project`.
    static func project(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let document = value.document else {
            throw MongoError(.init(15969), "$project specification must be an object")
        }
        let tree = try ProjectionTree.project(document, environment.scope)
        return [transform("$project", tree)]
    }

    /// `$addFields` and `$set`.
    static func addFields(
        _ name: String, _ value: BSONValue, _ environment: PipelineEnvironment
    ) throws -> [Stage] {
        guard let document = value.document else {
            throw MongoError(.init(40272), "\(name) specification stage must be an object, got \(value.type.alias)")
        }
        let tree = try ProjectionTree.addFields(name, document, environment.scope)
        return [transform(name, tree)]
    }

    /// `$unset`.
    static func unset(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        let names: [BSONValue] = value.array.map { Array($0) } ?? [value]
        if names.isEmpty {
            throw MongoError(.init(31119), "$unset specification must be a string or an array with at least one field")
        }
        let fields: [(String, BSONValue)] = try names.map { name in
            guard let text = name.string else {
                throw MongoError(
                    .init(value.array == nil ? 31002 : 31120),
                    "$unset specification must be a string or an array containing only string values")
            }
            return (text, false)
        }
        let tree = try ProjectionTree.project(BSONDocument(fields: fields), environment.scope, stage: "$unset")
        return [transform("$unset", tree)]
    }

    private static func transform(_ name: String, _ tree: ProjectionTree) -> Stage {
        Stage(name: name) { source, variables in
            TransformSource(source) { document, _ in try tree.apply(document, variables) }
        }
    }
}
