internal import BSON
public import HTTPTypes
public import Hummingbird
public import MongoDocuments
internal import MongoProtocol
internal import NIOCore
internal import Nectar

/// What a client is told of a failure: problem details by RFC 9457, as `application/problem+json`.
///
/// ```json
/// {"title": "Unprocessable Content", "status": 422, "detail": "The document is not valid.",
///  "errors": [{"detail": "must not be empty", "pointer": "#/title"}]}
/// ```
public struct Problem: Sendable {
    /// The answer's status.
    public var status: HTTPResponse.Status
    /// What kind of problem it is, in general; the status's own words by default.
    public var title: String
    /// What is wrong this time.
    public var detail: String?
    /// What is wrong with single fields.
    public var errors: [FieldProblem]
    /// Further headers of the answer, such as `Retry-After`.
    public var headers: HTTPFields
    /// The content type of the answer.
    static let contentType = "application/problem+json"
    /// What only developers may see.
    var internals: String?

    /// Describes a problem.
    public init(
        _ status: HTTPResponse.Status, title: String? = nil, detail: String? = nil, errors: [FieldProblem] = [],
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.title = title ?? status.reasonPhrase
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }

    /// The answer.
    /// - Parameter showingInternals: Whether the error itself is part of it, in the member `debug`.
    public func response(showingInternals: Bool = false) -> Response {
        var fields: [(String, BSONValue)] = [
            ("type", "about:blank"), ("title", .string(title)), ("status", .int(Int(status.code))),
        ]
        if let detail { fields.append(("detail", .string(detail))) }
        if !errors.isEmpty {
            let list = errors.map { problem -> BSONValue in
                [
                    "detail": .string(problem.message), "pointer": .string(Self.pointer(problem.path)),
                    "field": .string(problem.path),
                ]
            }
            fields.append(("errors", .array(BSONArray(list))))
        }
        if showingInternals, let internals { fields.append(("debug", .string(internals))) }
        var headers = headers
        headers[.contentType] = Self.contentType
        headers[.cacheControl] = headers[.cacheControl] ?? "no-store"
        let body = ByteBuffer(bytes: BSONDocument(fields: fields).json(.plain))
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// A dotted path as a JSON pointer in a URL's fragment (RFC 6901, section 6).
    private static func pointer(_ path: String) -> String {
        let parts = path.split(separator: ".", omittingEmptySubsequences: false).map {
            PercentEncoding.encode(String($0).replacing("~", with: "~0").replacing("/", with: "~1"))
        }
        return "#/" + parts.joined(separator: "/")
    }
}
