internal import BSON
internal import MongoProtocol

/// `$addToSet`, with `$each`.
struct AddToSetOperator: UpdateOperator {
    /// Kept as bytes, so that comparing makes no copies.
    private let values: BSONArray

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
        values = each
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
        values.document.withRaw { raw in
            for new in raw.lazy.map(\.value)
            where !result.contains(where: { $0.withRaw { RawValue.compare($0, new) == 0 } }) {
                result.append(.value(BSONValue(new, owner: values.document.buffer)))
            }
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
        guard let values = argument.value.array?.document else {
            throw MongoError(
                .badValue, "$pullAll requires an array argument but was given a \(argument.value.type.alias)")
        }
        takes = { element in
            values.withRaw { raw in raw.contains { RawValue.compare(element, $0.value) == 0 } }
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

/// The condition of a `$pull`, which is asked of each element as a filter asks it of a field.
enum ElementCondition {
    /// Makes the test of an element.
    static func compile(_ argument: UpdateArgument) throws -> @Sendable (RawValue) throws -> Bool {
        switch argument.value {
        case .document(let condition):
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
            [name: argument.value], now: argument.now, variables: argument.variables)
        return { element in
            var writer = BSONWriter(capacity: element.count + 32)
            writer.append(name, element)
            let document = writer.finish()
            return try document.withRaw { raw in try filter.matches(raw) }
        }
    }

    /// The field that an element stands in while a filter looks at it.
    private static let name = "element"
}
