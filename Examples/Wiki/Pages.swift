internal import ExampleSupport
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo
internal import Mustache
internal import NIOCore

/// Makes HTML pages of the files in `Templates`.
struct Pages: Sendable {
    private let library: MustacheLibrary

    /// Reads the templates.
    init() throws {
        // The name is the one that the pragma below asks for.
        MustacheContentTypes.register(EscapedHTML(), named: "HTML")
        let folder = Resources.path("Templates")
        var library = MustacheLibrary()
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasSuffix(".mustache") {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            try library.register("{{% CONTENT_TYPE:HTML}}" + text, named: String(file.dropLast(".mustache".count)))
        }
        try library.register("{{% CONTENT_TYPE:HTML}}" + PageTemplates.pagination, named: "pagination")
        self.library = library
    }

    /// A page. Text is escaped; a value that is absent leaves its section out.
    func page(
        _ template: String, _ values: [String: Any?], status: HTTPResponse.Status = .ok
    ) throws -> Response {
        guard let html = library.render(values.compactMapValues { $0 }, withTemplate: template) else {
            throw HTTPError(.internalServerError, message: "The page \(template) is missing.")
        }
        return Response(status: status, headers: Self.headers, body: .init(byteBuffer: ByteBuffer(string: html)))
    }

    /// An instant as pages show it: `2024-02-29 08:00:01`.
    static func text(_ date: BSONDate) -> String {
        Date(timeIntervalSince1970: Double(date.millisecondsSince1970) / 1000).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: false).dateTimeSeparator(.space))
    }

    /// Nothing but the wiki's own style sheet and files, no scripts, no frames.
    private static let headers: HTTPFields = [
        .contentType: "text/html; charset=utf-8",
        .contentSecurityPolicy:
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
            + "frame-ancestors 'none'",
        .xContentTypeOptions: "nosniff",
        .cacheControl: "no-cache",
    ]
}

/// Parts of addresses.
enum Address {
    /// A text as one part of a path.
    static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._~"))) ?? ""
    }
}
