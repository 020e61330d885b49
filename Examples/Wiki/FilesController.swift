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
            let version = request.uri.queryParameters.get("version", as: Int.self)
            // The newest version changes; one that is named by its number never does.
            return try await store.mongo.sendFile(
                context.parameters.require("name"), version: version ?? -1, cacheFor: version == nil ? 0 : 31_536_000,
                for: request)
        }
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
                "older": versions.count > 1 ? ["count": versions.count - 1] as [String: Any] : [:],
                "hasOlder": versions.count > 1,
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
