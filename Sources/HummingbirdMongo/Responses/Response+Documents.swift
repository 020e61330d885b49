internal import BSON
internal import HTTPTypes
public import Hummingbird
public import MongoDocuments
internal import NIOCore
public import Nectar

extension Response {
    /// A list of a query's documents, for handlers that answer in several ways.
    ///
    /// The first documents are waited for, so that a query that fails throws here and no response is begun. What is more
    /// than some 128 KB is sent as it comes and never held whole.
    public static func documents(_ query: some MongoQuery) async throws -> Response {
        try await .documents(try await query.cursor())
    }

    /// A list of the documents that a cursor has left.
    public static func documents(_ cursor: MongoCursor) async throws -> Response {
        try await list { try await cursor.next() }
    }

    /// A list of the documents of a type, with the fields that the type has.
    public static func documents<Root: Document>(_ query: DocumentQuery<Root>) async throws -> Response {
        let cursor = try await query.untyped.cursor()
        return try await list { try await cursor.next().map { BSONDocument(encoding: try Root(decoding: $0)) } }
    }

    /// Bytes of JSON that are collected for a whole answer, which goes out at once and costs least.
    private static let wholeSize = 128 << 10
    /// Bytes of JSON in a piece of a longer one.
    private static let chunkSize = 32 << 10

    /// A list in JSON of what `next` gives until it gives nil.
    private static func list(_ next: @escaping @Sendable () async throws -> BSONDocument?) async throws -> Response {
        var list = JSONList(next: next, format: JSONText.format)
        let first = try await list.chunk(of: wholeSize)
        guard !list.isWhole else {
            return Response(status: .ok, headers: JSONText.headers, body: ResponseBody(byteBuffer: first))
        }
        let rest = list
        return Response(
            status: .ok, headers: JSONText.headers,
            body: ResponseBody { writer in
                var list = rest
                try await writer.write(first)
                while !list.isWhole { try await writer.write(try await list.chunk(of: chunkSize)) }
                try await writer.finish(nil)
            })
    }
}

/// A list in JSON that is written piece by piece.
private struct JSONList: Sendable {
    let next: @Sendable () async throws -> BSONDocument?
    let format: JSONFormat
    private var isBegun = false
    /// Whether the last piece was written.
    private(set) var isWhole = false

    init(next: @escaping @Sendable () async throws -> BSONDocument?, format: JSONFormat) {
        (self.next, self.format) = (next, format)
    }

    /// The next piece, of so many bytes or more, but for the last one.
    mutating func chunk(of size: Int) async throws -> ByteBuffer {
        var buffer = ByteBuffer()
        while buffer.readableBytes < size {
            guard let document = try await next() else {
                buffer.writeString(isBegun ? "]" : "[]")
                isWhole = true
                break
            }
            buffer.writeString(isBegun ? ",\n" : "[")
            isBegun = true
            JSONText.append(document, to: &buffer, format)
        }
        return buffer
    }
}
