internal import BSON
internal import MongoProtocol

extension QueryOperators {
    /// `$eq`, `$lt`, `$lte`, `$gt`, `$gte`.
    static func comparison(_ relation: Relation, _ name: String, _ argument: BSONValue) throws -> FieldPredicate {
        switch argument {
        case .undefined: throw MongoError(.badValue, "cannot compare to undefined")
        case .regularExpression where relation != .equal:
            throw MongoError(.badValue, "Can't have RegEx as arg to predicate over field")
        default: break
        }
        let operand = Operand(argument)
        return FieldPredicate(name, argument) { relation.holds($0, operand) }
    }

    static func notEqual(_ use: OperatorUse) throws -> FieldPredicate {
        if case .regularExpression = use.argument { throw MongoError(.badValue, "Can't have regex as arg to $ne.") }
        return FieldPredicate(
            negating: [try comparison(.equal, "$eq", use.argument)], name: use.name, use.argument)
    }

    static func isIn(_ use: OperatorUse) throws -> FieldPredicate {
        guard let list = use.argument.array else { throw MongoError(.badValue, "\(use.name) needs an array") }
        var operands: [Operand] = []
        var patterns: [FieldPredicate] = []
        var keys: Set<[UInt8]> = []
        var hasNull = false
        for value in list {
            switch value {
            case .document(let document) where FilterParser.isOperators(document):
                throw MongoError(.badValue, "cannot nest $ under \(use.name)")
            case .undefined: throw MongoError(.badValue, "InMatchExpression equality cannot be undefined")
            case .regularExpression(let expression):
                patterns.append(try regex(expression.pattern, expression.options))
            default:
                hasNull = hasNull || value.isNull
                operands.append(Operand(value))
                keys.insert(KeyEncoding.key(of: value))
            }
        }
        let (values, expressions, encoded, matchesMissing) = (operands, patterns, keys, hasNull)
        // A short list is compared one by one, a long one looked up: equal values have equal keys.
        let looksUp = values.count > 8
        return FieldPredicate("$in", use.argument) { value in
            guard let value, value.type != .undefined else { return matchesMissing }
            if looksUp {
                var key: [UInt8] = []
                KeyEncoding.append(value, to: &key)
                if encoded.contains(key) { return true }
            } else {
                for operand in values where Relation.equal.holds(value, operand) { return true }
            }
            for expression in expressions where try expression.matches(value) { return true }
            return false
        }
    }

    static func isNotIn(_ use: OperatorUse) throws -> FieldPredicate {
        FieldPredicate(negating: [try isIn(use)], name: use.name, use.argument)
    }

    static func not(_ use: OperatorUse) throws -> FieldPredicate {
        switch use.argument {
        case .regularExpression(let expression):
            let predicate = try regex(expression.pattern, expression.options)
            return FieldPredicate(negating: [predicate], name: use.name, use.argument)
        case .document(let document):
            if document.isEmpty { throw MongoError(.badValue, "$not cannot be empty") }
            return FieldPredicate(negating: try use.parser.predicates(document), name: use.name, use.argument)
        default: throw MongoError(.badValue, "$not needs a regex or a document")
        }
    }
}
