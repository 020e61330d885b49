internal import BSON
internal import MongoProtocol

/// `$set`, and `$currentDate` once its value is known.
struct SetOperator: UpdateOperator {
    let value: BSONValue

    func update(_ tree: inout UpdateTree, _ context: UpdateContext) -> UpdateOutcome {
        if tree.isIdentical(to: value) { return .unchanged }
        tree = .value(value)
        return .changed
    }

    func initial(_ context: UpdateContext) -> BSONValue? { value }
}

/// `$setOnInsert`: as `$set`, for documents that an upsert makes.
struct SetOnInsertOperator: UpdateOperator {
    let value: BSONValue

    func update(_ tree: inout UpdateTree, _ context: UpdateContext) -> UpdateOutcome {
        context.isInsert ? SetOperator(value: value).update(&tree, context) : .unchanged
    }

    func initial(_ context: UpdateContext) -> BSONValue? {
        // Not a conditional expression: in one, `nil` would be the BSON value null.
        guard context.isInsert else { return nil }
        return value
    }

    func blocked(_ context: UpdateContext) -> UpdateBlockedPath { context.isInsert ? .cannotCreate : .ignore }
}

/// `$unset`.
struct UnsetOperator: UpdateOperator {
    func update(_ tree: inout UpdateTree, _ context: UpdateContext) -> UpdateOutcome { .removed }
    func initial(_ context: UpdateContext) -> BSONValue? { nil }
    func blocked(_ context: UpdateContext) -> UpdateBlockedPath { .ignore }
}

/// Keeps a path that a rename takes its value from, so that no other change may meet it there.
struct RenameSourceOperator: UpdateOperator {
    func update(_ tree: inout UpdateTree, _ context: UpdateContext) -> UpdateOutcome { .unchanged }
    func initial(_ context: UpdateContext) -> BSONValue? { nil }
    func blocked(_ context: UpdateContext) -> UpdateBlockedPath { .ignore }
}

/// `$rename`, at the place the value goes to; ``CompiledUpdate`` looks the value up before and removes it after.
struct RenameOperator: UpdateOperator {
    /// The path that the value comes from.
    let source: String

    func update(_ tree: inout UpdateTree, _ context: UpdateContext) -> UpdateOutcome {
        guard let value = context.renamed[source] else { return .unchanged }
        tree = .value(value)
        return .changed
    }

    func initial(_ context: UpdateContext) -> BSONValue? { context.renamed[source] }

    func blocked(_ context: UpdateContext) -> UpdateBlockedPath {
        context.renamed[source] == nil ? .ignore : .cannotCreate
    }
}

/// `$min` and `$max`.
struct ExtremeOperator: UpdateOperator {
    let value: BSONValue
    let wantsLess: Bool

    func update(_ tree: inout UpdateTree, _ context: UpdateContext) -> UpdateOutcome {
        let order = tree.withRaw { old in value.withRawValue { new in RawValue.compare(new, old) } }
        guard wantsLess ? order < 0 : order > 0 else { return .unchanged }
        tree = .value(value)
        return .changed
    }

    func initial(_ context: UpdateContext) -> BSONValue? { value }
}

/// The argument of `$currentDate`.
enum CurrentDate {
    /// The date or timestamp that the argument asks for.
    static func value(_ argument: UpdateArgument) throws -> BSONValue {
        switch argument.value {
        case .bool: return .date(argument.now)
        case .document(let options):
            if let unknown = options.keys.first(where: { $0 != "$type" }) {
                throw MongoError(.badValue, "Unrecognized $currentDate option: \(unknown)")
            }
            switch options["$type"] {
            case .string("date"): return .date(argument.now)
            case .string("timestamp"):
                let seconds = argument.now.millisecondsSince1970 / 1000
                return .timestamp(BSONTimestamp(seconds: UInt32(clamping: seconds), increment: 1))
            default:
                throw MongoError(
                    .badValue,
                    "The '$type' string field is required to be 'date' or 'timestamp': "
                        + "{$currentDate: {field : {$type: 'date'}}}")
            }
        default:
            throw MongoError(
                .badValue,
                "\(argument.value.type.alias) is not valid type for $currentDate. "
                    + "Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).")
        }
    }
}
