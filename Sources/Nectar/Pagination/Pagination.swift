internal import MongoProtocol

/// One page of what a query finds, with the numbers that lead to the others.
///
/// ```swift
/// let page = try await books.find { $0.year >= 2004 }.sort(\.title).paginate(page: 2)
/// print(page.items, "of", page.total, "in", page.pages)
/// ```
///
/// The pages of a query are counted and skipped to, so they shift where documents come or go meanwhile;
/// ``PageableQuery/keyset(cursor:perPage:key:errorOut:)`` gives pages that do not.
public struct Pagination<Query: PageableQuery>: Sendable {
    /// The query whose documents these are.
    public let query: Query
    /// The number of this page; the first is 1.
    public let page: Int
    /// The most documents on a page.
    public let perPage: Int
    /// How many documents there are on all pages.
    public let total: Int
    /// The documents of this page.
    public let items: [Query.Item]

    /// Takes a page that was read.
    public init(query: Query, page: Int, perPage: Int, total: Int, items: [Query.Item]) {
        (self.query, self.page, self.perPage, self.total, self.items) = (query, page, perPage, total, items)
    }

    /// How many pages there are; 0 where there are no documents.
    public var pages: Int { perPage > 0 ? total / perPage + (total % perPage > 0 ? 1 : 0) : 0 }
    /// Whether a page comes behind this one.
    public var hasNext: Bool { page < pages }
    /// Whether a page comes before this one.
    public var hasPrev: Bool { page > 1 }
    /// The number of the next page; nil on the last.
    public var nextNum: Int? { hasNext ? page + 1 : nil }
    /// The number of the page before; nil on the first.
    public var prevNum: Int? { hasPrev ? page - 1 : nil }

    /// Reads the next page.
    /// - Parameter errorOut: Whether a page that is not there throws; without it, it is empty.
    /// - Throws: ``MongoError`` of kind `notFound` behind the last page, with `errorOut`.
    public func next(errorOut: Bool = false) async throws -> Pagination {
        // The largest number has no next one, and no page either.
        try await query.paginate(
            page: page < .max ? page + 1 : page, perPage: perPage, errorOut: errorOut, maxPerPage: perPage)
    }

    /// Reads the page before.
    /// - Parameter errorOut: Whether a page that is not there throws; without it, it is the first.
    /// - Throws: ``MongoError`` of kind `notFound` before the first page, with `errorOut`.
    public func prev(errorOut: Bool = false) async throws -> Pagination {
        try await query.paginate(page: max(page, 1) - 1, perPage: perPage, errorOut: errorOut, maxPerPage: perPage)
    }

    /// The page numbers that a list of links shows: those at both ends and around this page, with nil for each gap.
    public func pageNumbers(edge: Int = 1, around: Int = 2) -> [Int?] {
        guard pages > 0 else { return [] }
        let (edge, around) = (Swift.max(edge, 0), Swift.max(around, 0))
        let low = Swift.max(page.subtractingReportingOverflow(around).partialValue, 1)
        let high = Swift.min(page.addingReportingOverflow(around).partialValue, pages)
        var numbers: Set<Int> = []
        if edge > 0 {
            numbers.formUnion(1...Swift.min(edge, pages))
            numbers.formUnion(Swift.max(pages - edge + 1, 1)...pages)
        }
        if low <= high { numbers.formUnion(low...high) }
        var list: [Int?] = []
        // Without edges nothing is missing in front of the first number.
        var last = edge > 0 ? 0 : numbers.min().map { $0 - 1 } ?? 0
        for number in numbers.sorted() {
            // A gap of one page takes no more room than the page.
            if number == last + 2 { list.append(last + 1) } else if number > last + 2 { list.append(nil) }
            list.append(number)
            last = number
        }
        return list
    }
}

extension PageableQuery {
    /// Reads one page.
    /// - Parameters:
    ///   - page: The number of the page, from 1.
    ///   - perPage: The documents on a page.
    ///   - errorOut: Whether a page that is not there throws. Page 1 is always there, even without documents. Without
    ///     this, a page behind the last is empty, and the pages before the first are the first.
    ///   - maxPerPage: The most documents that a page may have; what is beyond counts as this.
    /// - Throws: ``MongoError`` of kind `notFound`, with `errorOut`, for a page or a number of documents that is not there.
    public func paginate(
        page: Int = 1, perPage: Int = 20, errorOut: Bool = true, maxPerPage: Int = 100
    ) async throws -> Pagination<Self> {
        if errorOut, page < 1 || perPage < 1 {
            throw MongoError(.notFound, "There is no page \(page) of \(perPage) documents")
        }
        let page = Swift.max(page, 1)
        let perPage = Swift.max(Swift.min(perPage < 1 ? 20 : perPage, maxPerPage), 1)
        let query = untyped
        let total = try await query.count()
        // Within the total nothing overflows.
        guard page == 1 || (page - 1) <= (total - 1) / perPage && total > 0 else {
            if errorOut { throw MongoError(.notFound, "There is no page \(page) of \(total) documents") }
            return Pagination(query: self, page: page, perPage: perPage, total: total, items: [])
        }
        let skipped = (page - 1) * perPage
        let count = Swift.min(perPage, Swift.max(total - skipped, 0))
        // With nothing to find there is nothing to ask; and a limit of 0 would mean none.
        let found = count == 0 ? [] : try await query.window(skip: skipped, limit: count).toArray()
        // They may have gone since they were counted.
        if found.isEmpty, page > 1, errorOut { throw MongoError(.notFound, "There is no page \(page)") }
        return Pagination(
            query: self, page: page, perPage: perPage, total: total, items: try found.map(_item))
    }
}
