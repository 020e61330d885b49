import BSON
import Foundation
import Testing

/// The files of a folder of the public driver specifications, where they are at hand.
struct SpecificationFiles {
    /// One file: its name and what it holds.
    struct File {
        let name: String
        let content: BSONDocument
        /// The cases of a file that lists them.
        var tests: [BSONDocument] { content["tests"]?.array?.compactMap(\.document) ?? [] }
    }

    let suite: String
    let files: [File]

    /// Reads all JSON files below a folder; none where it is not there.
    init(_ suite: String) throws {
        self.suite = suite
        let folder = Self.specifications.appending(path: suite)
        let names = (FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String]) ?? []
        files = try names.filter { $0.hasSuffix(".json") }.sorted().map { name in
            File(name: name, content: try BSONDocument(json: Data(contentsOf: folder.appending(path: name))))
        }
    }

    private static var specifications: URL {
        if let shared = ProcessInfo.processInfo.environment["NECTAR_SHARED"] {
            return URL(filePath: shared).appending(path: "specs")
        }
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.deletingLastPathComponent().appending(path: "shared/specs")
    }

    /// Runs cases and prints how many there are and how they went.
    /// - Parameters:
    ///   - cases: Each case with its name.
    ///   - excluded: Names of the cases that are left out, with the reason.
    ///   - run: What is wrong with a case; empty where nothing is.
    func check(
        _ cases: [(name: String, test: BSONDocument)], excluded: [String: String] = [:],
        _ run: (BSONDocument) async throws -> [String]
    ) async {
        guard !files.isEmpty else {
            print("\(suite): no files, all cases left out")
            return
        }
        var failures: [String] = []
        var left = 0
        for (name, test) in cases {
            if let reason = excluded.first(where: { name.hasSuffix($0.key) })?.value {
                left += 1
                print("\(suite): left out \(name): \(reason)")
                continue
            }
            let faults: [String]
            do {
                faults = try await run(test)
            } catch {
                faults = ["\(error)"]
            }
            if !faults.isEmpty { failures.append("\(name): \(faults.joined(separator: "; "))") }
        }
        let passed = cases.count - failures.count - left
        print("\(suite): \(cases.count) given, \(passed) passed, \(failures.count) failed, \(left) excluded")
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    /// The cases of files that list them under `tests`.
    var listed: [(name: String, test: BSONDocument)] {
        files.flatMap { file in
            file.tests.map { ("\(file.name), \($0["description"]?.string ?? "")", $0) }
        }
    }
}
