internal import BSON

/// A filter as the planner sees it: conditions that must all hold, and what each says about paths.
struct FilterBounds: Sendable {
    /// A statement about the values of one path.
    struct Statement: Sendable {
        let path: String
        let bounds: PredicateBounds
        /// The place of its condition in the filter.
        let condition: Int
        /// Names the array element that it speaks of, where it stands in an `$elemMatch`. Statements of one name are
        /// met by one element; of an array's other statements each may be met by another.
        let element: [Int]?
        /// Whether it says all that its condition asks.
        let isWhole: Bool
    }

    /// The filter's conditions.
    private(set) var conditions: [FilterNode] = []
    private(set) var statements: [Statement] = []

    init(_ node: FilterNode) {
        flatten(node)
        for (number, condition) in conditions.enumerated() { read(condition, number) }
    }

    /// The branches of every `$or` that must hold.
    var alternatives: [[FilterNode]] {
        conditions.compactMap { if case .or(let branches) = $0 { branches } else { nil } }
    }

    private mutating func flatten(_ node: FilterNode) {
        switch node {
        case .and(let nodes): for node in nodes { flatten(node) }
        case .or(let branches) where branches.count == 1: flatten(branches[0])
        default: conditions.append(node)
        }
    }

    private mutating func read(_ condition: FilterNode, _ number: Int) {
        switch condition {
        case .field(let path, let predicate):
            if predicate.parts.isEmpty {
                state(path, predicate.name, predicate.argument, number, nil, isWhole: true)
            } else {
                for (part, inner) in predicate.parts.enumerated() {
                    // Each $elemMatch in an $all has an element of its own; its plain values have none.
                    let element = inner.name == "$elemMatch" ? [-1 - part] : nil
                    state(path, inner.name, inner.argument, number, element, isWhole: false)
                }
            }
        case .not(let path, let predicates):
            guard !Self.namesElement(path) else { return }
            if predicates.count == 1, predicates[0].name == "$exists", predicates[0].argument.isTruthy {
                return state(path, "$exists", false, number, nil, isWhole: false)
            }
            // Values outside of what any of them asks: only exact bounds can be turned round.
            var rest: [IndexInterval] = []
            for predicate in predicates {
                guard predicate.parts.isEmpty, predicate.leaf == .elements,
                    let bounds = PredicateBounds.make(predicate.name, predicate.argument), bounds.isExact
                else { return }
                rest += IntervalList.complement(bounds.intervals)
            }
            statements.append(
                Statement(
                    path: path, bounds: PredicateBounds(rest), condition: number, element: nil,
                    isWhole: false))
        case .expression(_, let implied, _):
            for equality in implied {
                state(equality.path, "$eq", equality.value, number, nil, isWhole: false)
            }
        default: break
        }
    }

    private mutating func state(
        _ path: String, _ name: String, _ argument: BSONValue, _ condition: Int, _ element: [Int]?, isWhole: Bool
    ) {
        if name == "$elemMatch" {
            guard let fields = argument.document else { return }
            return readElement(path, fields, condition, (element ?? []) + [condition])
        }
        guard let bounds = PredicateBounds.make(name, argument) else { return }
        // An array without the element that a number names has no null in the index.
        if !bounds.isExact, Self.namesElement(path) { return }
        statements.append(
            Statement(
                path: path, bounds: bounds, condition: condition, element: element, isWhole: isWhole && bounds.isExact))
    }

    /// Reads an `$elemMatch`: operators on the elements themselves, or a filter on their fields.
    private mutating func readElement(_ path: String, _ fields: BSONDocument, _ condition: Int, _ element: [Int]) {
        for (position, field) in fields.enumerated() {
            if field.key.hasPrefix("$") {
                if field.key == "$and", let inner = field.value.array {
                    for case .document(let document) in inner { readElement(path, document, condition, element) }
                } else if PredicateBounds.make(field.key, field.value) != nil {
                    state(path, field.key, field.value, condition, element, isWhole: false)
                }
                continue
            }
            let inner = "\(path).\(field.key)"
            if case .document(let operators) = field.value, operators.keys.first?.hasPrefix("$") == true {
                for (name, argument) in operators {
                    if name == "$elemMatch" {
                        guard let nested = argument.document else { continue }
                        readElement(inner, nested, condition, element + [position])
                    } else if name != "$regex" || operators["$options"] == nil {
                        state(inner, name, argument, condition, element, isWhole: false)
                    }
                }
            } else if case .regularExpression = field.value {
                state(inner, "$regex", field.value, condition, element, isWhole: false)
            } else {
                state(inner, "$eq", field.value, condition, element, isWhole: false)
            }
        }
    }

    /// Whether a path names an element of an array by its place.
    private static func namesElement(_ path: String) -> Bool {
        path.split(separator: ".").dropFirst().contains { $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }
    }
}
