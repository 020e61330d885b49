internal import BSON
internal import HTTPTypes
public import Hummingbird
public import Nectar

/// A page is an answer in JSON, with the numbers and the links to the other pages, which the `Link` header has, too:
///
/// ```json
/// {"items": […], "page": 2, "per_page": 20, "total": 93, "pages": 5,
///  "links": {"first": "/books", "prev": "/books", "next": "/books?page=3", "last": "/books?page=5"}}
/// ```
extension Pagination: ResponseGenerator {
    /// Answers with the page.
    public func response(from request: Request, context: some RequestContext) -> Response {
        let body: BSONDocument = [
            "items": .array(BSONArray(items.map { .document(Query._document($0)) })), "page": .int(page),
            "per_page": .int(perPage), "total": .int(total), "pages": .int(pages),
            "links": .document(BSONDocument(fields: links(for: request).map { ($0.relation, .string($0.address)) })),
        ]
        var response = body.response(from: request, context: context)
        response.headers[.link] = linkHeader(for: request)
        return response
    }

    /// Answers with the documents alone, as a list in JSON: the `Link` header has the other pages, and `X-Total-Count` the
    /// number of documents on all of them.
    public func list(for request: Request) -> Response {
        var response = Response.list(items.map(Query._document))
        response.headers[.link] = linkHeader(for: request)
        response.headers[.totalCount] = String(total)
        return response
    }

    /// The links to other pages of the list that a request asked for: first, prev, next and last, as far as there are
    /// such.
    public func links(for request: Request) -> [(relation: String, address: String)] {
        let links = PageLinks(request, without: ["page"])
        func address(_ page: Int) -> String { links.address([("page", page == 1 ? nil : String(page))]) }
        var list: [(relation: String, address: String)] = [("first", address(1))]
        // Behind the last page, the page before is the last.
        if hasPrev { list.append(("prev", address(Swift.max(Swift.min(page - 1, pages), 1)))) }
        if let nextNum { list.append(("next", address(nextNum))) }
        if pages > 0 { list.append(("last", address(pages))) }
        return list
    }

    /// The value of the `Link` header (RFC 8288) for an answer to a request.
    public func linkHeader(for request: Request) -> String { PageLinks.header(links(for: request)) }

    /// What the mustache template ``PageTemplates/pagination`` shows.
    public func templateValues(for request: Request) -> [String: Any] {
        let addresses = PageLinks(request, without: ["page"])
        func address(_ page: Int) -> String { addresses.address([("page", page == 1 ? nil : String(page))]) }
        var values: [String: Any] = ["page": page, "pages": pages, "total": total, "per_page": perPage]
        values["several"] = pages > 1 || page > 1 ? true : nil
        for (relation, address) in links(for: request) { values[relation] = address }
        values["numbers"] = pageNumbers().map { number -> [String: Any] in
            guard let number else { return ["gap": true] }
            return ["number": number, "address": address(number), number == page ? "current" : "other": true]
        }
        return values
    }
}

/// A keyset page is an answer in JSON, with links to the pages beside it, which the `Link` header has, too:
/// `{"items": […], "per_page": 20, "next": "<cursor>", "prev": null, "links": {"first": "/books", "next": "/books?cursor=…"}}`.
extension KeysetPage: ResponseGenerator {
    /// Answers with the page.
    public func response(from request: Request, context: some RequestContext) -> Response {
        let body: BSONDocument = [
            "items": .array(BSONArray(items.map { .document(Query._document($0)) })), "per_page": .int(perPage),
            "next": next.map { .string($0) } ?? .null, "prev": prev.map { .string($0) } ?? .null,
            "links": .document(BSONDocument(fields: links(for: request).map { ($0.relation, .string($0.address)) })),
        ]
        var response = body.response(from: request, context: context)
        response.headers[.link] = linkHeader(for: request)
        return response
    }

    /// The links to other pages of the list that a request asked for: first, prev and next, as far as there are such.
    public func links(for request: Request) -> [(relation: String, address: String)] {
        let links = PageLinks(request, without: ["cursor"])
        let pages = [("prev", prev), ("next", next)].compactMap { relation, cursor in
            cursor.map { (relation: relation, address: links.address([("cursor", $0)])) }
        }
        return [(relation: "first", address: links.address([]))] + pages
    }

    /// The value of the `Link` header (RFC 8288) for an answer to a request.
    public func linkHeader(for request: Request) -> String { PageLinks.header(links(for: request)) }

    /// What the mustache template ``PageTemplates/pagination`` shows.
    public func templateValues(for request: Request) -> [String: Any] {
        var values: [String: Any] = ["per_page": perPage]
        values["several"] = hasNext || hasPrev ? true : nil
        for (relation, address) in links(for: request) { values[relation] = address }
        return values
    }
}

extension HTTPField.Name {
    /// `Link` (RFC 8288).
    fileprivate static let link = HTTPField.Name("Link") ?? .location
    /// How many documents a list has in all.
    fileprivate static let totalCount = HTTPField.Name("X-Total-Count") ?? .location
}
