public import BSON

/// A condition on the documents of a type, made of comparisons of its fields with `&&`, `||` and `!`.
public struct Filter<Root>: Sendable {
    /// A condition: an operator on a field, or a document of its own such as `{$or: […]}`.
    enum Term: Sendable {
        case field(path: String, operation: String, BSONValue)
        case whole(BSONDocument)
    }
    /// All have to hold.
    let terms: [Term]

    init(_ terms: [Term]) { self.terms = terms }

    /// An operator on a field.
    init(_ path: String, _ operation: String, _ value: BSONValue) {
        terms = [.field(path: path, operation: operation, value)]
    }

    /// A condition in MongoDB's own words, for what has no method yet.
    public init(_ document: BSONDocument) { terms = document.isEmpty ? [] : [.whole(document)] }

    /// Holds for every document.
    public static var all: Filter { Filter([]) }

    /// Both hold.
    public static func && (a: Filter, b: Filter) -> Filter { Filter(a.terms + b.terms) }

    /// At least one holds.
    public static func || (a: Filter, b: Filter) -> Filter {
        // Nothing to say on one side means that all documents pass.
        guard !a.terms.isEmpty, !b.terms.isEmpty else { return .all }
        let sides = a.alternatives + b.alternatives
        return Filter([.whole(["$or": .array(BSONArray(sides.map { .document($0) }))])])
    }

    /// Does not hold.
    public static prefix func ! (a: Filter) -> Filter {
        Filter([.whole(["$nor": [.document(a.document)]])])
    }

    /// The parts of an `$or` that is all there is; else the whole.
    private var alternatives: [BSONDocument] {
        if terms.count == 1, case .whole(let document) = terms[0], document.keys == ["$or"],
            let parts = document["$or"]?.array
        {
            return parts.compactMap(\.document)
        }
        return [document]
    }

    /// The filter as MongoDB takes it: conditions on one field side by side, and an `$and` only where it is needed.
    public var document: BSONDocument {
        var fields: [(path: String, operations: [(String, BSONValue)])] = []
        var rest: [BSONDocument] = []
        for term in terms {
            switch term {
            case .field(let path, let operation, let value):
                guard let place = fields.firstIndex(where: { $0.path == path }) else {
                    fields.append((path, [(operation, value)]))
                    continue
                }
                if fields[place].operations.contains(where: { $0.0 == operation }) {
                    rest.append(Self.condition(path, [(operation, value)]))
                } else {
                    fields[place].operations.append((operation, value))
                }
            case .whole(let document): rest.append(document)
            }
        }
        let plain = fields.map { ($0.path, Self.operations($0.operations)) }
        if rest.isEmpty { return BSONDocument(fields: plain) }
        if plain.isEmpty, rest.count == 1 { return rest[0] }
        let parts = plain.isEmpty ? rest : [BSONDocument(fields: plain)] + rest
        return ["$and": .array(BSONArray(parts.map { .document($0) }))]
    }

    private static func condition(_ path: String, _ operations: [(String, BSONValue)]) -> BSONDocument {
        BSONDocument(fields: [(path, Self.operations(operations))])
    }

    /// A single comparison for equality is written as the value itself, where that cannot mean anything else.
    private static func operations(_ operations: [(String, BSONValue)]) -> BSONValue {
        if operations.count == 1, operations[0].0 == "$eq" {
            switch operations[0].1 {
            case .document, .regularExpression: break
            default: return operations[0].1
            }
        }
        return .document(BSONDocument(fields: operations))
    }
}
