internal import BSON
internal import MongoProtocol

extension QueryOperators {
    static func size(_ use: OperatorUse) throws -> FieldPredicate {
        let wanted = try nonNegative(use, prefix: "Failed to parse $size. ")
        var predicate = FieldPredicate(use.name, use.argument) { value in
            guard let value, value.type == .array else { return false }
            var count = 0 as Int64
            for _ in value.document { count += 1 }
            return count == wanted
        }
        predicate.leaf = .whole
        return predicate
    }

    /// Reads an integer from zero up, as several operators want it.
    static func nonNegative(_ use: OperatorUse, prefix: String = "") throws -> Int64 {
        let found = "\(use.name): \(use.argument)"
        guard use.argument.isNumber else {
            throw MongoError(.failedToParse, "\(prefix)Expected a number in: \(found)")
        }
        guard let number = use.argument.int64 else {
            throw MongoError(.failedToParse, "\(prefix)Expected an integer: \(found)")
        }
        guard number >= 0 else {
            throw MongoError(.failedToParse, "\(prefix)Expected a non-negative number in: \(found)")
        }
        return number
    }

    static func elemMatch(_ use: OperatorUse) throws -> FieldPredicate {
        guard let document = use.argument.document else {
            throw MongoError(.badValue, "$elemMatch needs an Object")
        }
        let parser = use.parser.insideElements()
        let matches: @Sendable (RawValue) throws -> Bool
        if isValueForm(document) {
            let predicates = try parser.predicates(document)
            matches = { value in
                for predicate in predicates where try !predicate.matches(value) { return false }
                return true
            }
        } else {
            let filter = CompiledFilter(try parser.parse(document))
            matches = { value in
                guard value.type == .document || value.type == .array else { return false }
                return try filter.matches(value.document)
            }
        }
        let elementIndex: @Sendable (RawValue) throws -> Int? = { value in
            guard value.type == .array else { return nil }
            var index = 0
            for element in value.document {
                if try matches(element.value) { return index }
                index += 1
            }
            return nil
        }
        var predicate = FieldPredicate(use.name, use.argument) { value in
            guard let value else { return false }
            return try elementIndex(value) != nil
        }
        predicate.leaf = .whole
        predicate.elementIndex = elementIndex
        return predicate
    }

    /// Whether `$elemMatch` has operators for the elements themselves rather than a filter of embedded documents.
    private static func isValueForm(_ document: BSONDocument) -> Bool {
        guard FilterParser.isOperators(document, partialReferences: true), let first = document.keys.first else {
            return false
        }
        return first == "$comment" || ofDocuments[first] == nil
    }

    /// `$all`: a conjunction, each part of which may hold for another element.
    static func all(_ use: OperatorUse) throws -> FieldPredicate {
        guard let array = use.argument.array else { throw MongoError(.badValue, "$all needs an array") }
        let values = Array(array)
        let isElemMatch = values.first?.document?.keys.first == "$elemMatch"
        var parts: [FieldPredicate] = []
        for value in values {
            if isElemMatch {
                guard let document = value.document, document.keys.first == "$elemMatch" else {
                    throw MongoError(.badValue, "$all/$elemMatch has to be consistent")
                }
                parts += try use.parser.predicates(document)
                continue
            }
            switch value {
            case .document(let document) where FilterParser.isOperators(document):
                throw MongoError(.badValue, "no $ expressions in $all")
            case .regularExpression(let expression):
                parts.append(try regex(expression.pattern, expression.options))
            default: parts.append(try comparison(.equal, "$eq", value))
            }
        }
        let predicates = parts
        var predicate = FieldPredicate(use.name, use.argument) { value in
            for predicate in predicates where try !predicate.matches(value) { return false }
            return !predicates.isEmpty
        }
        predicate.parts = predicates
        return predicate
    }
}
