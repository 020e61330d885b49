internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$skip`.
    static func skip(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard value.isNumber else {
            throw MongoError(.init(15972), "invalid argument to $skip stage: Expected a number in: $skip: \(value)")
        }
        guard let count = value.int64 else {
            throw MongoError(
                .init(5_107_200), "invalid argument to $skip stage: Expected an integer: $skip: \(value)")
        }
        guard count >= 0 else {
            throw MongoError(
                .init(5_107_200),
                "invalid argument to $skip stage: Expected a non-negative number in: $skip: \(value)")
        }
        return [
            Stage(name: "$skip") { source in
                var left = count
                return TransformSource(source) { document, _ in
                    if left == 0 { return document }
                    left -= 1
                    return nil
                }
            }
        ]
    }

    /// `$limit`.
    static func limit(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard value.isNumber else {
            throw MongoError(
                .init(15957), "invalid argument to $limit stage: Expected a number in: $limit: \(value)")
        }
        guard let count = value.int64, count >= 0 else {
            throw MongoError(
                .init(5_107_201),
                "invalid argument to $limit stage: Expected a non-negative integer in: $limit: \(value)")
        }
        guard count > 0 else { throw MongoError(.init(15958), "the limit must be positive") }
        return [Stage(name: "$limit", role: .limit(count)) { LimitSource($0, count) }]
    }

    /// `$count`: one document, or none where nothing came in.
    static func count(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let name = value.string else {
            throw MongoError(.init(40156), "the count field must be a non-empty string")
        }
        if name.isEmpty { throw MongoError(.init(40157), "the count field must be a non-empty string") }
        if name.utf8.first == UInt8(ascii: "$") {
            throw MongoError(.init(40158), "the count field cannot be a $-prefixed path")
        }
        if name.utf8.contains(0) { throw MongoError(.init(40159), "the count field cannot contain a null byte") }
        if name.utf8.contains(UInt8(ascii: ".")) {
            throw MongoError(.init(40160), "the count field cannot contain '.'")
        }
        return [Stage(name: "$count") { BlockingSource($0, CountGatherer(name: name)) }]
    }

    /// `$replaceRoot`.
    static func replaceRoot(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let document = value.document else {
            throw MongoError(
                .init(40229), "expected an object as specification for $replaceRoot stage, got \(value.type.alias)")
        }
        for key in document.keys where key != "newRoot" {
            throw MongoError(.unknownField, "BSON field '$replaceRoot.\(key)' is an unknown field.")
        }
        guard let root = document["newRoot"] else {
            throw MongoError(.missingField, "BSON field '$replaceRoot.newRoot' is missing but a required field")
        }
        return try replaceWith(root, environment)
    }

    /// `$replaceWith`.
    static func replaceWith(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        let expression = try environment.scope.compile(value)
        return [
            Stage(name: "$replaceRoot") { source, variables in
                TransformSource(source) { document, _ in
                    let result = try expression.evaluate(document, variables)
                    if case .document(let root)? = result { return root }
                    throw MongoError(
                        .init(40228),
                        "'newRoot' expression must evaluate to an object, but resulting value was: "
                            + "\(result.map(\.description) ?? "MISSING"). Type of resulting value: "
                            + "'\(ExpressionOperators.typeName(result))'. Input document: \(document)")
                }
            }
        ]
    }

    /// `$sortByCount`: a `$group` and a `$sort`.
    static func sortByCount(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        switch value {
        case .document(let document):
            guard document.keys.first?.utf8.first == UInt8(ascii: "$") else {
                throw MongoError(
                    .init(40147),
                    "the sortByCount field must be defined as a $-prefixed path or an expression inside an object")
            }
        case .string(let text):
            guard text.utf8.first == UInt8(ascii: "$") else {
                throw MongoError(
                    .init(40148),
                    "the sortByCount field must be defined as a $-prefixed path or an expression inside an object")
            }
        default:
            throw MongoError(
                .init(40149), "the sortByCount field must be specified as a string or as an object")
        }
        let counter: BSONValue = ["$sum": 1]
        return try group(["_id": value, "count": counter], environment) + sort(["count": -1], environment)
    }

    /// `$sample`: by reservoir, each document with the same chance.
    static func sample(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let document = value.document else {
            throw MongoError(.init(28745), "the $sample stage specification must be an object")
        }
        for key in document.keys where key != "size" {
            throw MongoError(.init(28748), "unrecognized option to $sample: \(key)")
        }
        guard let size = document["size"] else { throw MongoError(.init(28749), "$sample stage must specify a size") }
        guard size.isNumber else { throw MongoError(.init(28746), "size argument to $sample must be a number") }
        guard let count = size.int, count > 0 else {
            throw MongoError(.init(28747), "size argument to $sample must be a positive integer")
        }
        return [Stage(name: "$sample") { BlockingSource($0, SampleGatherer(size: count)) }]
    }
}

/// Gives the first documents and asks for no more.
final class LimitSource: DocumentSource {
    private let upstream: any DocumentSource
    private var left: Int64

    init(_ upstream: any DocumentSource, _ count: Int64) {
        self.upstream = upstream
        left = count
    }

    func next(_ context: ExecutionContext) throws -> Step {
        guard left > 0 else { return .end }
        let step = try upstream.next(context)
        if case .document = step { left -= 1 }
        return step
    }
}

private final class CountGatherer: BlockingSource.Gatherer {
    private let name: String
    private var count: Int64 = 0
    init(name: String) { self.name = name }
    func add(_ document: BSONDocument, _ context: ExecutionContext) { count &+= 1 }
    func finish() -> any DocumentSource {
        let value = Int32(exactly: count).map { BSONValue.int32($0) } ?? .int64(count)
        return ArraySource(count == 0 ? [] : [[name: value]])
    }
}

private final class SampleGatherer: BlockingSource.Gatherer {
    private let size: Int
    private var seen = 0
    private var kept: [BSONDocument] = []
    private var bytes = 0
    init(size: Int) { self.size = size }

    func add(_ document: BSONDocument, _ context: ExecutionContext) throws {
        seen += 1
        if kept.count < size {
            kept.append(document)
            bytes += document.byteCount
        } else {
            let place = Int.random(in: 0..<seen)
            guard place < size else { return }
            bytes += document.byteCount - kept[place].byteCount
            kept[place] = document
        }
        if bytes > PipelineEnvironment.memoryLimit {
            throw MongoError(.queryExceededMemoryLimit, "$sample exceeded the memory limit of 100 megabytes")
        }
    }

    func finish() -> any DocumentSource { ArraySource(kept.shuffled()) }
}
