internal import BSON
internal import MongoProtocol

/// Reads a filter document into a tree, by the tables of ``QueryOperators``.
struct FilterParser: Sendable {
    /// MongoDB's own limit.
    private static let maximumDepth = 100

    /// The variables that `$expr` may use beside the document.
    let variables: Set<String>
    /// Whether the document is the filter itself or part of its `$and`, `$or`, `$nor`, not of an `$elemMatch`.
    private(set) var isTopLevel = true
    private var depth = 0

    /// Their values, where the filter is compiled for one run.
    let values: ExpressionVariables?

    init(variables: Set<String>, values: ExpressionVariables? = nil) {
        (self.variables, self.values) = (variables, values)
    }

    /// Reads a whole filter.
    func parse(_ filter: BSONDocument) throws -> FilterNode {
        let inner = try deeper()
        var nodes: [FilterNode] = []
        for (key, value) in filter {
            if key.utf8.first == UInt8(ascii: "$") {
                guard let parse = QueryOperators.ofDocuments[key] else {
                    throw MongoError(
                        .badValue,
                        "unknown top level operator: \(key). If you have a field name that starts with a '$' symbol, "
                            + "consider using $getField or $setField.")
                }
                if let node = try parse(key, value, inner) { nodes.append(node) }
            } else {
                nodes += try inner.nodes(path: key, value)
            }
        }
        return nodes.count == 1 ? nodes[0] : .and(nodes)
    }

    /// Reads what a filter asks of one path.
    private func nodes(path: String, _ value: BSONValue) throws -> [FilterNode] {
        let predicates: [FieldPredicate]
        switch value {
        case .document(let document) where Self.isOperators(document): predicates = try self.predicates(document)
        case .regularExpression(let expression):
            predicates = [try QueryOperators.regex(expression.pattern, expression.options)]
        default: predicates = [try QueryOperators.comparison(.equal, "$eq", value)]
        }
        return predicates.map { predicate in
            if let negated = predicate.negated { return .not(path: path, negated) }
            return .field(path: path, predicate: predicate)
        }
    }

    /// Whether a value is operators rather than a document to be equal to. A reference to another document is no
    /// operators: it has both `$ref` and `$id`, or one of a reference's fields where a part is enough.
    static func isOperators(_ document: BSONDocument, partialReferences: Bool = false) -> Bool {
        document.withRaw { raw in
            var (isFirst, hasCollection, hasID, hasDatabase) = (true, false, false, false)
            for field in raw {
                if isFirst, field.key.first != UInt8(ascii: "$") { return false }
                isFirst = false
                hasCollection = hasCollection || field.hasKey("$ref")
                hasID = hasID || field.hasKey("$id")
                hasDatabase = hasDatabase || field.hasKey("$db")
            }
            if isFirst { return false }
            return partialReferences ? !(hasCollection || hasID || hasDatabase) : !(hasCollection && hasID)
        }
    }

    /// Reads operators such as `{$gt: 1, $lt: 5}`.
    func predicates(_ operators: BSONDocument) throws -> [FieldPredicate] {
        let inner = try deeper()
        var predicates: [FieldPredicate] = []
        for (name, argument) in operators {
            guard let parse = QueryOperators.ofFields[name] else {
                throw MongoError(.badValue, "unknown operator: \(name)")
            }
            if let predicate = try parse(
                OperatorUse(name: name, argument: argument, siblings: operators, parser: inner))
            {
                predicates.append(predicate)
            }
        }
        return predicates
    }

    /// The parser for filters inside an array's elements.
    func insideElements() -> FilterParser {
        var inner = self
        inner.isTopLevel = false
        return inner
    }

    private func deeper() throws -> FilterParser {
        guard depth < Self.maximumDepth else {
            throw MongoError(.badValue, "exceeded maximum query tree depth of \(Self.maximumDepth)")
        }
        var inner = self
        inner.depth += 1
        return inner
    }
}

/// An operator where it stands.
struct OperatorUse {
    let name: String
    let argument: BSONValue
    /// The operators beside it, itself included.
    let siblings: BSONDocument
    let parser: FilterParser
}
