internal import HTTPTypes
public import Hummingbird
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
    /// - Parameters:
    ///   - filename: The file's name, percent-encoded as paths are.
    ///   - bucket: The bucket's name.
    ///   - request: The request, whose `If-None-Match` is honoured.
    ///   - cacheControl: How long browsers may keep the file; by default they ask each time whether it has changed.
    /// - Throws: 404 where there is no such file.
    public func sendFile(
        _ filename: String, bucket: String = "fs", for request: Request, cacheControl: String = "no-cache"
    ) async throws -> Response {
        let name = PercentEncoding.decode(filename) ?? filename
        let download = try await db.gridFSBucket(name: bucket).openDownload(filename: name)
        return try await send(download, for: request, cacheControl: cacheControl)
    }

    /// Answers with a file of GridFS by its id.
    /// - Parameters:
    ///   - id: The file's id.
    ///   - bucket: The bucket's name.
    ///   - request: The request, whose `If-None-Match` is honoured.
    ///   - cacheControl: How long browsers may keep the file. What an id names never changes: a day by default.
    /// - Throws: 404 where there is no such file.
    public func sendFile(
        id: ObjectID, bucket: String = "fs", for request: Request, cacheControl: String = "max-age=86400"
    ) async throws -> Response {
        let download = try await db.gridFSBucket(name: bucket).openDownload(id: id)
        return try await send(download, for: request, cacheControl: cacheControl)
    }

    private func send(
        _ download: GridFSDownload, for request: Request, cacheControl: String
    ) async throws -> Response {
        let file = download.file
        var headers: HTTPFields = [
            .contentType: Self.headerText(file.contentType) ?? "application/octet-stream",
            .cacheControl: cacheControl,
            // The content is what somebody uploaded: browsers are not to guess a type that runs.
            .xContentTypeOptions: "nosniff",
        ]
        // A file of GridFS never changes, so its id is as good as a digest of it.
        if let tag = file.id.objectID.map({ "\"\($0)\"" }) {
            headers[.eTag] = tag
            if Self.matches(request.headers[.ifNoneMatch], tag) {
                return Response(status: .notModified, headers: headers)
            }
        }
        guard request.method != .head else {
            headers[.contentLength] = String(file.length)
            return Response(status: .ok, headers: headers)
        }
        // Small files are read before the headers go out, so that damage to them is an error and not half an answer.
        if file.length <= 1 << 20 {
            let bytes = try await download.collect()
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(contentLength: Int(exactly: file.length)) { writer in
                for try await piece in download { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            })
    }

    /// A stored text as a header's value; nil for one that none may have.
    private static func headerText(_ text: String?) -> String? {
        text.flatMap { $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !$0.isEmpty ? $0 : nil }
    }

    /// Whether an `If-None-Match` names a tag (RFC 9110, section 13.1.2).
    private static func matches(_ condition: String?, _ tag: String) -> Bool {
        guard let condition else { return false }
        return condition.split(separator: ",").contains { entry in
            let name = entry.drop { $0 == " " }.prefix { $0 != " " }
            return name == "*" || name == tag || name == "W/\(tag)"
        }
    }
}
