internal import BSON
internal import MongoProtocol

/// `$addToSet`, with `$each`.
struct AddToSetOperator: UpdateOperator {
    private let values: [BSONValue]

    init(_ argument: UpdateArgument) throws {
        guard let clauses = argument.value.document, let first = clauses.first(where: { _ in true }),
            first.key == "$each"
        else {
            values = [argument.value]
            return
        }
        guard let each = first.value.array else {
            throw MongoError(
                .typeMismatch,
                "The argument to $each in $addToSet must be an array but it was of type \(first.value.type.alias)")
        }
        guard clauses.keys.count == 1 else {
            throw MongoError(
                .badValue, "Found unexpected fields after $each in $addToSet: \(argument.value.shellText)")
        }
        values = Array(each)
    }

    func update(_ tree: inout UpdateTree, _ context: UpdateContext) throws -> UpdateOutcome {
        guard tree.type == .array else {
            throw MongoError(
                .badValue,
                "Cannot apply $addToSet to non-array field. Field named '\(context.fieldName)' has non-array type "
                    + tree.type.alias)
        }
        tree.open()
        guard case .array(let elements) = tree else { return .unchanged }
        let result = adding(to: elements)
        guard result.count > elements.count else { return .unchanged }
        tree = .array(result)
        return .changed
    }

    func initial(_ context: UpdateContext) -> BSONValue? { UpdateTree.array(adding(to: [])).materialized }

    private func adding(to elements: [UpdateTree]) -> [UpdateTree] {
        var result = elements
        for value in values where !result.contains(where: { $0.isEqual(to: .value(value)) }) {
            result.append(.value(value))
        }
        return result
    }
}

/// `$pop`.
struct PopOperator: UpdateOperator {
    private let first: Bool

    init(_ argument: UpdateArgument) throws {
        let field = "\(argument.path.text): \(argument.value.shellText)"
        guard argument.value.isNumber else { throw MongoError(.failedToParse, "Expected a number in: \(field)") }
        guard let number = argument.value.int64 else {
            throw MongoError(.failedToParse, "Expected an integer: \(field)")
        }
        guard number == 1 || number == -1 else {
            throw MongoError(.failedToParse, "$pop expects 1 or -1, found: \(argument.value.shellText)")
        }
        first = number == -1
    }

    func update(_ tree: inout UpdateTree, _ context: UpdateContext) throws -> UpdateOutcome {
        guard tree.type == .array else {
            throw MongoError(
                .typeMismatch,
                "Path '\(context.pathText)' contains an element of non-array type '\(tree.type.alias)'")
        }
        tree.open()
        guard case .array(var elements) = tree, !elements.isEmpty else { return .unchanged }
        tree = .value(.null)
        if first { elements.removeFirst() } else { elements.removeLast() }
        tree = .array(elements)
        return .changed
    }

    func initial(_ context: UpdateContext) -> BSONValue? { nil }
    func blocked(_ context: UpdateContext) -> UpdateBlockedPath { .cannotTraverse }
}

/// `$pull` and `$pullAll`.
struct PullOperator: UpdateOperator {
    private let takes: @Sendable (RawValue) throws -> Bool

    init(_ argument: UpdateArgument) throws {
        takes = try ElementCondition.compile(argument)
    }

    init(all argument: UpdateArgument) throws {
        guard let values = argument.value.array.map({ Array($0) }) else {
            throw MongoError(
                .badValue, "$pullAll requires an array argument but was given a \(argument.value.type.alias)")
        }
        takes = { element in
            values.contains { $0.withRawValue { RawValue.compare(element, $0) == 0 } }
        }
    }

    func update(_ tree: inout UpdateTree, _ context: UpdateContext) throws -> UpdateOutcome {
        guard tree.type == .array else {
            throw MongoError(.badValue, "Cannot apply $pull to a non-array value")
        }
        tree.open()
        guard case .array(let elements) = tree else { return .unchanged }
        let kept = try elements.filter { element in try !element.withRaw(takes) }
        guard kept.count < elements.count else { return .unchanged }
        tree = .array(kept)
        return .changed
    }

    func initial(_ context: UpdateContext) -> BSONValue? { nil }
    func blocked(_ context: UpdateContext) -> UpdateBlockedPath { .cannotTraverse }
}

/// The condition of a `$pull`, which is asked of each element alone: arrays among the elements are values like others.
enum ElementCondition {
    /// Makes the test of an element.
    static func compile(_ argument: UpdateArgument) throws -> @Sendable (RawValue) throws -> Bool {
        switch argument.value {
        case .document(let condition):
            // The name does not matter, as only the test at its end is used.
            if let first = condition.first(where: { _ in true })?.key, first.hasPrefix("$"),
                !["$ref", "$id", "$db"].contains(first)
            {
                return try ofValue(argument)
            }
            let filter = try CompiledFilter.compile(condition, now: argument.now, variables: argument.variables)
            return { element in
                guard element.type == .document else { return false }
                return try filter.matches(element.document)
            }
        case .regularExpression: return try ofValue(argument)
        default:
            let value = argument.value
            return { element in value.withRawValue { RawValue.compare(element, $0) == 0 } }
        }
    }

    private static func ofValue(_ argument: UpdateArgument) throws -> @Sendable (RawValue) throws -> Bool {
        let filter = try CompiledFilter.compile(
            ["element": argument.value], now: argument.now, variables: argument.variables)
        return { element in try test(filter.node, element) }
    }

    private static func test(_ node: FilterNode, _ element: RawValue) throws -> Bool {
        switch node {
        case .and(let nodes): try nodes.allSatisfy { try test($0, element) }
        case .or(let nodes): try nodes.contains { try test($0, element) }
        case .nor(let nodes): try !nodes.contains { try test($0, element) }
        case .field(_, let predicate): try test(predicate, element)
        case .not(_, let predicates): try !predicates.allSatisfy { try test($0, element) }
        case .expression, .other: false
        }
    }

    private static func test(_ predicate: FieldPredicate, _ element: RawValue) throws -> Bool {
        if let negated = predicate.negated { return try !negated.allSatisfy { try test($0, element) } }
        if !predicate.parts.isEmpty { return try predicate.parts.allSatisfy { try test($0, element) } }
        return try predicate.matches(element)
    }
}
