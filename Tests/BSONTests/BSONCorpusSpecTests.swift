import BSON
import Foundation
import Testing

/// Runs the driver specifications' "BSON Corpus", where its files are at hand.
@Suite("BSON corpus")
struct BSONCorpusSpecTests {
    private static var folder: URL {
        if let shared = ProcessInfo.processInfo.environment["NECTAR_SHARED"] {
            return URL(filePath: shared).appending(path: "specs/bson-corpus")
        }
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.deletingLastPathComponent().appending(path: "shared/specs/bson-corpus")
    }

    @Test("all cases pass")
    func corpus() throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Self.folder.path)) ?? []
        let files = names.filter { $0.hasSuffix(".json") }.sorted()
        guard !files.isEmpty else {
            print("bson-corpus: no files, all cases left out")
            return
        }
        var given = 0
        var failures: [String] = []
        for file in files {
            let suite = try BSONDocument(json: Data(contentsOf: Self.folder.appending(path: file)))
            for kind in ["valid", "decodeErrors", "parseErrors"] {
                for entry in suite[kind]?.array ?? [] {
                    let test = try #require(entry.document)
                    given += 1
                    let faults = Self.faults(of: test, kind, type: suite["bson_type"]?.string ?? "")
                    guard !faults.isEmpty else { continue }
                    let description = test["description"]?.string ?? ""
                    failures.append("\(file), \(kind), \(description): \(faults.joined(separator: "; "))")
                }
            }
        }
        print("bson-corpus: \(given) given, \(given - failures.count) passed, \(failures.count) failed, 0 excluded")
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    /// What is wrong with the outcome of one case.
    private static func faults(of test: BSONDocument, _ kind: String, type: String) -> [String] {
        do {
            switch kind {
            case "valid": return try valid(test)
            case "decodeErrors":
                return (try? BSONDocument(bytes: bytes(test, "bson"))) == nil ? [] : ["the bytes were taken"]
            default:
                guard let text = test["string"]?.string else { return ["no text"] }
                let taken = type == "0x13" ? Decimal128(text) != nil : (try? BSONDocument(extendedJSON: text)) != nil
                return taken ? ["the text was taken"] : []
            }
        } catch {
            return [String(describing: error)]
        }
    }

    /// The conversions that the corpus's own README lists for a valid case.
    private static func valid(_ test: BSONDocument) throws -> [String] {
        var faults = Faults()
        let isLossy = test["lossy"]?.bool ?? false
        let canonical = try BSONDocument(bytes: bytes(test, "canonical_bson"))
        let text = test["canonical_extjson"]?.string ?? ""

        faults.expect(
            BSONDocument(fields: canonical.map { ($0.key, $0.value) }) == canonical, "bytes differ after a rebuild")
        faults.expect(try sameJSON(canonical.extendedJSON(.canonical), text), "canonical text from bytes")
        let parsed = try BSONDocument(extendedJSON: text)
        faults.expect(try sameJSON(parsed.extendedJSON(.canonical), text), "canonical text from its own")
        if !isLossy { faults.expect(parsed == canonical, "bytes from canonical text") }

        if test["degenerate_bson"] != nil {
            let degenerate = try BSONDocument(bytes: bytes(test, "degenerate_bson"))
            faults.expect(
                try sameJSON(degenerate.extendedJSON(.canonical), text), "canonical text from degenerate bytes")
            let rewritten = try BSONDocument(extendedJSON: degenerate.extendedJSON(.canonical))
            faults.expect(rewritten == canonical, "canonical bytes from degenerate ones")
        }
        if let degenerate = test["degenerate_extjson"]?.string {
            let parsed = try BSONDocument(extendedJSON: degenerate)
            faults.expect(try sameJSON(parsed.extendedJSON(.canonical), text), "canonical text from the degenerate one")
            if !isLossy { faults.expect(parsed == canonical, "bytes from the degenerate text") }
        }
        if let relaxed = test["relaxed_extjson"]?.string {
            faults.expect(try sameJSON(canonical.extendedJSON(.relaxed), relaxed), "relaxed text from bytes")
            let parsed = try BSONDocument(extendedJSON: relaxed)
            faults.expect(try sameJSON(parsed.extendedJSON(.relaxed), relaxed), "relaxed text from its own")
        }
        return faults.list
    }

    /// What did not come out as expected.
    private struct Faults {
        var list: [String] = []
        mutating func expect(_ condition: Bool, _ what: String) { if !condition { list.append(what) } }
    }

    /// Whether two texts have the same values in the same order, spaces and spelling aside.
    private static func sameJSON(_ a: String, _ b: String) throws -> Bool {
        try BSONDocument(json: a.utf8) == BSONDocument(json: b.utf8)
    }

    private static func bytes(_ test: BSONDocument, _ key: String) throws -> [UInt8] {
        let digits = [UInt8]((test[key]?.string ?? "").utf8)
        return try stride(from: 0, to: digits.count - 1, by: 2).map { index in
            try #require(UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16))
        }
    }
}
