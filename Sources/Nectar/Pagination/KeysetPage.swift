internal import BSON
internal import MongoProtocol

/// One page of what a query finds, that begins where another one ended: however many documents come and go meanwhile,
/// going on shows none twice and leaves none out that was there all the time.
///
/// ```swift
/// let first = try await books.find { $0.year >= 2004 }.sort(\.title).keyset()
/// let second = try await books.find { $0.year >= 2004 }.sort(\.title).keyset(cursor: first.next)
/// ```
public struct KeysetPage<Query: PageableQuery>: Sendable {
    /// The most documents on a page.
    public let perPage: Int
    /// The documents of this page.
    public let items: [Query.Item]
    /// The cursor of the next page; nil where no document comes behind this one.
    public let next: String?
    /// The cursor of the page before; nil where no document comes before this one.
    public let prev: String?

    /// Whether documents come behind this page.
    public var hasNext: Bool { next != nil }
    /// Whether documents come before this page.
    public var hasPrev: Bool { prev != nil }
}

extension PageableQuery {
    /// Reads the page at a cursor; without one, the first.
    ///
    /// The order is the query's own, and `_id` where that leaves two documents alike. Fields that hold arrays have no
    /// place in such an order. The query has no `skip` or `limit` of its own, and where it has a projection, that shows the
    /// fields of the order and `_id` as they are.
    /// - Parameters:
    ///   - cursor: What another page gave as ``KeysetPage/next`` or ``KeysetPage/prev``. It is good for the same filter
    ///     and order on the same collection only.
    ///   - perPage: The documents on a page.
    ///   - key: Signs the cursors; by default the collection's (``OperationDefaults/cursorKey``).
    ///   - errorOut: Whether a cursor of another query, or none at all, throws. Without it, it counts as none given.
    ///   - maxPerPage: The most documents that a page may have; what is beyond counts as this.
    /// - Throws: ``MongoError`` of kind `notFound` for a cursor that is none of this query's, with `errorOut`; of kind
    ///   `usage` for a query that cannot be paged like this.
    public func keyset(
        cursor: String? = nil, perPage: Int = 20, key: CursorKey? = nil, errorOut: Bool = true,
        maxPerPage: Int = 100
    ) async throws -> KeysetPage<Self> {
        // One more is asked for, and no number is too large for that.
        let perPage = Swift.max(Swift.min(perPage < 1 ? 20 : perPage, maxPerPage, .max - 1), 1)
        let query = untyped
        guard !query.hasWindow else {
            throw MongoError(.usage, "Keyset pages take a query without skip and limit")
        }
        let key = key ?? query.collection.defaults.cursorKey
        let order = KeysetOrder(_order)
        let hidden = order.keys.map(\.path).filter { !query.shows($0) }
        guard hidden.isEmpty else {
            throw MongoError(
                .usage,
                "Keyset pages are placed by what the documents have in the fields they are sorted by: load \(hidden.joined(separator: ", ")) too"
            )
        }
        let context: BSONDocument = [
            "ns": .string("\(query.collection.database.name).\(query.collection.name)"),
            "filter": .document(query.filter), "order": .document(order.document(backward: false)),
        ]
        var place: PageCursor?
        if let cursor {
            do {
                let given = try PageCursor(cursor, for: context, key: key)
                if given.values.count == order.keys.count { place = given }
            } catch  where !errorOut {
                place = nil
            }
        }
        let isBackward = place?.isBackward ?? false
        var found = try await query.ordered(order, behind: place)
            // One more tells whether there are further pages.
            .limit(perPage + 1).toArray()
        let hasMore = found.count > perPage
        if hasMore { found.removeLast() }
        if isBackward { found.reverse() }

        func text(at document: BSONDocument?, isBackward: Bool) throws -> String? {
            if let document {
                return PageCursor(values: try order.place(of: document), isBackward: isBackward)
                    .text(for: context, key: key)
            }
            // A page without documents: back is to the place it was come from, where a document may stand.
            return place.map {
                PageCursor(values: $0.values, isBackward: isBackward, isInclusive: true).text(for: context, key: key)
            }
        }
        let hasNext = isBackward || hasMore
        let hasPrev = isBackward ? hasMore : place != nil
        return KeysetPage(
            perPage: perPage, items: try found.map(_item),
            next: hasNext ? try text(at: found.last, isBackward: false) : nil,
            prev: hasPrev ? try text(at: found.first, isBackward: true) : nil)
    }
}

/// The order of keyset pages: that of the query, with `_id` in the end so that no two documents are alike.
struct KeysetOrder {
    let keys: [KeysetKey]

    init(_ given: [KeysetKey]) {
        guard let place = given.firstIndex(where: \.isID) else {
            keys = given + [.id(isUniform: given.allSatisfy(\.isUniform))]
            return
        }
        // Nothing behind it decides any longer.
        keys = Array(given[...place])
    }

    /// The order as `sort` takes it.
    func document(backward: Bool) -> BSONDocument {
        BSONDocument(fields: keys.map { ($0.path, .int32($0.isAscending != backward ? 1 : -1)) })
    }

    /// The values that place a document in the order.
    func place(of document: BSONDocument) throws -> [BSONValue] { try keys.map { try $0.value(in: document) } }

    /// The condition that a document stands behind a place, or before it.
    func isBehind(_ cursor: PageCursor) -> BSONDocument {
        var alternatives: [BSONDocument] = []
        var equal: [BSONDocument] = []
        for (key, value) in zip(keys, cursor.values) {
            for behind in key.isBehind(value, backward: cursor.isBackward) {
                alternatives.append(Self.all(equal + [behind]))
            }
            equal.append(key.equals(value))
        }
        if cursor.isInclusive { alternatives.append(Self.all(equal)) }
        // Nothing sorts behind the last value there can be.
        guard !alternatives.isEmpty else { return ["_id": ["$in": []]] }
        let behind = alternatives.count == 1 ? alternatives[0] : ["$or": Self.list(alternatives)]
        guard alternatives.count > 1, let key = keys.first, let value = cursor.values.first,
            let bound = key.bound(value, backward: cursor.isBackward)
        else { return behind }
        return Self.all([bound, behind])
    }

    static func all(_ parts: [BSONDocument]) -> BSONDocument {
        parts.count == 1 ? parts[0] : ["$and": list(parts)]
    }

    private static func list(_ parts: [BSONDocument]) -> BSONValue { .array(BSONArray(parts.map { .document($0) })) }
}

extension FindQuery {
    /// The query in an order, from a place on.
    fileprivate func ordered(_ order: KeysetOrder, behind place: PageCursor?) -> FindQuery {
        let sorted = sort(order.document(backward: place?.isBackward ?? false))
        guard let place else { return sorted }
        let parts = (filter.isEmpty ? [] : [filter]) + [order.isBehind(place)]
        return sorted.filtered(by: KeysetOrder.all(parts))
    }
}
