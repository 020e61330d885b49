import BSON
import BenchmarkSupport

/// Inputs that would cost a careless reader the square of their size, at three sizes: what a byte costs stays the same
/// where the time is linear.
enum HostileRows {
    private struct Input {
        let name: String
        /// The work on an input of about so many bytes, made once.
        let work: (_ bytes: Int) -> () throws -> UInt64
    }

    static func print() throws {
        let sizes = [1 << 14, 1 << 17, 1 << 20]
        Swift.print("\n| hostile input | ns a byte at 16 KB | at 128 KB | at 1 MB |\n| --- | ---: | ---: | ---: |")
        for input in inputs {
            var cells: [String] = []
            for size in sizes {
                let work = input.work(size)
                let time = try best(of: [{ rounds in try repeated(rounds) { try work() } }])[0]
                cells.append(rounded(time / Double(size)))
            }
            Swift.print("| \(input.name) | \(cells.joined(separator: " | ")) |")
        }
    }

    private static func rounded(_ value: Double) -> String { String(Double(Int(value * 1000)) / 1000) }

    private static var inputs: [Input] {
        [
            Input(name: "one field's name, again and again, to a dictionary") { size in
                let document = BSONDocument(fields: (0..<size / 7).map { _ in ("a", .int32(1)) })
                return { UInt64(try BSONDecoder().decode([String: Int].self, from: document).count) }
            },
            Input(name: "fields in descending order, to a dictionary") { size in
                let document = BSONDocument(fields: (0..<size / 14).reversed().map { ("f\($0)", .int32(1)) })
                return { UInt64(try BSONDecoder().decode([String: Int].self, from: document).count) }
            },
            Input(name: "an array of texts, each tried as a number first") { size in
                let document: BSONDocument = ["a": .array(BSONArray((0..<size / 14).map { _ in "x" }))]
                return {
                    UInt64(try BSONDecoder().decode([String: [NumberOrText]].self, from: document)["a"]?.count ?? 0)
                }
            },
            Input(name: "an array, to Swift's") { size in
                let document: BSONDocument = ["a": .array(BSONArray((0..<size / 10).map { _ in .null }))]
                return { UInt64(try BSONDecoder().decode([String: [Int?]].self, from: document)["a"]?.count ?? 0) }
            },
            json("JSON: opening brackets") { String(repeating: "[", count: $0) },
            json("JSON: one number") { "[" + String(repeating: "7", count: $0) + "]" },
            json("JSON: a decimal's digits") {
                #"{"a":{"$numberDecimal":""# + String(repeating: "7", count: $0) + #""}}"#
            },
            json("JSON: escapes") { #"{"a":""# + String(repeating: #"\u0041"#, count: $0 / 6) + #""}"# },
            json("JSON: names that begin with $") {
                #"{"a":{"# + (0..<$0 / 14).map { #""$f\#($0)":1"# }.joined(separator: ",") + "}}"
            },
            json("JSON: a binary's text") {
                #"{"a":{"$binary":{"base64":""# + String(repeating: "A", count: $0 & ~3) + #"","subType":"00"}}}"#
            },
            Input(name: "bytes: documents within documents, side by side") { size in
                var inner: BSONDocument = [:]
                for _ in 0..<90 { inner = ["": .document(inner)] }
                let document = BSONDocument(
                    fields: (0..<max(size / inner.byteCount, 1)).map { _ in ("", .document(inner)) })
                let bytes = document.bytes
                return { UInt64(try BSONDocument(bytes: bytes).extendedJSON(.canonical).utf8.count) }
            },
        ]
    }

    /// The reading of a text, which may be refused.
    private static func json(_ name: String, _ text: @escaping (_ bytes: Int) -> String) -> Input {
        Input(name: name) { size in
            let text = text(size)
            return { UInt64((try? BSONDocument(extendedJSON: text))?.byteCount ?? 0) }
        }
    }
}

/// What many types do: try one form, and then another.
private struct NumberOrText: Decodable {
    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if (try? value.decode(Int.self)) == nil { _ = try value.decode(String.self) }
    }
}
