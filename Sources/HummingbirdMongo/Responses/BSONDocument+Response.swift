public import BSON
internal import HTTPTypes
public import Hummingbird
internal import NIOCore

extension BSONDocument: ResponseGenerator {
    /// Answers with the document as plain JSON.
    public func response(from request: Request, context: some RequestContext) -> Response {
        var body = ByteBuffer()
        JSONText.append(self, to: &body)
        return Response(status: .ok, headers: JSONText.headers, body: ResponseBody(byteBuffer: body))
    }
}

/// How documents are written to responses.
enum JSONText {
    /// The headers of every response with JSON.
    static let headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]

    /// Appends a document as plain JSON.
    static func append(_ document: BSONDocument, to buffer: inout ByteBuffer) {
        buffer.writeBytes(document.json(.plain))
    }
}
