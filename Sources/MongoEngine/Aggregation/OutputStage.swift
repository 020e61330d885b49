internal import BSON
internal import MongoProtocol

/// Where the documents of a pipeline go instead of to the client.
enum PipelineOutput: Sendable {
    /// `$out`: they become the collection.
    case replacement(OutputTarget)
    /// `$merge`: each goes into the collection beside what is there.
    case merge(MergeSpecification)

    var target: OutputTarget {
        switch self {
        case .replacement(let target): target
        case .merge(let specification): specification.target
        }
    }
}

/// The collection that a pipeline writes to.
struct OutputTarget: Sendable {
    /// The database; nil for that of the command.
    let database: String?
    let collection: String
}

/// A `$merge`, read.
struct MergeSpecification: Sendable {
    /// What becomes of a document that meets one in the collection.
    enum Matched: Sendable {
        case replace, keepExisting, merge, fail
        case pipeline(BSONArray)
    }
    /// What becomes of a document that meets none.
    enum Unmatched: String, Sendable {
        case insert, discard, fail
    }

    let target: OutputTarget
    /// The fields that two documents meet by.
    let fields: [String]
    let matched: Matched
    let unmatched: Unmatched
    /// The variables of the pipeline for those that meet.
    let bindings: [(String, CompiledExpression)]
}

extension Stages {
    /// `$out`.
    static func out(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        let target: OutputTarget
        switch value {
        case .string(let name): target = OutputTarget(database: nil, collection: name)
        case .document(let document):
            guard document.keys.count == 2, let database = document["db"]?.string,
                let collection = document["coll"]?.string
            else {
                throw MongoError(
                    .init(16994), "If an object is passed to $out it must have exactly 2 fields: 'db' and 'coll'")
            }
            target = OutputTarget(database: database, collection: collection)
        default:
            throw MongoError(
                .init(16990), "$out only supports a string or object argument, but found \(value.type.alias)")
        }
        if target.collection.isEmpty {
            throw MongoError(.invalidNamespace, "Invalid $out target namespace, an empty name")
        }
        return try output("$out", .replacement(target), environment)
    }

    /// `$merge`.
    static func merge(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        try output("$merge", .merge(try MergeSpecification(value, environment)), environment)
    }

    private static func output(
        _ name: String, _ output: PipelineOutput, _ environment: PipelineEnvironment
    ) throws -> [Stage] {
        guard environment.depth == 0 else {
            throw MongoError(.init(51047), "\(name) is not allowed within a sub-pipeline")
        }
        return [Stage(name: name, role: .output(output)) { source in source }]
    }
}

extension MergeSpecification {
    init(_ value: BSONValue, _ environment: PipelineEnvironment) throws {
        let document: BSONDocument
        switch value {
        case .string(let name): document = ["into": .string(name)]
        case .document(let fields): document = fields
        default:
            throw MongoError(
                .typeMismatch, "$merge requires a string or object argument, but found \(value.type.alias)")
        }
        let known: Set<String> = ["into", "on", "let", "whenMatched", "whenNotMatched"]
        if let unknown = document.keys.first(where: { !known.contains($0) }) {
            throw MongoError(.failedToParse, "BSON field '$merge.\(unknown)' is an unknown field.")
        }
        guard let into = document["into"] else {
            throw MongoError(.missingField, "BSON field '$merge.into' is missing but a required field")
        }
        target = try Self.target(into)
        fields = try Self.fields(document["on"])
        matched = try Self.matched(document["whenMatched"])
        unmatched = try Self.unmatched(document["whenNotMatched"])
        if let value = document["let"] {
            guard let variables = value.document else {
                throw MongoError(
                    .typeMismatch,
                    "BSON field '$merge.let' is the wrong type '\(value.type.alias)', expected type 'object'")
            }
            guard case .pipeline = matched else {
                throw MongoError(
                    .init(51199), "Cannot use 'let' variables with 'whenMatched' mode other than a pipeline")
            }
            bindings = try variables.map { name, value in
                try ExpressionScope.checkUserName(name)
                return (name, try environment.scope.compile(value))
            }
        } else {
            bindings = [("new", try environment.scope.compile("$$ROOT"))]
        }
    }

    private static func target(_ value: BSONValue) throws -> OutputTarget {
        switch value {
        case .string(let name):
            if name.isEmpty {
                throw MongoError(.invalidNamespace, "Invalid $merge target namespace, an empty name")
            }
            return OutputTarget(database: nil, collection: name)
        case .document(let document):
            guard let collection = document["coll"]?.string, !collection.isEmpty else {
                throw MongoError(.init(51178), "$merge 'into' field must specify a 'coll' that is not empty")
            }
            return OutputTarget(database: document["db"]?.string, collection: collection)
        default:
            throw MongoError(
                .init(51178), "$merge 'into' field  must be either a string or an object, but found \(value.type.alias)"
            )
        }
    }

    private static func fields(_ value: BSONValue?) throws -> [String] {
        switch value {
        case nil: return ["_id"]
        case .string(let name)?: return [name]
        case .array(let list)?:
            if list.isEmpty {
                throw MongoError(
                    .init(51187), "If explicitly specifying $merge 'on', must include at least one field")
            }
            var names: [String] = []
            for entry in list {
                guard let name = entry.string else {
                    throw MongoError(
                        .init(51134), "$merge 'on' array elements must be strings, but found \(entry.type.alias)")
                }
                if names.contains(name) {
                    throw MongoError(.init(31465), "Found a duplicate field '\(name)'")
                }
                names.append(name)
            }
            return names
        case let value?:
            throw MongoError(
                .init(51186),
                "$merge 'on' field  must be either a string or an array of strings, but found \(value.type.alias)")
        }
    }

    private static func matched(_ value: BSONValue?) throws -> Matched {
        switch value {
        case nil: return .merge
        case .array(let stages)?: return .pipeline(stages)
        case .string(let name)?:
            switch name {
            case "replace": return .replace
            case "keepExisting": return .keepExisting
            case "merge": return .merge
            case "fail": return .fail
            default:
                throw MongoError(
                    .badValue, "Enumeration value '\(name)' for field '$merge.whenMatched' is not a valid value.")
            }
        case let value?:
            throw MongoError(
                .init(51191),
                "$merge 'whenMatched' field  must be either a string or an array, but found \(value.type.alias)")
        }
    }

    private static func unmatched(_ value: BSONValue?) throws -> Unmatched {
        guard let value else { return .insert }
        guard let name = value.string else {
            throw MongoError(
                .typeMismatch,
                "BSON field '$merge.whenNotMatched' is the wrong type '\(value.type.alias)', expected type 'string'")
        }
        guard let mode = Unmatched(rawValue: name) else {
            throw MongoError(
                .badValue, "Enumeration value '\(name)' for field '$merge.whenNotMatched' is not a valid value.")
        }
        return mode
    }
}
