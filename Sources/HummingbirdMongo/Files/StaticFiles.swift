internal import HTTPTypes
public import Hummingbird
public import Logging
internal import MongoProtocol

/// Files of a folder as answers, under the same rules as files of GridFS: conditions, ranges, HEAD.
///
/// ```swift
/// let files = try StaticFiles("public")
/// router.get("static/**") { request, context in
///     try await files.response(context.parameters.getCatchAll().joined(separator: "/"), for: request)
/// }
/// ```
/// Nothing outside of the folder is sent, whatever the path says and wherever links lead, and no file whose name, or a
/// folder's on the way, begins with a dot.
public struct StaticFiles: Sendable {
    private let root: String
    private let cacheControl: String
    private let logger: Logger

    /// Takes a folder.
    /// - Parameters:
    ///   - cacheFor: How long browsers may keep a file, in seconds; 0 makes them ask each time whether it has changed.
    ///   - logger: Told of answers that break off.
    /// - Throws: ``MongoError`` of kind `usage` where there is no such folder.
    public init(_ folder: String, cacheFor: Int = 300, logger: Logger = Logger(label: "files")) throws {
        guard let root = DiskFile.resolved(folder) else {
            throw MongoError(.usage, "There is no folder \(folder) with files to send: make it, or name another one")
        }
        self.root = root
        self.logger = logger
        cacheControl = CacheTime.field(cacheFor)
    }

    /// Answers with a file.
    /// - Parameter path: The path within the folder, percent-encoded as paths are.
    /// - Throws: 404 where there is no such file, 412 where the request is for another version.
    public func response(_ path: String, for request: Request) async throws -> Response {
        guard let name = PercentEncoding.decode(path), FileName.isSafe(name), !name.hasPrefix("."),
            !name.contains("/."), let resolved = DiskFile.resolved("\(root)/\(name)"),
            resolved.hasPrefix(root == "/" ? root : "\(root)/"), let file = DiskFile(path: resolved)
        else { throw HTTPError(.notFound, message: "There is no such file.") }
        let answer = FileAnswer(
            content: DiskContent(file: file), length: file.length,
            conditions: FileConditions(tag: file.tag, modified: file.modified), contentType: ContentTypes.guess(name),
            cacheControl: cacheControl, isOwn: true, logger: logger)
        return try await answer.response(for: request)
    }
}

/// The header `Cache-Control` for a time.
enum CacheTime {
    /// A time in seconds; 0 and less make browsers ask each time.
    static func field(_ seconds: Int) -> String { seconds > 0 ? "public, max-age=\(seconds)" : "no-cache" }
}
