internal import HTTPTypes
public import Hummingbird
internal import MongoProtocol
public import Nectar

extension Mongo {
    /// Answers with a file of GridFS by its name.
    ///
    /// ```swift
    /// router.get("uploads/**") { request, context in
    ///     try await mongo.sendFile(context.parameters.getCatchAll().joined(separator: "/"), for: request)
    /// }
    /// ```
    /// The answer bears the stored content type, or the one that the name tells where another driver stored none; the id as its `ETag`, the upload's time as
    /// `Last-Modified`, the name in `Content-Disposition`, and `X-Content-Type-Options: nosniff`. A request's
    /// conditions (`If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since`) are honoured with 304 and 412,
    /// its `Range`, of one range or of several, with 206 and 416, under `If-Range`; HEAD reads no content. Chunks are read
    /// as the client takes them. A type that browsers run, such as HTML, is shown in a sandbox.
    /// - Parameters:
    ///   - filename: The file's name, percent-encoded as paths are.
    ///   - bucket: The bucket's name; Flask-PyMongo calls it `base`.
    ///   - db: The database's name, if it is another one than ``db``.
    ///   - version: Which of several files with this name: 0 is the first, 1 the second, -1 the newest, -2 the one before.
    ///   - cacheFor: How long browsers may keep the file, in seconds; a year by default. 0 makes them ask each time whether
    ///     it has changed: that is for names whose newest version changes.
    ///   - disposition: Whether browsers show the file or save it.
    ///   - request: The request.
    /// - Throws: 404 where there is no such file, 412 where the request is for another version, 500 where its chunks do
    ///   not hold together. Where that shows only behind the first megabyte, the answer has begun: it breaks off, and the
    ///   log says why.
    public func sendFile(
        _ filename: String, bucket: String = "fs", db: String? = nil, version: Int = -1,
        cacheFor: Int = 31_536_000, disposition: FileDisposition = .inline, for request: Request
    ) async throws -> Response {
        guard let name = PercentEncoding.decode(filename) else { throw Self.noFile }
        let download = try await Self.found {
            try await self.bucket(bucket, of: db).openDownload(filename: name, revision: version)
        }
        return try await answer(download, cacheFor, disposition).response(for: request)
    }

    /// Answers with a file of GridFS by its id; see ``sendFile(_:bucket:db:version:cacheFor:disposition:for:)``.
    public func sendFile(
        id: ObjectID, bucket: String = "fs", db: String? = nil, cacheFor: Int = 31_536_000,
        disposition: FileDisposition = .inline, for request: Request
    ) async throws -> Response {
        try await sendFile(
            id: BSONValue.objectID(id), bucket: bucket, db: db, cacheFor: cacheFor, disposition: disposition,
            for: request)
    }

    /// Answers with a file of GridFS by its id, of any type: what stored the file may have given it one of its own.
    public func sendFile(
        id: BSONValue, bucket: String = "fs", db: String? = nil, cacheFor: Int = 31_536_000,
        disposition: FileDisposition = .inline, for request: Request
    ) async throws -> Response {
        let download = try await Self.found { try await self.bucket(bucket, of: db).openDownload(id: id) }
        return try await answer(download, cacheFor, disposition).response(for: request)
    }

    /// A bucket of the application's database, or of another one of the same server's.
    func bucket(_ name: String, of database: String?) -> GridFSBucket {
        guard let database else { return db.gridFSBucket(name: name) }
        var other = client[database]
        other.defaults = db.defaults
        return other.gridFSBucket(name: name)
    }

    private func answer(
        _ download: GridFSDownload, _ cacheFor: Int, _ disposition: FileDisposition
    ) -> FileAnswer<GridFSContent> {
        let file = download.file
        let known = file.uploadDate.millisecondsSince1970 != 0
        return FileAnswer(
            content: GridFSContent(download: download), length: file.length,
            conditions: FileConditions(
                tag: EntityTag(text: Self.tag(of: file)), modified: known ? HTTPDate.seconds(file.uploadDate) : nil),
            contentType: file.contentType.map { Self.headerText($0) ?? ContentTypes.unknown }
                ?? ContentTypes.guess(file.filename ?? ""),
            cacheControl: CacheTime.field(cacheFor),
            disposition: ContentDisposition.field(disposition, filename: file.filename), logger: logger)
    }

    /// Names a file's version. A file of GridFS never changes, so its id is as good as a digest of it; an id of the
    /// application's own may be given again when its file is deleted, so the upload's time and the size belong to the tag.
    private static func tag(of file: GridFSFile) -> String {
        if let id = file.id.objectID { return id.description }
        // FNV-1a: any text may be an id, and a tag has no quotes.
        let id = BSONDocument(fields: [("", file.id)]).bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        let date = String(file.uploadDate.millisecondsSince1970, radix: 36)
        return "\(String(id, radix: 36)).\(date).\(String(file.length, radix: 36))"
    }

    private static var noFile: HTTPError { HTTPError(.notFound, message: "There is no such file.") }

    /// Only a file that is not there is a 404: a database that is away, or a damaged file, is something else.
    private static func found(_ open: () async throws -> GridFSDownload) async throws -> GridFSDownload {
        do {
            return try await open()
        } catch let error as MongoError where error.kind == .notFound {
            throw noFile
        }
    }

    /// A stored text as a header's value; nil for one that none may have.
    private static func headerText(_ text: String) -> String? {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.isEmpty ? text : nil
    }
}
