public import BSON
internal import HTTPTypes
public import Hummingbird
internal import NIOCore

extension BSONDocument: ResponseGenerator {
    /// Answers with the document as plain JSON, or as ``ExtendedJSON`` says.
    public func response(from request: Request, context: some RequestContext) -> Response {
        var body = ByteBuffer()
        JSONText.append(self, to: &body, JSONText.format)
        return Response(status: .ok, headers: JSONText.headers, body: ResponseBody(byteBuffer: body))
    }
}

/// How documents are written to responses.
enum JSONText {
    /// The headers of every response with JSON.
    static let headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]

    /// The form that routes answer in.
    @TaskLocal static var format = JSONFormat.plain

    /// Appends a document's JSON.
    static func append(_ document: BSONDocument, to buffer: inout ByteBuffer, _ format: JSONFormat) {
        _ = document.withJSON(format) { buffer.writeBytes($0) }
    }
}
