internal import Foundation
internal import ProcessHarness

/// Runs the compiler that built these tests on small files, with the modules and the macros that were built beside them.
package struct Compiler: Sendable {
    let swiftc: String
    let products: URL

    /// The compiler; nil where there is none in the path.
    package static let shared = Compiler()

    private init?() {
        let products = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let files = FileManager.default
        guard files.fileExists(atPath: products.appendingPathComponent("MongoDocumentsMacros-tool").path),
            let folder = path.split(separator: ":").first(where: { files.isExecutableFile(atPath: "\($0)/swiftc") })
        else { return nil }
        self.products = products
        swiftc = "\(folder)/swiftc"
    }

    /// What the compiler wrote.
    package struct Output {
        /// All of it.
        package let text: String

        /// The errors with their lines, those within what macros write left out.
        package var errors: [(line: Int, message: String)] {
            text.matches(of: /(?m)^[^\n]*\/case\.swift:([0-9]+):[0-9]+: error: (.*)$/).compactMap { match in
                Int(match.1).map { ($0, String(match.2)) }
            }
        }

        /// The errors of one line.
        package func errors(onLine line: Int) -> [String] { errors.filter { $0.line == line }.map(\.message) }
    }

    /// Type-checks a file.
    package func check(_ source: String, _ options: [String] = []) async throws -> Output {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nectar-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("case.swift")
        try source.write(to: file, atomically: true, encoding: .utf8)
        let tool = products.appendingPathComponent("MongoDocumentsMacros-tool").path
        let command =
            [
                swiftc, "-typecheck", "-swift-version", "6", "-diagnostic-style", "llvm", "-I",
                products.appendingPathComponent("Modules").path, "-load-plugin-executable",
                "\(tool)#MongoDocumentsMacros",
            ] + moduleMaps() + (await Self.headerFlags.value) + options + [file.path]
        return Output(text: try await ChildProcess.run(command).output)
    }

    /// Where the system libraries' headers are, as the build itself asks for them: asked once.
    private static let headerFlags = Task { () -> [String] in
        let command = ["pkg-config", "--cflags-only-I", "libmariadb", "sqlite3"]
        guard let found = try? await ChildProcess.run(command), found.status == 0 else { return [] }
        return found.output.split(whereSeparator: \.isWhitespace).flatMap { ["-Xcc", String($0)] }
    }

    /// The module maps of the C modules that modules here import: this package's, those that the build wrote, and those
    /// that dependencies bring.
    private func moduleMaps() -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let checkouts = products.deletingLastPathComponent().deletingLastPathComponent().appending(path: "checkouts")
        let folders =
            Self.folders(in: root.appending(path: "Sources")) + Self.folders(in: products)
            + Self.folders(in: checkouts).flatMap { Self.folders(in: $0.appending(path: "Sources")) }
            .flatMap { [$0, $0.appending(path: "include")] }
        return folders.map { $0.appending(path: "module.modulemap").path }
            .filter { !$0.contains("-tool.build/") && FileManager.default.fileExists(atPath: $0) }
            .flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
    }

    private static func folders(in folder: URL) -> [URL] {
        (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    }
}
