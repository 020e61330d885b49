import CompilerHarness
import Foundation
import Testing

/// Compiles what the documentation tells people to write for the web.
@Suite("The documentation's code", .enabled(if: Compiler.shared != nil, "there is no swiftc beside these tests"))
struct DocSnippetTests {
    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The blocks of Swift on a page.
    private static func blocks(_ page: String) throws -> [String] {
        let text = try String(contentsOf: package.appending(path: page), encoding: .utf8)
        return text.matches(of: /(?ms)^```swift\n(.*?)^```/).map { String($0.1) }
    }

    private static let imports = "import Hummingbird\nimport HummingbirdMongo\n"

    private func expectGood(_ source: String) async throws {
        let output = try await #require(Compiler.shared).check(source)
        #expect(!output.text.contains("error:"), "\(output.text)")
    }

    @Test("The README's first lines are a whole program")
    func tenLines() async throws {
        let first = try #require(try Self.blocks("README.md").first)
        #expect(first.contains("runService()"))
        try await expectGood(first)
    }

    @Test("What follows it, and the pages for the web, add to such a program")
    func following() async throws {
        let web =
            try Self.blocks("README.md").dropFirst().filter { !$0.contains("Table(") } + Self.blocks("Docs/files.md")
        let whole = try Self.blocks("Docs/coming-from-flask.md") + Self.blocks("Docs/configuration.md")
        #expect(web.count >= 5 && whole.count >= 2)
        try await expectGood(
            Self.imports + "let mongo = try await Mongo(.environment)\nlet router = Router()\n"
                + web.joined(separator: "\n") + whole.map { "\ndo {\n\($0)}\n" }.joined())
    }
}
