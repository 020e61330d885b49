internal import Hummingbird
internal import HummingbirdMongo
internal import NIOCore
internal import SQLTables

/// What a client says of a developer: three texts, checked before any SQL.
///
/// The rules, the same for each: text; spaces around it are taken off; not blank; no control characters; at most 255
/// characters (Unicode scalars, as the database counts). Other fields are refused. Two developers may have the same
/// names, as people do.
struct DeveloperDraft {
    static let columns = ["first_name", "last_name", "expert"]
    /// Bytes of a body, and levels in it.
    static let maximumBytes = 16 << 10
    static let maximumDepth = 8
    static let longest = 255

    /// The columns that the body names, in the table's order.
    let values: [(column: String, text: String)]

    var assignments: Assignments { Assignments(values.map { ($0.column, .value($0.text)) }) }

    /// Reads a request's body.
    static func body(of request: Request) async throws -> BSONDocument {
        guard request.hasJSONBody else {
            throw APIError(.unsupportedMediaType, "unsupported_media_type", "Send JSON, as application/json.")
        }
        let tooLarge = APIError(.contentTooLarge, "too_large", "The body has at most \(maximumBytes) bytes.")
        if let announced = request.headers[.contentLength].flatMap({ Int($0) }), announced > maximumBytes {
            throw tooLarge
        }
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: maximumBytes)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
        return try BSONDocument(json: bytes.readableBytesView, maximumDepth: maximumDepth)
    }

    /// Checks a body.
    /// - Parameters:
    ///   - id: The id in the path, which a body may repeat; nil for a new row, which needs all columns.
    init(_ body: BSONDocument, id: Int? = nil) throws {
        var problems: [(name: String, message: String)] = []
        var values: [(column: String, text: String)] = []
        for (key, value) in body where !Self.columns.contains(key) {
            if key == "id", let id {
                if value.int != id { problems.append(("id", "is read-only")) }
            } else {
                problems.append((key, key == "id" ? "is given by the server" : "is no field"))
            }
        }
        for column in Self.columns {
            guard let value = body[column] else {
                if id == nil { problems.append((column, "is required")) }
                continue
            }
            switch Self.checked(value) {
            case .success(let text): values.append((column, text))
            case .failure(let fault): problems.append((column, fault.message))
            }
        }
        if problems.isEmpty, values.isEmpty, body["id"] == nil {
            problems = Self.columns.map { ($0, "one of the fields is needed") }
        }
        guard problems.isEmpty else {
            throw APIError(
                .unprocessableContent, "invalid", "Some fields are not as they should be.", fields: problems)
        }
        self.values = values
    }

    private struct Fault: Error { let message: String }

    private static func checked(_ value: BSONValue) -> Result<String, Fault> {
        guard let given = value.string else { return .failure(Fault(message: "must be text")) }
        let scalars = given.unicodeScalars
        let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.endIndex
        let end = scalars.lastIndex { !$0.properties.isWhitespace }.map { scalars.index(after: $0) } ?? start
        let text = String(scalars[start..<end])
        if text.isEmpty { return .failure(Fault(message: "must not be blank")) }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return .failure(Fault(message: "must not have control characters"))
        }
        let count = text.unicodeScalars.count
        guard count <= longest else {
            return .failure(Fault(message: "has \(count) characters and may have \(longest)"))
        }
        return .success(text)
    }
}
