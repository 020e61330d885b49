internal import Foundation
internal import Hummingbird
internal import HummingbirdMongo
internal import NIOCore

/// Pages: read, written, with all their revisions.
struct PagesController: Sendable {
    let store: WikiStore
    let pages: Pages

    /// Adds the routes under `/wiki`.
    func addRoutes(to group: RouterGroup<some RequestContext>) {
        group.get { request, _ in try await list(request) }
        group.get("{name}") { _, context in try await show(name(context)) }
        group.post("{name}") { request, context in try await save(name(context), request) }
        group.get("{name}/edit") { _, context in try await edit(name(context)) }
        group.get("{name}/history") { _, context in try await history(name(context)) }
        group.get("{name}/history/{revision}") { _, context in try await revision(name(context), context) }
    }

    /// A page's name is what the path says; anything that none may have is not there.
    private func name(_ context: some RequestContext) throws -> String {
        guard let text = context.parameters.get("name")?.removingPercentEncoding, let name = PageName.of(text) else {
            throw HTTPError(.notFound, message: "There is no such page.")
        }
        return name
    }

    private func list(_ request: Request) async throws -> Response {
        if let typed = request.uri.queryParameters["go"], let name = PageName.of(String(typed)) {
            return .redirect(to: "/wiki/\(Address.encode(name))", type: .normal)
        }
        let page = try await store.pages.find().sort(["changed": -1, "_id": 1]).paginate(request, perPage: 50)
        let rows = page.items.map { row($0, name: $0["_id"]?.string ?? "") }
        return try pages.page(
            "pages",
            [
                "title": "All pages", "pages": rows, "none": rows.isEmpty, "onPages": true,
                "pagination": page.templateValues(for: request),
            ])
    }

    private func show(_ name: String) async throws -> Response {
        let page = try await store.pages.findOneOr404(["_id": .string(name)])
        let linking = try await store.pagesLinking(to: name).map { row($0, name: $0["_id"]?.string ?? "") }
        var values = try await content(page, name: name)
        values["linking"] = linking.isEmpty ? nil : ["pages": linking]
        return try pages.page("page", values)
    }

    private func revision(_ name: String, _ context: some RequestContext) async throws -> Response {
        let number = context.parameters.get("revision", as: Int.self) ?? -1
        let found = try await store.revisions.findOneOr404(["page": .string(name), "revision": .int(number)])
        var values = try await content(found, name: name)
        values["old"] = true
        return try pages.page("page", values)
    }

    private func history(_ name: String) async throws -> Response {
        var rows: [[String: Any]] = []
        for try await state in store.revisions.find(["page": .string(name)]).sort(["revision": -1]).limit(500) {
            rows.append(row(state, name: name))
        }
        guard !rows.isEmpty else { throw HTTPError(.notFound, message: "There is no such page.") }
        return try pages.page(
            "history", ["title": PageName.title(name), "address": Address.encode(name), "revisions": rows])
    }

    private func edit(_ name: String) async throws -> Response {
        let page = try await store.pages.findOne(["_id": .string(name)])
        return try form(
            name, body: page?["body"]?.string ?? "", note: "", base: page?["revision"]?.int ?? 0, problem: nil)
    }

    private func save(_ name: String, _ request: Request) async throws -> Response {
        // The body counts once more with its percent signs.
        let sent = try await request.urlEncodedForm(limit: WikiStore.limit * 3 + 4096)
        let body = (sent["body"] ?? "").replacing("\r\n", with: "\n")
        let note = String((sent["note"] ?? "").prefix(200))
        let base = sent["base"].flatMap { Int($0) } ?? 0
        guard body.utf8.count <= WikiStore.limit else {
            throw HTTPError(.contentTooLarge, message: "A page has at most \(WikiStore.limit / 1024) KiB.")
        }
        guard base >= 0, base < Int(Int32.max), !body.allSatisfy(\.isWhitespace) else {
            return try form(
                name, body: body, note: note, base: max(base, 0), problem: "A page needs some text.",
                status: .unprocessableContent)
        }
        guard try await store.save(name, body: body, note: note, base: base) else {
            let current = try await store.pages.findOne(["_id": .string(name)])?["revision"]?.int ?? 0
            return try form(
                name, body: body, note: note, base: current,
                problem: "Somebody else has changed this page while you wrote. Look at the history, put your changes "
                    + "together with theirs, and save again.",
                status: .conflict)
        }
        return .redirect(to: "/wiki/\(Address.encode(name))", type: .found)
    }

    private func form(
        _ name: String, body: String, note: String, base: Int, problem: String?, status: HTTPResponse.Status = .ok
    ) throws -> Response {
        try pages.page(
            "edit",
            [
                "title": PageName.title(name), "address": Address.encode(name), "body": body, "note": note,
                "base": base,
                "isNew": base == 0, "problem": problem,
            ], status: status)
    }

    private func content(_ page: BSONDocument, name: String) async throws -> [String: Any?] {
        let text = page["body"]?.string ?? ""
        let links = Markup.links(in: text).map { BSONValue.string($0) }
        let found = try await store.pages.find(["_id": ["$in": .array(BSONArray(links))]]).projection(["_id": 1])
            .toArray()
        let known = Set(found.compactMap { $0["_id"]?.string })
        var values: [String: Any?] = row(page, name: name)
        values["title"] = PageName.title(name)
        values["html"] = Markup(isPage: { known.contains($0) }).html(text)
        return values
    }

    private func row(_ state: BSONDocument, name: String) -> [String: Any] {
        [
            "name": PageName.title(name), "address": Address.encode(name), "note": state["note"]?.string ?? "",
            "revision": state["revision"]?.int ?? 0, "changed": state["changed"]?.date.map(Pages.text) ?? "",
        ]
    }
}
