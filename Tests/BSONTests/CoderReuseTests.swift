import Foundation
import Testing

@testable import BSON

/// Encodings use their thread's memory and containers again: what one has left must not be seen by another.
@Suite("Encodings one after another")
struct CoderReuseTests {
    private final class Kept {
        var encoder: (any Encoder)?
        var keyedWriter: KeyedEncodingContainer<Keys>?
        var unkeyedWriter: (any UnkeyedEncodingContainer)?
    }

    private enum Keys: String, CodingKey { case name, list }

    private static let key = CodingUserInfoKey(rawValue: "kept")

    /// Keeps all that it is given to write with.
    private struct Keeper: Encodable {
        var name = "a name that is longer than a short one"

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(name, forKey: .name)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode(1)
            if let key = CoderReuseTests.key, let kept = encoder.userInfo[key] as? Box {
                kept.kept.encoder = encoder
                kept.kept.keyedWriter = container
                kept.kept.unkeyedWriter = list
            }
        }
    }

    private struct Box: @unchecked Sendable {
        let kept: Kept
    }

    @Test("What a type has kept of an encoding is refused, and spoils no other")
    func keptWriters() throws {
        let kept = Kept()
        var encoder = BSONEncoder()
        if let key = Self.key { encoder.userInfo[key] = Box(kept: kept) }
        let document = try encoder.encode(Keeper())
        #expect(document["name"] == .string(Keeper().name))

        #expect(throws: EncodingError.self) { try kept.keyedWriter?.encode("late", forKey: .name) }
        #expect(throws: EncodingError.self) { try kept.unkeyedWriter?.encode("late") }
        var other = kept.encoder?.container(keyedBy: Keys.self)
        #expect(throws: EncodingError.self) { try other?.encode("late", forKey: .name) }

        // In the midst of another encoding, which uses the same state.
        struct Meddler: Encodable {
            let kept: Kept
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                try container.encode("before", forKey: .name)
                #expect(throws: EncodingError.self) { try kept.keyedWriter?.encode("late", forKey: .name) }
                #expect(throws: EncodingError.self) { try kept.unkeyedWriter?.encode("late") }
                try container.encode([1], forKey: .list)
            }
        }
        #expect(try BSONEncoder().encode(Meddler(kept: kept)) == ["name": "before", "list": [1]])
        #expect(try BSONEncoder().encode(Keeper()) == document)
    }

    /// Keeps the containers that it is read with.
    private final class Reader: Decodable {
        let outer: KeyedDecodingContainer<Keys>
        let inner: KeyedDecodingContainer<Keys>?

        init(from decoder: any Decoder) throws {
            outer = try decoder.container(keyedBy: Keys.self)
            inner = try? outer.nestedContainer(keyedBy: Keys.self, forKey: .list)
        }
    }

    @Test("A type may keep its containers, and read them when the document and the decoder are gone")
    func keptReaders() throws {
        func number(_ reader: Reader) throws -> [Int] {
            try [reader.outer.decode(Int.self, forKey: .name), #require(reader.inner).decode(Int.self, forKey: .name)]
        }
        func read(_ number: Int) throws -> Reader {
            let number = Int32(number)
            return try BSONDecoder().decode(
                Reader.self, from: ["name": .int32(number), "list": ["name": .int32(-number), "list": ["name": 7]]])
        }
        // More than are kept as many as are open at once, and some of them gone in between.
        var readers: [Reader?] = []
        for index in 0..<400 {
            readers.append(try read(index))
            if index % 3 == 0 { readers[index / 2] = nil }
            _ = try BSONDecoder().decode([String: Int].self, from: ["other": 1])
        }
        for (index, reader) in readers.enumerated() {
            if let reader { #expect(try number(reader) == [index, -index]) }
        }
        // What a kept container opens lives on its own, too.
        var innermost: [KeyedDecodingContainer<Keys>] = []
        for reader in readers {
            guard let reader else { continue }
            innermost.append(try #require(reader.inner).nestedContainer(keyedBy: Keys.self, forKey: .list))
            #expect(throws: DecodingError.self) { try reader.outer.decode(Double.self, forKey: .list) }
        }
        readers = []
        for index in 0..<100 { _ = try read(index) }
        for container in innermost {
            #expect(try container.decode(Int.self, forKey: .name) == 7)
            #expect(container.codingPath.map(\.stringValue) == ["list", "list"])
        }
    }

    @Test("One decoding keeps the containers of a hundred elements apart")
    func manyKeptReaders() throws {
        let elements = BSONArray((0..<300).map { .document(["name": .int32($0)]) })
        let readers = try BSONDecoder().decode([String: [Reader]].self, from: ["all": .array(elements)])
        let names = try #require(readers["all"]).map { try $0.outer.decode(Int.self, forKey: .name) }
        #expect(names == Array(0..<300))
    }

    @Test("Short text has its bytes where the library puts them, for each length")
    func shortText() throws {
        #expect(_ShortText.isUsable)
        let text = "Nectar in Swift!"
        for count in 0...16 {
            let part = String(text.prefix(count))
            let document = BSONDocument(fields: [(part, .string(part)), (part + "x", 2)])
            for (key, value) in document.prefix(1) {
                #expect(key == part && value == .string(part))
                let words = [key, part].map { unsafeBitCast($0, to: (UInt64, UInt64).self) }
                #expect(count > 15 || words[0] == words[1])
            }
            #expect(try BSONDecoder().decode([String: Int].self, from: [part + "x": 2, part: 1])[part] == 1)
        }
    }

    private struct Tree: Codable, Equatable {
        var name: String
        var inner: [Tree]
    }

    @Test("A type within itself has containers of its own at every level")
    func recursion() throws {
        func tree(_ depth: Int) -> Tree {
            Tree(name: "level \(depth)", inner: depth == 0 ? [] : [tree(depth - 1), tree(depth - 1)])
        }
        for _ in 0..<3 {
            #expect(try BSONDecoder().decode(Tree.self, from: BSONEncoder().encode(tree(6))) == tree(6))
        }
    }

    /// A type with keys of its own for every tag.
    private struct Tagged<Tag>: Codable, Equatable {
        var number: Int
    }

    private func check<Tag>(_ tag: Tag.Type, _ number: Int) throws {
        let value = [Tagged<Tag>(number: number), Tagged<Tag>(number: -number)]
        let document = try BSONEncoder().encode(["list": value])
        let expected: BSONDocument = ["list": [["number": .int32(Int32(number))], ["number": .int32(Int32(-number))]]]
        #expect(document == expected)
        #expect(try BSONDecoder().decode([String: [Tagged<Tag>]].self, from: document) == ["list": value])
    }

    @Test("More types of keys than are kept are written as well")
    func manyTypes() throws {
        let tags: [Any.Type] = [
            Int8.self, Int16.self, Int32.self, Int64.self, Int.self, UInt8.self, UInt16.self, UInt32.self, UInt64.self,
            UInt.self, Float.self, Double.self, String.self, Character.self, Bool.self, Substring.self, Date.self,
            UUID.self, Data.self, URL.self,
        ]
        for _ in 0..<2 {
            for (number, tag) in tags.enumerated() {
                func check<Tag>(_ tag: Tag.Type) throws { try self.check(tag, number) }
                try _openExistential(tag, do: check)
            }
        }
    }

    /// Is written by a coder of its own within another's work.
    private struct Inside: Codable, Equatable {
        var tree: Tree

        init(_ tree: Tree) { self.tree = tree }

        init(from decoder: any Decoder) throws {
            let document = try decoder.singleValueContainer().decode(BSONDocument.self)
            tree = try BSONDecoder().decode(Tree.self, from: document)
        }

        func encode(to encoder: any Encoder) throws { try BSONEncoder().encode(tree).encode(to: encoder) }
    }

    @Test("A coding within another one disturbs neither")
    func withinAnother() throws {
        let value = [
            "a": Inside(Tree(name: "x", inner: [Tree(name: "y", inner: [])])), "b": Inside(Tree(name: "z", inner: [])),
        ]
        for _ in 0..<3 {
            #expect(try BSONDecoder().decode([String: Inside].self, from: BSONEncoder().encode(value)) == value)
        }
    }

    private struct Failing: Codable {
        var name: String
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(name, forKey: .name)
            try container.encode([Double.nan], forKey: .list)
            throw EncodingError.invalidValue(name, .init(codingPath: [], debugDescription: "on purpose"))
        }
    }

    @Test("An encoding that fails leaves nothing to the next")
    func failing() throws {
        for _ in 0..<3 {
            #expect(throws: EncodingError.self) { try BSONEncoder().encode(Failing(name: "x")) }
            #expect(try BSONEncoder().encode(["a": 1]) == ["a": 1])
            #expect(throws: DecodingError.self) { try BSONDecoder().decode(Tree.self, from: ["name": 1]) }
            #expect(try BSONDecoder().decode([String: Int].self, from: ["a": 1]) == ["a": 1])
        }
    }

    @Test("A large document is followed by small ones of their own size")
    func sizes() throws {
        for count in [10, 100_000, 10, 3_000, 1] {
            let text = String(repeating: "x", count: count)
            let document = try BSONEncoder().encode(["text": text])
            #expect(document.byteCount == count + 16)
            #expect(try BSONDecoder().decode([String: String].self, from: document) == ["text": text])
        }
    }

    @Test("Threads do not share their states", .timeLimit(.minutes(2)))
    func threads() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<500 {
                        let tree = Tree(name: "\(task)-\(round)", inner: [Tree(name: "inner \(task)", inner: [])])
                        let document = try BSONEncoder().encode(tree)
                        if round % 50 == 0 { await Task.yield() }
                        #expect(try BSONDecoder().decode(Tree.self, from: document) == tree)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("A thread's state outlives it")
    func threadExit() throws {
        for _ in 0..<20 {
            let thread = Thread {
                _ = try? BSONDecoder().decode(Tree.self, from: BSONEncoder().encode(Tree(name: "a", inner: [])))
            }
            thread.start()
            while !thread.isFinished { usleep(100) }
        }
        #expect(try BSONEncoder().encode(Tree(name: "a", inner: [])) == ["name": "a", "inner": []])
    }
}
