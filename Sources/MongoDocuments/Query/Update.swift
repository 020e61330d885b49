public import BSON

/// Changes of fields, made of statements such as `$0.year.set(2005)` and `$0.views.increment(by: 1)`.
public struct Update<Root>: Sendable {
    let changes: [Change]

    /// One operator on one field.
    struct Change: Sendable {
        let operation: String
        let path: String
        let value: BSONValue
    }

    init(_ changes: [Change]) { self.changes = changes }

    init(_ operation: String, _ path: String, _ value: BSONValue) {
        changes = [Change(operation: operation, path: path, value: value)]
    }

    /// The update as MongoDB takes it, each operator once. Of two changes alike the server's word on conflicts holds.
    public var document: BSONDocument {
        var operations: [(name: String, fields: [(String, BSONValue)])] = []
        for change in changes {
            if let place = operations.firstIndex(where: { $0.name == change.operation }) {
                operations[place].fields.append((change.path, change.value))
            } else {
                operations.append((change.operation, [(change.path, change.value)]))
            }
        }
        return BSONDocument(fields: operations.map { ($0.name, .document(BSONDocument(fields: $0.fields))) })
    }
}

/// Joins the statements of an update's closure.
@resultBuilder
public enum UpdateBuilder<Root> {
    /// A statement.
    public static func buildExpression(_ update: Update<Root>) -> Update<Root> { update }
    /// Statements in a row.
    public static func buildBlock(_ updates: Update<Root>...) -> Update<Root> { Update(updates.flatMap(\.changes)) }
    /// `if` without `else`.
    public static func buildOptional(_ update: Update<Root>?) -> Update<Root> { update ?? Update([]) }
    /// `if`.
    public static func buildEither(first update: Update<Root>) -> Update<Root> { update }
    /// `else`.
    public static func buildEither(second update: Update<Root>) -> Update<Root> { update }
    /// `for`.
    public static func buildArray(_ updates: [Update<Root>]) -> Update<Root> { Update(updates.flatMap(\.changes)) }
}
