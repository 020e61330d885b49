internal import Foundation
internal import Hummingbird
internal import HummingbirdMongo

/// Files that visitors bring: stored in GridFS, each upload of a name a new version of it.
struct FilesController: Sendable {
    let store: WikiStore
    let pages: Pages

    /// The most that a visitor may bring at once.
    private static let limits = UploadLimits(fileBytes: 25 << 20, bytes: 100 << 20, files: 10)

    /// Adds the routes under `/files`.
    func addRoutes(to group: RouterGroup<some RequestContext>) {
        group.get { _, _ in try await list(problem: nil) }
        group.post { request, _ in
            let form = try await store.mongo.saveFiles(from: request, limits: Self.limits)
            guard !form.files.isEmpty else {
                return try await list(problem: "Choose a file first.", status: .unprocessableContent)
            }
            return .redirect(to: "/files", type: .found)
        }
        group.get("{name}") { request, context in
            let version = try Self.version(request)
            // Counted from the newest one, a version changes with each upload; counted from the first one it never does.
            return try await store.mongo.sendFile(
                context.parameters.require("name"), version: version, cacheFor: version < 0 ? 0 : 31_536_000,
                for: request)
        }
        group.get("{name}/versions") { _, context in try await versions(context.parameters.require("name")) }
    }

    /// The version that is asked for, by default the newest.
    private static func version(_ request: Request) throws -> Int {
        guard let text = request.uri.queryParameters["version"] else { return -1 }
        guard let number = Int(text) else { throw HTTPError(.notFound, message: "There is no such version.") }
        return number
    }

    /// All versions of a file, the newest first.
    private func versions(_ encoded: String) async throws -> Response {
        let name = encoded.removingPercentEncoding ?? ""
        // In the order that a version's number counts in.
        let files = try await store.mongo.db.gridFSBucket().find(
            ["filename": .string(name)], sort: ["uploadDate": 1, "_id": 1], limit: 1000)
        guard !files.isEmpty else { throw HTTPError(.notFound, message: "There is no such file.") }
        let rows = files.enumerated().reversed().map { number, file -> [String: Any] in
            [
                "number": number, "shown": number + 1, "size": Self.size(file.length), "type": file.contentType ?? "",
                "uploaded": Pages.text(file.uploadDate), "isNewest": number == files.count - 1,
            ]
        }
        return try pages.page(
            "versions", ["title": name, "address": Address.encode(name), "versions": rows, "onFiles": true])
    }

    private func list(problem: String?, status: HTTPResponse.Status = .ok) async throws -> Response {
        let files = try await store.mongo.db.gridFSBucket().find(sort: ["filename": 1, "uploadDate": -1], limit: 1000)
        var rows: [[String: Any]] = []
        for (name, versions) in Dictionary(grouping: files, by: { $0.filename ?? "" }).sorted(by: { $0.key < $1.key }) {
            guard let newest = versions.first else { continue }
            rows.append([
                "name": name, "address": Address.encode(name), "size": Self.size(newest.length),
                "ending": name.split(separator: ".").dropFirst().last.map { String($0.prefix(6)) } ?? "",
                "type": newest.contentType ?? "", "isImage": newest.contentType?.hasPrefix("image/") == true,
                "older": versions.count - 1, "hasOlder": versions.count > 1,
            ])
        }
        return try pages.page(
            "files", ["title": "Files", "files": rows, "none": rows.isEmpty, "problem": problem, "onFiles": true],
            status: status)
    }

    private static func size(_ bytes: Int64) -> String {
        if bytes < 1000 { return "\(bytes) bytes" }
        let (value, unit) = bytes < 1_000_000 ? (Double(bytes) / 1e3, "kB") : (Double(bytes) / 1e6, "MB")
        return "\(value.formatted(.number.precision(.fractionLength(value < 10 ? 1 : 0)))) \(unit)"
    }
}
