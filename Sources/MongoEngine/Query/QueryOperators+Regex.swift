internal import BSON
internal import MongoProtocol

extension QueryOperators {
    static func regex(_ use: OperatorUse) throws -> FieldPredicate {
        var options: String?
        if let value = use.siblings["$options"] {
            guard let text = value.string else { throw MongoError(.badValue, "$options has to be a string") }
            options = text
        }
        switch use.argument {
        case .string(let pattern): return try regex(pattern, options ?? "")
        case .regularExpression(let expression):
            if options != nil, !expression.options.isEmpty {
                throw MongoError(.init(51075), "options set in both $regex and $options")
            }
            return try regex(expression.pattern, options ?? expression.options)
        default: throw MongoError(.badValue, "$regex has to be a string")
        }
    }

    static func options(_ use: OperatorUse) throws -> FieldPredicate? {
        if use.siblings["$regex"] == nil { throw MongoError(.badValue, "$options needs a $regex") }
        return nil
    }

    /// A regular expression, which matches text and an equal regular expression. The argument is always given as a
    /// regular expression with its options, however it was written.
    static func regex(_ pattern: String, _ options: String) throws -> FieldPredicate {
        if pattern.utf8.contains(0) {
            throw MongoError(.badValue, "Regular expression cannot contain an embedded null byte")
        }
        let compiled = try RegexPattern(pattern, options: options)
        let value = BSONValue.regularExpression(BSONRegularExpression(pattern: pattern, options: options))
        let operand = Operand(value)
        return FieldPredicate("$regex", value) { value in
            guard let value else { return false }
            switch value.type {
            case .string, .symbol: return try compiled.matches(value.stringBytes)
            case .regularExpression: return Relation.equal.holds(value, operand)
            default: return false
            }
        }
    }
}
