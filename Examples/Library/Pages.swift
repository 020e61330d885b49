internal import ExampleSupport
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo
internal import Mustache
internal import NIOCore

/// Makes HTML pages of templates.
struct Pages: Sendable {
    private let library: MustacheLibrary
    /// The path that the library stands at; empty for the root.
    private let root: String

    /// Reads the templates.
    init(_ templates: [String: String], root: String = "") throws {
        // The name is the one that the pragma below asks for.
        MustacheContentTypes.register(EscapedHTML(), named: "HTML")
        var library = MustacheLibrary()
        for (name, text) in templates.merging(["pagination": PageTemplates.pagination], uniquingKeysWith: { $1 }) {
            try library.register("{{% CONTENT_TYPE:HTML}}" + text, named: name)
        }
        self.library = library
        self.root = root
    }

    /// The address of a path of the library's: `/books/new`.
    func address(_ path: String) -> String { root + path }

    /// A page.
    /// - Parameters:
    ///   - template: The template's name.
    ///   - values: What its tags stand for. Text is escaped; a value that is absent leaves its section out.
    func page(
        _ template: String, _ values: [String: Any?], status: HTTPResponse.Status = .ok
    ) throws -> Response {
        var values = values.compactMapValues { $0 }
        values["root"] = root
        guard let html = library.render(values, withTemplate: template) else {
            throw HTTPError(.internalServerError, message: "The page \(template) is missing.")
        }
        return Response(status: status, headers: Self.headers, body: .init(byteBuffer: ByteBuffer(string: html)))
    }

    /// Nothing but the application's own style sheets and images, no scripts, no frames; and the same address answers
    /// JSON to others.
    private static let headers: HTTPFields = [
        .contentType: "text/html; charset=utf-8",
        .contentSecurityPolicy:
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
            + "frame-ancestors 'none'",
        .xContentTypeOptions: "nosniff",
        .vary: "Accept",
        .cacheControl: "no-cache",
    ]
}
