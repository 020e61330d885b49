internal import HTTPTypes
public import Hummingbird
internal import Logging
internal import MongoProtocol
internal import NIOCore
public import Nectar

extension Mongo {
    /// Answers with a file of GridFS by its name; of several with one name the latest counts.
    ///
    /// ```swift
    /// router.get("uploads/**") { request, context in
    ///     try await mongo.sendFile(context.parameters.getCatchAll().joined(separator: "/"), for: request)
    /// }
    /// ```
    /// See ``sendFile(id:bucket:for:cacheControl:)`` for what the request's headers may ask.
    /// - Parameters:
    ///   - filename: The file's name, percent-encoded as paths are.
    ///   - bucket: The bucket's name.
    ///   - request: The request.
    ///   - cacheControl: How long browsers may keep the file; by default they ask each time whether it has changed.
    /// - Throws: 404 where there is no such file, 500 where its chunks do not hold together.
    public func sendFile(
        _ filename: String, bucket: String = "fs", for request: Request, cacheControl: String = "no-cache"
    ) async throws -> Response {
        let name = PercentEncoding.decode(filename) ?? filename
        let download = try await db.gridFSBucket(name: bucket).openDownload(filename: name)
        return try await send(download, for: request, cacheControl: cacheControl)
    }

    /// Answers with a file of GridFS by its id.
    ///
    /// The answer bears the stored content type, the id as its `ETag` and the upload's time as `Last-Modified`. A request's
    /// `If-None-Match` and `If-Modified-Since` are honoured with 304, its `Range`, of one range, with 206 or 416, under
    /// `If-Range`; HEAD reads no content.
    /// - Parameters:
    ///   - id: The file's id.
    ///   - bucket: The bucket's name.
    ///   - request: The request.
    ///   - cacheControl: How long browsers may keep the file. What an id names never changes: a day by default.
    /// - Throws: 404 where there is no such file, 500 where its chunks do not hold together. Where that shows only behind
    ///   the first megabyte, the answer has begun: it breaks off, and the log says why.
    public func sendFile(
        id: ObjectID, bucket: String = "fs", for request: Request, cacheControl: String = "max-age=86400"
    ) async throws -> Response {
        let download = try await db.gridFSBucket(name: bucket).openDownload(id: id)
        return try await send(download, for: request, cacheControl: cacheControl)
    }

    private func send(
        _ download: GridFSDownload, for request: Request, cacheControl: String
    ) async throws -> Response {
        let conditions = FileConditions(download.file)
        var headers: HTTPFields = [
            .contentType: Self.headerText(download.file.contentType) ?? "application/octet-stream",
            .cacheControl: cacheControl,
            // The content is what somebody uploaded: browsers are not to guess a type that runs.
            .xContentTypeOptions: "nosniff",
            .acceptRanges: "bytes",
            .eTag: conditions.tag,
        ]
        headers[.lastModified] = conditions.lastModified
        if conditions.isFresh(for: request) { return Response(status: .notModified, headers: headers) }

        let length = download.file.length
        var (status, content) = (HTTPResponse.Status.ok, download)
        switch conditions.range(for: request) {
        case .whole: break
        case .unsatisfiable:
            return Response(status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(length)"])
        case .part(let range):
            (status, content) = (.partialContent, try download.bytes(in: range))
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
        }
        guard request.method != .head else {
            headers[.contentLength] = String(content.range.count)
            return Response(status: status, headers: headers)
        }
        return Response(status: status, headers: headers, body: try await body(of: content))
    }

    /// The bytes as a body. The first megabyte is read before the headers go out, so that a query that fails, and damage
    /// to a small file, are an error and not half an answer.
    private func body(of content: GridFSDownload) async throws -> ResponseBody {
        var pieces = content.makeAsyncIterator()
        var first: [ByteBuffer] = []
        var bytes = 0
        while bytes <= 1 << 20, let piece = try await pieces.next() {
            first.append(ByteBuffer(bytes: piece))
            bytes += piece.count
        }
        let (opened, rest, logger) = (first, pieces, logger)
        return ResponseBody(contentLength: content.range.count) { writer in
            for buffer in opened { try await writer.write(buffer) }
            var rest = rest
            while true {
                let piece: [UInt8]?
                do {
                    piece = try await rest.next()
                } catch {
                    logger.error("A file of GridFS breaks off", metadata: ["error": "\(error)"])
                    throw error
                }
                guard let piece else { break }
                try await writer.write(ByteBuffer(bytes: piece))
            }
            try await writer.finish(nil)
        }
    }

    /// A stored text as a header's value; nil for one that none may have.
    private static func headerText(_ text: String?) -> String? {
        text.flatMap { $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !$0.isEmpty ? $0 : nil }
    }
}
