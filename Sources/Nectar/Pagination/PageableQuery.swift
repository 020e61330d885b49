public import BSON

/// A query that can be read page by page: ``FindQuery``, and the queries of documents with a type.
public protocol PageableQuery: Sendable {
    /// What it finds.
    associatedtype Item: Sendable
    /// The query as it is sent.
    var untyped: FindQuery { get }
    /// What is known of the fields it is sorted by.
    var _order: [KeysetKey] { get }
    /// Reads a document that was found.
    func _item(_ document: BSONDocument) throws -> Item
    /// The document of what was found, as answers show it.
    static func _document(_ item: Item) -> BSONDocument
}

extension FindQuery: PageableQuery {
    /// The query itself.
    public var untyped: FindQuery { self }
    /// Anything may be in the fields of documents without a type.
    public var _order: [KeysetKey] {
        let keys = order.map { KeysetKey(path: $0, isAscending: ($1.double ?? 1) > 0, isUniform: false) }
        return keys.contains(where: \.isID) ? keys : keys + [.id(isUniform: false)]
    }
    /// The document.
    public func _item(_ document: BSONDocument) -> BSONDocument { document }
    /// The document.
    public static func _document(_ item: BSONDocument) -> BSONDocument { item }
}
