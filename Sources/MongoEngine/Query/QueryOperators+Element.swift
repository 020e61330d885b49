internal import BSON
internal import MongoProtocol

extension QueryOperators {
    static func exists(_ use: OperatorUse) -> FieldPredicate {
        // Elements count too: the first of them is the place for the positional `$`.
        let predicate = FieldPredicate("$exists", .bool(true)) { $0 != nil }
        return use.argument.isTruthy
            ? predicate : FieldPredicate(negating: [predicate], name: use.name, use.argument)
    }

    static func type(_ use: OperatorUse) throws -> FieldPredicate {
        let accepted = try types(use.argument)
        return FieldPredicate(use.name, use.argument) { value in value.map { accepted.contains($0.type) } ?? false }
    }

    /// The types that the argument of a `$type` names.
    static func types(_ argument: BSONValue) throws -> Set<BSONType> {
        var types: Set<BSONType> = []
        let names = argument.array.map { Array($0) } ?? [argument]
        if names.isEmpty { throw MongoError(.failedToParse, "$type must match at least one type") }
        for name in names { types.formUnion(try self.types(named: name)) }
        return types
    }

    private static func types(named name: BSONValue) throws -> Set<BSONType> {
        switch name {
        case .string("number"): return Set(BSONType.allCases.filter(\.isNumber))
        case .string(let alias):
            guard let type = BSONType.allCases.first(where: { $0.alias == alias }) else {
                throw MongoError(.badValue, "Unknown type name alias: \(alias)")
            }
            return [type]
        default:
            guard name.isNumber else {
                throw MongoError(.typeMismatch, "type must be represented as a number or a string")
            }
            guard let code = name.int, let type = BSONType.allCases.first(where: { $0.code == code }) else {
                throw MongoError(.badValue, "Invalid numerical type code: \(name)")
            }
            return [type]
        }
    }

    static func mod(_ use: OperatorUse) throws -> FieldPredicate {
        guard let array = use.argument.array else {
            throw MongoError(.badValue, "malformed mod, needs to be an array")
        }
        let values = Array(array)
        if values.count < 2 { throw MongoError(.badValue, "malformed mod, not enough elements") }
        if values.count > 2 { throw MongoError(.badValue, "malformed mod, too many elements") }
        let divisor = try modArgument(values[0], "divisor")
        let remainder = try modArgument(values[1], "remainder")
        if divisor == 0 { throw MongoError(.badValue, "divisor cannot be 0") }
        return FieldPredicate(use.name, use.argument) { value in
            guard let dividend = value?.truncatedInteger else { return false }
            // Int64.min % -1 overflows; what it means is zero.
            return dividend.remainderReportingOverflow(dividingBy: divisor).partialValue == remainder
        }
    }

    private static func modArgument(_ value: BSONValue, _ role: String) throws -> Int64 {
        guard value.isNumber else { throw MongoError(.badValue, "malformed mod, \(role) not a number") }
        guard let number = value.withRawValue({ $0.truncatedInteger }) else {
            let isFinite = value.double.map(\.isFinite) ?? false
            throw MongoError(
                .badValue,
                "malformed mod, \(role) value is invalid :: caused by :: "
                    + (isFinite
                        ? "Out of bounds coercing to integral value" : "Unable to coerce NaN/Inf to integral type"))
        }
        return number
    }
}
