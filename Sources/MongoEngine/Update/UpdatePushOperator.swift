internal import BSON
internal import MongoProtocol

/// `$push`, with `$each`, `$position`, `$slice` and `$sort`.
struct PushOperator: UpdateOperator {
    private var values: [BSONValue]
    private var position: Int?
    private var slice: Int?
    private var order: PushOrder?

    init(_ argument: UpdateArgument) throws {
        guard let clauses = argument.value.document, clauses["$each"] != nil else {
            values = [argument.value]
            return
        }
        values = []
        for (name, value) in clauses {
            switch name {
            case "$each":
                guard let each = value.array else {
                    throw MongoError(
                        .badValue,
                        "The argument to $each in $push must be an array but it was of type: \(value.type.alias)")
                }
                values = Array(each)
            case "$slice":
                guard let count = value.int else {
                    throw MongoError(
                        .badValue,
                        "The value for $slice must be an integer value but was given type: \(value.type.alias)")
                }
                slice = count
            case "$position":
                guard let place = value.int else {
                    throw MongoError(
                        .badValue,
                        "The value for $position must be an integer value, not of type: \(value.type.alias)")
                }
                position = place
            case "$sort": order = try PushOrder(value)
            default: throw MongoError(.badValue, "Unrecognized clause in $push: \(name)")
            }
        }
    }

    func update(_ tree: inout UpdateTree, _ context: UpdateContext) throws -> UpdateOutcome {
        tree.open()
        guard case .array(let elements) = tree else {
            throw MongoError(
                .badValue,
                "The field '\(context.pathText)' must be an array but is of type \(tree.type.alias) in document "
                    + context.documentText)
        }
        let result = pushed(elements)
        tree = .array(result)
        let keepsAll = values.isEmpty && order == nil && result.count == elements.count
        return keepsAll ? .unchanged : .changed
    }

    func initial(_ context: UpdateContext) -> BSONValue? { UpdateTree.array(pushed([])).materialized }

    private func pushed(_ elements: [UpdateTree]) -> [UpdateTree] {
        var result = elements
        let count = result.count
        var place = count
        // Adding cannot overflow where the place is negative and the count is not.
        if let position { place = position < 0 ? max(count + position, 0) : min(position, count) }
        result.insert(contentsOf: values.map { .value($0) }, at: place)
        if let order { result = order.sorted(result) }
        if let slice {
            if slice >= 0 {
                result = Array(result.prefix(slice))
            } else {
                result = Array(result.suffix(slice == .min ? .max : -slice))
            }
        }
        return result
    }
}

/// The `$sort` of a `$push`.
struct PushOrder: Sendable {
    /// The paths and their directions; no paths sort by the whole element.
    private let paths: [(path: String, descending: Bool)]
    private let descending: Bool

    init(_ value: BSONValue) throws {
        func direction(_ value: BSONValue) throws -> Bool {
            guard let number = value.double, number == 1 || number == -1 else {
                throw MongoError(.badValue, "The $sort element value must be either 1 or -1")
            }
            return number < 0
        }
        switch value {
        case .document(let pattern):
            guard !pattern.isEmpty else {
                throw MongoError(.badValue, "The $sort pattern is empty when it should be a set of fields.")
            }
            descending = false
            paths = try pattern.map { path, value in
                guard !path.isEmpty else { throw MongoError(.badValue, "The $sort field cannot be empty") }
                guard !path.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
                    throw MongoError(
                        .badValue, "The $sort field is a dotted field but has an empty part: \(path)")
                }
                return (path, try direction(value))
            }
        default:
            guard value.isNumber else {
                throw MongoError(
                    .badValue,
                    "The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields")
            }
            paths = []
            descending = try direction(value)
        }
    }

    /// The elements in order; equal ones stay as they stood.
    func sorted(_ elements: [UpdateTree]) -> [UpdateTree] {
        // The keys are read once: a comparison would otherwise walk both documents again.
        let keyed = elements.enumerated().map { index, element in
            let value = element.materialized
            let keys = paths.isEmpty ? [value] : paths.map { value.document?[path: $0.path] ?? .null }
            return (index: index, keys: keys, element: element)
        }
        let directions = paths.isEmpty ? [descending] : paths.map(\.descending)
        return keyed.sorted { a, b in
            for (index, descending) in directions.enumerated() {
                let order = BSONValue.compare(a.keys[index], b.keys[index])
                if order != 0 { return (order < 0) != descending }
            }
            return a.index < b.index
        }.map(\.element)
    }
}
