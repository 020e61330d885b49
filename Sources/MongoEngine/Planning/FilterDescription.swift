internal import BSON

/// Filters as `explain` shows them, every condition with its operator.
enum FilterDescription {
    /// The filter that asks for all of these conditions.
    static func document(_ conditions: [FilterNode]) -> BSONDocument {
        switch conditions.count {
        case 0: [:]
        case 1: document(conditions[0])
        default: ["$and": list(conditions)]
        }
    }

    static func document(_ node: FilterNode) -> BSONDocument {
        switch node {
        case .and(let nodes): document(nodes)
        case .or(let nodes): ["$or": list(nodes)]
        case .nor(let nodes): ["$nor": list(nodes)]
        case .field(let path, let predicate): BSONDocument(fields: [(path, .document(operation(predicate)))])
        case .not(let path, let predicates):
            negation(path, BSONDocument(fields: predicates.map { ($0.name, $0.argument) }))
        case .expression(let value, _, _): ["$expr": value]
        case .other(let name, let argument, _): BSONDocument(fields: [(name, argument)])
        }
    }

    private static func negation(_ path: String, _ operators: BSONDocument) -> BSONDocument {
        let denied: BSONDocument = ["$not": .document(operators)]
        return BSONDocument(fields: [(path, .document(denied))])
    }

    private static func list(_ nodes: [FilterNode]) -> BSONValue {
        .array(BSONArray(nodes.map { .document(document($0)) }))
    }

    private static func operation(_ predicate: FieldPredicate) -> BSONDocument {
        BSONDocument(fields: [(predicate.name, predicate.argument)])
    }
}
