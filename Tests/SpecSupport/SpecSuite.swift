public import BSON
internal import Foundation

/// One case of a suite, with where it comes from.
public struct SpecCase: Sendable {
    /// The file, by its path from the suite's folder.
    public let file: String
    /// The list of the file that the case stands in: `tests`, `valid`; empty where the file is one case.
    public let list: String
    /// The case itself.
    public let test: BSONDocument
    /// The file that the case is of.
    public let document: BSONDocument

    /// What the case says of itself.
    public var description: String { test["description"]?.string ?? "" }
}

/// A suite of the public specifications: counts what is given, runs it and says in a line what came of it.
public struct SpecSuite {
    /// The lists of cases that files of all formats have.
    private static let lists = ["tests", "valid", "decodeErrors", "parseErrors"]

    /// The folder's name.
    public let name: String
    private var given = 0
    private var passed = 0
    private var excluded = 0
    /// What went wrong, a line a case.
    public private(set) var failures: [String] = []

    /// Names a suite.
    public init(_ name: String) { self.name = name }

    /// Runs every case that is not on the list of exclusions, prints the suite's line, and gives what went wrong.
    /// - Parameter check: What is wrong with the outcome of one case; empty where nothing is. What it throws counts too.
    public static func run(_ name: String, _ check: (SpecCase) throws -> [String]) -> [String] {
        var suite = SpecSuite(name)
        let files = SpecFolder.files(of: name)
        guard !files.isEmpty else {
            report("\(name): no files, all cases left out")
            return []
        }
        for file in files { suite.run(file, check) }
        report(suite.line)
        return suite.failures
    }

    /// Runs every case as ``run(_:_:)`` does, for checks that wait for something.
    public static func run(
        _ name: String, _ check: nonisolated(nonsending) (SpecCase) async throws -> [String]
    ) async -> [String] {
        var suite = SpecSuite(name)
        let files = SpecFolder.files(of: name)
        guard !files.isEmpty else {
            report("\(name): no files, all cases left out")
            return []
        }
        for file in files {
            do {
                for test in try cases(of: file, in: name) {
                    guard let path = suite.begin(test) else { continue }
                    let faults: [String]
                    do { faults = try await check(test) } catch { faults = [String(describing: error)] }
                    suite.count(faults, path)
                }
            } catch {
                suite.given += 1
                suite.failures.append("\(name)/\(file): \(error)")
            }
        }
        report(suite.line)
        return suite.failures
    }

    /// Counts the cases of a suite that has no runner, and prints its line.
    public static func exclude(_ name: String) {
        var suite = SpecSuite(name)
        for file in SpecFolder.files(of: name) {
            suite.given += (try? cases(of: file, in: name).count) ?? 1
        }
        suite.excluded = suite.given
        report("\(suite.line) (\(SpecCatalog.excludedSuites[name] ?? "has no runner"))")
    }

    private mutating func run(_ file: String, _ check: (SpecCase) throws -> [String]) {
        do {
            for test in try Self.cases(of: file, in: name) {
                guard let path = begin(test) else { continue }
                count(Self.faults(of: test, check), path)
            }
        } catch {
            given += 1
            failures.append("\(name)/\(file): \(error)")
        }
    }

    /// Counts a case; nil where its folder is left out, and else how the catalog names it.
    private mutating func begin(_ test: SpecCase) -> String? {
        given += 1
        let path = "\(name)/\(test.file): \(test.description)"
        guard SpecCatalog.excludedFolders.keys.contains(where: { path.hasPrefix($0) }) else { return path }
        excluded += 1
        return nil
    }

    /// Counts what came of a case.
    private mutating func count(_ faults: [String], _ path: String) {
        guard SpecCatalog.excludedCases[path] == nil else {
            // The list only gets shorter: a case that passes must come off it.
            if faults.isEmpty { failures.append("\(path): passes, and is excluded") } else { excluded += 1 }
            return
        }
        if faults.isEmpty { passed += 1 } else { failures.append("\(path): \(faults.joined(separator: "; "))") }
    }

    private static func faults(of test: SpecCase, _ check: (SpecCase) throws -> [String]) -> [String] {
        do { return try check(test) } catch { return [String(describing: error)] }
    }

    /// The cases of a file; a file without lists of them is one.
    private static func cases(of file: String, in suite: String) throws -> [SpecCase] {
        let data = try Data(contentsOf: SpecFolder.url.appending(path: "\(suite)/\(file)"))
        // Most files are Extended JSON; where one has a key of it in another sense, it is read as it stands.
        let document =
            try (try? BSONDocument(extendedJSON: String(decoding: data, as: UTF8.self))) ?? BSONDocument(json: data)
        let present = lists.filter { document[$0]?.array != nil }
        guard !present.isEmpty else { return [SpecCase(file: file, list: "", test: document, document: document)] }
        return present.flatMap { list in
            (document[list]?.array.map(Array.init) ?? []).map { entry in
                SpecCase(file: file, list: list, test: entry.document ?? [:], document: document)
            }
        }
    }

    private var line: String {
        "\(name): \(given) given, \(passed) passed, \(failures.count) failed, \(excluded) excluded"
    }

    /// Prints a line, and appends it to the file that `NECTAR_SPEC_REPORT` names, which `make test-specs` prints.
    private static func report(_ line: String) {
        print(line)
        guard let path = ProcessInfo.processInfo.environment["NECTAR_SPEC_REPORT"],
            let file = FileHandle(forUpdatingAtPath: path)
        else { return }
        _ = try? file.seekToEnd()
        try? file.write(contentsOf: Data("\(line)\n".utf8))
        try? file.close()
    }
}
