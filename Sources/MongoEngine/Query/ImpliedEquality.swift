internal import BSON

/// An equality at a path that holds wherever an `$expr` is true, so that an index can serve it.
struct ImpliedEquality: Sendable {
    let path: String
    let value: BSONValue

    /// The equalities of an expression: `{$eq: ["$path", value]}`, alone or in an `$and`.
    static func all(in expression: BSONValue, _ variables: ExpressionVariables) -> [ImpliedEquality] {
        guard let document = expression.document, let (name, argument) = document.first(where: { _ in true }),
            let operands = argument.array.map({ Array($0) })
        else { return [] }
        switch name {
        case "$and": return operands.flatMap { all(in: $0, variables) }
        case "$eq":
            guard operands.count == 2 else { return [] }
            for (path, value) in [(operands[0], operands[1]), (operands[1], operands[0])] {
                if let path = self.path(path), let value = constant(value, variables) {
                    return [ImpliedEquality(path: path, value: value)]
                }
            }
            return []
        default: return []
        }
    }

    private static func path(_ value: BSONValue) -> String? {
        guard let text = value.string, text.hasPrefix("$"), !text.hasPrefix("$$") else { return nil }
        return String(text.dropFirst())
    }

    /// A value that expressions and filters compare alike: no array, whose elements a filter would look at, and
    /// nothing that equals a missing field.
    private static func constant(_ value: BSONValue, _ variables: ExpressionVariables) -> BSONValue? {
        var found: BSONValue? = value
        if let text = value.string, text.hasPrefix("$$") {
            found = variables[String(text.dropFirst(2))]
        } else if value.string?.hasPrefix("$") == true {
            return nil
        }
        switch found {
        case .string?, .int32?, .int64?, .decimal128?, .bool?, .objectID?, .date?, .binary?, .timestamp?: return found
        case .double(let number)?: return number.isNaN ? nil : found
        default: return nil
        }
    }
}
