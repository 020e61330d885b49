import Foundation
import Testing

@testable import HummingbirdMongo

/// Reads `Docs/coming-from-flask.md`, which names a test for all that it says.
@Suite("The page for those who come from Flask")
struct FlaskPageTests {
    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The rows of the page's tables, a text for each cell, without the tables' heads.
    private static func rows() throws -> [[String]] {
        let page = try String(contentsOf: package.appending(path: "Docs/coming-from-flask.md"), encoding: .utf8)
        return page.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| in Python |") }
            .filter { !$0.hasPrefix("| extension |") }
            .map { line in
                line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                    .map { $0.trimmingCharacters(in: .whitespaces) }
            }
    }

    /// The texts of all test files.
    private static func sources() throws -> [String] {
        let folder = package.appending(path: "Tests")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }
    }

    @Test("Every row names a test, and every test that a row names is there")
    func names() throws {
        let rows = try Self.rows()
        #expect(rows.count > 100)
        var named: Set<String> = []
        for row in rows {
            let tests = (row.last ?? "").matches(of: /`(\w+Tests\/\w+)`/).map { String($0.1) }
            #expect(!tests.isEmpty, "\(row.first ?? "") names no test")
            named.formUnion(tests)
        }
        let sources = try Self.sources()
        for test in named {
            let parts = test.split(separator: "/").map(String.init)
            let isThere = sources.contains { text in
                (text.contains("struct \(parts[0]) {") || text.contains("extension \(parts[0]) {"))
                    && text.contains("func \(parts[1])(")
            }
            #expect(isThere, "there is no test \(test)")
        }
    }

    @Test("Every setting has a row with its default", arguments: Mongo.SettingNames.allCases)
    func settings(names: Mongo.SettingNames) throws {
        let rows = try Self.rows()
        let prefix = names == .pyMongo ? "MONGO" : "MONGOALCHEMY"
        for setting in SettingTable.rows(names) {
            let name = "`\(prefix)_\(setting.name)`"
            let row = rows.first { $0.count == 4 && $0[0] == name && $0[2] == setting.fallback }
            #expect(row != nil, "\(prefix)_\(setting.name) has no row with the default \(setting.fallback)")
        }
    }

    /// The calls that the two extensions' documentation describes.
    private static let calls = [
        "PyMongo(app, config_prefix)", "init_app", "cx", "db", "db.users", "db[\"wiki.pages\"]",
        "find_one_or_404(filter)", "find_one_or_404(id)", "send_file", "send_file(base=)", "send_file(version=)",
        "send_file(cache_for=)", "save_file", "save_file(base=)", "save_file(content_type=)", "BSONObjectIdConverter",
        "ASCENDING", "DESCENDING", "tz_aware", "safe=False", "MongoAlchemy(app, config_prefix)", "Document",
        "Document(retrieved_fields)", "Document(loading_from_db)", "query", "query_class", "BaseQuery", "save(safe)",
        "remove(safe)", "get(id)", "filter(...).first()", "first_or_404", "get_or_404",
        "paginate(page, per_page, error_out)", "Pagination(query, page, per_page, total, items)", "has_next",
        "has_prev", "next(error_out)", "prev(error_out)", "next_num", "prev_num", "pages",
    ]

    @Test("Every call has a row, which says what to write here")
    func everyCall() throws {
        let rows = try Self.rows()
        for call in Self.calls {
            let row = rows.first { $0.count == 4 && $0[0] == "`\(call)`" }
            #expect(row?[1].isEmpty == false, "\(call) has no row")
        }
    }
}
