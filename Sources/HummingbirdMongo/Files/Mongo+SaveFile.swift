internal import HTTPTypes
public import Hummingbird
internal import MongoProtocol
internal import MultipartForms
public import Nectar

extension Mongo {
    /// Stores a request's body in GridFS, as it comes: a few chunks of it are in memory at a time.
    ///
    /// ```swift
    /// router.put("uploads/{name}") { request, context in
    ///     let id = try await mongo.saveFile(context.parameters.require("name"), from: request)
    ///     return HTTPResponse.Status.created
    /// }
    /// ```
    /// - Parameters:
    ///   - filename: The file's name, percent-encoded as paths are. A file of this name that is there already stays, as an
    ///     older version.
    ///   - bucket: The bucket's name; Flask-PyMongo calls it `base`.
    ///   - db: The database's name, if it is another one than ``db``.
    ///   - contentType: The media type; by default guessed from the name, never taken from the client.
    ///   - metadata: What else to keep with the file.
    ///   - limits: The most that the body may take.
    /// - Returns: The file's id.
    /// - Throws: 400 for a name that no file may have, such as `../x`, and for a body that breaks off, 413 for one that is
    ///   too large, 408 for one that is too slow. Nothing of the file stays behind.
    @discardableResult
    public func saveFile(
        _ filename: String, from request: Request, bucket: String = "fs", db: String? = nil,
        contentType: String? = nil, metadata: BSONDocument? = nil, limits: UploadLimits = UploadLimits()
    ) async throws -> ObjectID {
        guard let name = PercentEncoding.decode(filename), FileName.isSafe(name) else { throw Self.badName }
        let store = self.bucket(bucket, of: db)
        return try await PacedBody.read(request, limits: limits, limit: limits.fileBytes) { body in
            try await store.upload(
                filename: name, source: body.pieces(), contentType: contentType ?? ContentTypes.guess(name),
                metadata: metadata)
        }
    }

    /// Stores the files of a form (`multipart/form-data`) in GridFS, as they come.
    ///
    /// Names are what browsers say, without the folders that some say too. Files that were not chosen, which browsers send
    /// as empty ones without a name, are left out.
    /// - Parameters:
    ///   - bucket: The bucket's name; Flask-PyMongo calls it `base`.
    ///   - db: The database's name, if it is another one than ``db``.
    ///   - contentType: Gives the media type of a file; by default it is guessed from the name, never taken from the client.
    ///   - metadata: What else to keep with each file.
    ///   - limits: The most that the form may take.
    /// - Returns: The files, with their ids, and the form's other fields.
    /// - Throws: 415 for a body that is no such form, 400 for one that is not well formed or has a name that no file may
    ///   have, 413 for one beyond a limit, 408 for one that is too slow. None of the form's files stays behind.
    public func saveFiles(
        from request: Request, bucket: String = "fs", db: String? = nil,
        contentType: (@Sendable (_ filename: String) -> String)? = nil, metadata: BSONDocument? = nil,
        limits: UploadLimits = UploadLimits()
    ) async throws -> SavedForm {
        let boundary = try request.multipartBoundary()
        let store = self.bucket(bucket, of: db)
        let saved = SavedFiles()
        do {
            return try await PacedBody.read(request, limits: limits, limit: limits.bytes) { body in
                let parts = try MultipartParts(
                    body.pieces(), boundary: boundary,
                    limits: MultipartLimits(
                        bytes: limits.bytes, parts: limits.parts, fieldBytes: limits.fieldBytes,
                        fileBytes: limits.fileBytes))
                var fields: [(String, String)] = []
                while let part = try await parts.next() {
                    guard let given = part.filename else {
                        fields.append((part.name, String(decoding: try await parts.collect(), as: UTF8.self)))
                        continue
                    }
                    guard !given.isEmpty else { continue }
                    let name = FileName.last(given)
                    guard FileName.isSafe(name) else { throw Self.badName }
                    guard saved.all.count < limits.files else {
                        throw HTTPError(.contentTooLarge, message: "The form may have at most \(limits.files) files.")
                    }
                    let type = contentType?(name) ?? ContentTypes.guess(name)
                    var length = 0
                    let id = ObjectID()
                    try await store.upload(
                        filename: name, id: .objectID(id), contentType: type, metadata: metadata
                    ) { file in
                        while let bytes = try await parts.nextBytes() {
                            length += bytes.count
                            try await file.write(bytes)
                        }
                        // An upload that is given up must not look like one that is whole.
                        try Task.checkCancellation()
                    }
                    saved.add(
                        SavedFile(field: part.name, id: id, filename: name, contentType: type, length: length))
                }
                return SavedForm(files: saved.all, fields: fields)
            }
        } catch {
            // The request may be cancelled already, so this runs in a task of its own.
            let ids = saved.all.map(\.id)
            await Task { for id in ids { try? await store.delete(id: id) } }.value
            throw error
        }
    }

    private static var badName: HTTPError {
        HTTPError(
            .badRequest, message: "No file may have this name: it is empty, too long, or holds what no name should.")
    }
}

/// A file of a form that is in GridFS now.
public struct SavedFile: Sendable, Hashable {
    /// The form's field.
    public let field: String
    /// The file's id.
    public let id: ObjectID
    /// The file's name.
    public let filename: String
    /// The media type.
    public let contentType: String
    /// The size, in bytes.
    public let length: Int
}

/// A form whose files are in GridFS now.
public struct SavedForm: Sendable {
    /// The files, in order.
    public let files: [SavedFile]
    private let fields: [(String, String)]

    init(files: [SavedFile], fields: [(String, String)]) {
        self.files = files
        self.fields = fields
    }

    /// The text of the first field with this name; files do not count.
    public subscript(name: String) -> String? { fields.first { $0.0 == name }?.1 }

    /// The texts of all fields with this name.
    public func all(_ name: String) -> [String] { fields.filter { $0.0 == name }.map(\.1) }
}
