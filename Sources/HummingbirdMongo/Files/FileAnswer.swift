internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import MongoProtocol
internal import NIOCore

/// What a file's bytes come from: GridFS, or a disk.
protocol FileContent: Sendable {
    associatedtype Pieces: AsyncSequence & Sendable
    where Pieces.Element == ByteBuffer, Pieces.AsyncIterator: Sendable

    /// The bytes of a range in pieces, each read when the one before it is sent.
    func pieces(_ range: Range<Int64>) throws -> Pieces
}

/// A file as an answer, the same for GridFS and for the disk: conditions, ranges and headers.
struct FileAnswer<Content: FileContent> {
    let content: Content
    let length: Int64
    let conditions: FileConditions
    let contentType: String
    let cacheControl: String
    /// How browsers are to treat it; nil says nothing.
    var disposition: String?
    /// Whether it is one of the application's own files and no stranger's.
    var isOwn = false
    /// Told of answers that break off.
    let logger: Logger

    /// The answer to a request.
    /// - Throws: What the first bytes throw, so that a failure is an error and not half an answer.
    func response(for request: Request) async throws -> Response {
        var headers: HTTPFields = [
            .cacheControl: cacheControl,
            .acceptRanges: "bytes",
            .eTag: conditions.tag.field,
            // The content is what somebody uploaded: browsers are not to guess a type that runs.
            .xContentTypeOptions: "nosniff",
        ]
        headers[.lastModified] = conditions.modified.flatMap { HTTPDate.text(seconds: $0) }
        switch conditions.outcome(for: request) {
        case .notModified: return Response(status: .notModified, headers: headers)
        case .failed:
            throw HTTPError(.preconditionFailed, message: "This is not the version that the request is for.")
        case .proceed: break
        }
        headers[.contentDisposition] = disposition
        // A page among the uploads may show itself; it may run nothing, and is of no site's origin.
        if !isOwn, ContentTypes.isActive(contentType) { headers[.contentSecurityPolicy] = "sandbox" }
        let asked = conditions.honoursRange(of: request) ? request.headers[.range] : nil
        switch ByteRanges(asked, length: length) {
        case .whole:
            headers[.contentType] = contentType
            return try await respond(.ok, headers, [Section(head: "", range: 0..<length)], to: request)
        case .unsatisfiable:
            return Response(
                status: .rangeNotSatisfiable,
                headers: [.contentRange: "bytes */\(length)", .acceptRanges: "bytes", .eTag: conditions.tag.field])
        case .parts(let ranges) where ranges.count == 1:
            headers[.contentType] = contentType
            headers[.contentRange] = text(ranges[0])
            return try await respond(.partialContent, headers, [Section(head: "", range: ranges[0])], to: request)
        case .parts(let ranges):
            let boundary = "nectar-" + String(UInt64.random(in: .min ... .max), radix: 36)
            headers[.contentType] = "multipart/byteranges; boundary=\(boundary)"
            var sections = ranges.enumerated().map { index, range in
                let head = """
                    \(index == 0 ? "" : "\r\n")--\(boundary)\r\nContent-Type: \(contentType)\r\n\
                    Content-Range: \(text(range))\r\n\r\n
                    """
                return Section(head: head, range: range)
            }
            sections.append(Section(head: "\r\n--\(boundary)--\r\n", range: 0..<0))
            return try await respond(.partialContent, headers, sections, to: request)
        }
    }

    /// A run of bytes with text before it.
    private struct Section: Sendable {
        let head: String
        let range: Range<Int64>
        var length: Int { head.utf8.count + range.count }
    }

    private func text(_ range: Range<Int64>) -> String { "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)" }

    private func respond(
        _ status: HTTPResponse.Status, _ headers: HTTPFields, _ sections: [Section], to request: Request
    ) async throws -> Response {
        var headers = headers
        let count = sections.map(\.length).reduce(0, +)
        guard request.method != .head else {
            headers[.contentLength] = String(count)
            return Response(status: status, headers: headers)
        }
        return Response(status: status, headers: headers, body: try await body(of: sections, count: count))
    }

    /// The sections as a body. The first megabyte is read before the headers go out, so that a query that fails, and
    /// damage to a small file, are an error and not half an answer.
    private func body(of sections: [Section], count: Int) async throws -> ResponseBody {
        LargeBlocks.areKept
        guard let first = sections.first else { return ResponseBody() }
        var pieces = try content.pieces(first.range).makeAsyncIterator()
        var opened = first.head.isEmpty ? [] : [ByteBuffer(string: first.head)]
        var bytes = 0
        while bytes <= 1 << 20 {
            guard let piece = try await pieces.next() else {
                // The whole answer is at hand: it goes out at once.
                if sections.count == 1 { return body(of: opened) }
                break
            }
            opened.append(piece)
            bytes += piece.readableBytes
        }
        let (beginning, following) = (opened, pieces)
        let (content, logger) = (content, logger)
        return ResponseBody(contentLength: count) { writer in
            var rest = following
            do {
                try await writer.write(contentsOf: beginning)
                while let piece = try await rest.next() { try await writer.write(piece) }
                for section in sections.dropFirst() {
                    try await writer.write(ByteBuffer(string: section.head))
                    for try await piece in try content.pieces(section.range) { try await writer.write(piece) }
                }
            } catch {
                logger.error("A file breaks off while it is sent", metadata: ["error": "\(error)"])
                throw error
            }
            try await writer.finish(nil)
        }
    }

    private func body(of pieces: [ByteBuffer]) -> ResponseBody {
        pieces.count > 1 ? ResponseBody(contentsOf: pieces) : ResponseBody(byteBuffer: pieces.first ?? ByteBuffer())
    }
}
