internal import BSON
internal import MongoProtocol

/// `$inc` and `$mul`.
struct ArithmeticOperator: UpdateOperator {
    private let name: String
    private let operand: BSONNumber
    private let apply: @Sendable (BSONNumber, BSONNumber) -> BSONNumber?
    private let missing: @Sendable (BSONNumber) -> BSONNumber

    init(
        _ argument: UpdateArgument, verb: String, apply: @escaping @Sendable (BSONNumber, BSONNumber) -> BSONNumber?,
        missing: @escaping @Sendable (BSONNumber) -> BSONNumber
    ) throws {
        guard let operand = BSONNumber(argument.value) else {
            throw MongoError(
                .typeMismatch,
                "Cannot \(verb) with non-numeric argument: {\(argument.path.text): \(argument.value.shellText)}")
        }
        name = argument.name
        self.operand = operand
        self.apply = apply
        self.missing = missing
    }

    func update(_ tree: inout UpdateTree, _ context: UpdateContext) throws -> UpdateOutcome {
        guard let number = BSONNumber(tree.materialized) else {
            throw MongoError(
                .typeMismatch,
                "Cannot apply \(name) to a value of non-numeric type. \(context.documentText) has the field "
                    + "'\(context.fieldName)' of non-numeric type \(tree.type.alias)")
        }
        let old = number.value
        guard let new = apply(number, operand)?.value else {
            let shown = old.type == .int64 ? "(NumberLong)\(old.shellText)" : "(NumberInt)\(old.shellText)"
            throw MongoError(
                .badValue,
                "Failed to apply \(name) operations to current value (\(shown)) for document \(context.documentText)")
        }
        if new == old { return .unchanged }
        tree = .value(new)
        return .changed
    }

    func initial(_ context: UpdateContext) -> BSONValue? { missing(operand).value }
}

/// `$bit`.
struct BitOperator: UpdateOperator {
    private enum Step: Sendable {
        case and, or, xor
    }
    private let steps: [(step: Step, operand: BSONValue)]

    init(_ argument: UpdateArgument) throws {
        guard let operations = argument.value.document else {
            throw MongoError(
                .badValue,
                "The $bit modifier is not compatible with a \(argument.value.type.alias). "
                    + "You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}")
        }
        steps = try operations.map { name, operand in
            let step: Step
            switch name {
            case "and": step = .and
            case "or": step = .or
            case "xor": step = .xor
            default:
                throw MongoError(
                    .badValue,
                    "The $bit modifier only supports 'and', 'or', and 'xor', not '\(name)' which is an unknown "
                        + "operator: {\(name): \(operand.shellText)}")
            }
            guard operand.type == .int32 || operand.type == .int64 else {
                throw MongoError(
                    .badValue,
                    "The $bit modifier field must be an Integer(32/64 bit); a '\(operand.type.alias)' is not "
                        + "supported here: {\(name): \(operand.shellText)}")
            }
            return (step, operand)
        }
        guard !steps.isEmpty else {
            throw MongoError(
                .badValue,
                "You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}")
        }
    }

    func update(_ tree: inout UpdateTree, _ context: UpdateContext) throws -> UpdateOutcome {
        guard tree.type == .int32 || tree.type == .int64 else {
            throw MongoError(
                .badValue,
                "Cannot apply $bit to a value of non-integral type._id: \(context.idText) has the field "
                    + "\(context.fieldName) of non-integer type \(tree.type.alias)")
        }
        let old = tree.materialized
        let new = result(from: old)
        if new == old { return .unchanged }
        tree = .value(new)
        return .changed
    }

    func initial(_ context: UpdateContext) -> BSONValue? { result(from: .int32(0)) }

    private func result(from start: BSONValue) -> BSONValue {
        var bits = start.int64 ?? 0
        var isWide = start.type == .int64
        for (step, operand) in steps {
            let other = operand.int64 ?? 0
            isWide = isWide || operand.type == .int64
            switch step {
            case .and: bits &= other
            case .or: bits |= other
            case .xor: bits ^= other
            }
        }
        // Operands of 32 bits are extended with their sign, so that what they make fits 32 bits again.
        return isWide ? .int64(bits) : .int32(Int32(truncatingIfNeeded: bits))
    }
}
