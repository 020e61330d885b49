import BSON
import Testing

/// What `Encodable` and `Decodable` allow, but hardly any type does.
@Suite("Containers of coders")
struct ContainerTests {
    /// A value that is written by a function.
    struct Written: Encodable {
        var write: (any Encoder) throws -> Void
        func encode(to encoder: any Encoder) throws { try write(encoder) }
    }

    struct Key: CodingKey, ExpressibleByStringLiteral {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init(stringLiteral value: String) { stringValue = value }
        init?(intValue: Int) { nil }
    }

    private func encode(_ write: @escaping (any Encoder) throws -> Void) throws -> BSONDocument {
        let document = try BSONEncoder().encode(["x": Written(write: write)])
        // Lengths that were patched wrongly would be found here.
        #expect(try BSONDocument(bytes: document.bytes) == document)
        return try #require(document["x"]?.document)
    }

    @Test("may be written to in turns")
    func turns() throws {
        let document = try encode { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            try outer.encode(0, forKey: "first")
            var a = outer.nestedContainer(keyedBy: Key.self, forKey: "a")
            var b = outer.nestedUnkeyedContainer(forKey: "b")
            var deep = a.nestedContainer(keyedBy: Key.self, forKey: "deep")
            try a.encode("one", forKey: "one")
            try b.encode(1)
            try deep.encode([1, 2], forKey: "list")
            try outer.encode(["k": ["v"]], forKey: "middle")
            try a.encode(2, forKey: "two")
            var inner = b.nestedUnkeyedContainer()
            try deep.encode(true, forKey: "late")
            try b.encode(["late": 1])
            try inner.encode("in")
            try outer.encode(9, forKey: "last")
            try inner.encodeNil()
            #expect(b.count == 3)
        }
        #expect(
            document == [
                "first": 0,
                "a": ["deep": ["list": [1, 2], "late": true], "one": "one", "two": 2],
                "b": [1, ["in", .null], ["late": 1]],
                "middle": ["k": ["v"]],
                "last": 9,
            ])
    }

    @Test("may be written to after containers opened later, many times")
    func manyTurns() throws {
        var numbers = SplitMix(seed: 7)
        let document = try encode { encoder in
            let outer = encoder.container(keyedBy: Key.self)
            var lists: [any UnkeyedEncodingContainer] = []
            var copy = outer
            for index in 0..<8 { lists.append(copy.nestedUnkeyedContainer(forKey: Key(stringValue: "\(index)"))) }
            for round in 0..<200 { try lists[Int.random(in: 0..<8, using: &numbers)].encode(["round": round]) }
        }
        #expect(document.keys == (0..<8).map { "\($0)" })
        var rounds: [Int] = []
        for value in document.values {
            let list = (value.array ?? []).compactMap { $0.document?["round"]?.int }
            #expect(list == list.sorted())
            rounds += list
        }
        #expect(rounds.sorted() == Array(0..<200))
    }

    @Test("of superclasses may be written later")
    func lateSuper() throws {
        let document = try encode { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            let first = outer.superEncoder()
            let second = outer.superEncoder(forKey: "list")
            let third = outer.superEncoder(forKey: "never")
            try outer.encode(1, forKey: "own")
            var list = second.unkeyedContainer()
            try list.encode("x")
            var fields = first.container(keyedBy: Key.self)
            try fields.encode(2, forKey: "inner")
            _ = third
        }
        #expect(document == ["super": ["inner": 2], "list": ["x"], "never": [:], "own": 1])
    }

    @Test("of superclasses may be single values and stand in arrays")
    func singleSuper() throws {
        let document = try encode { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            try "value".encode(to: outer.superEncoder())
            var list = outer.nestedUnkeyedContainer(forKey: "list")
            try 5.encode(to: list.superEncoder())
            try ["a": 1].encode(to: list.superEncoder())
        }
        #expect(document == ["super": "value", "list": [5, ["a": 1]]])
    }

    @Test("take back what a value wrote before it failed")
    func failure() throws {
        struct Fault: Error {}
        let bad = Written { encoder in
            var container = encoder.container(keyedBy: Key.self)
            try container.encode("half", forKey: "half")
            var nested = container.nestedContainer(keyedBy: Key.self, forKey: "nested")
            try nested.encode(1, forKey: "a")
            throw Fault()
        }
        let document = try encode { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            try outer.encode(1, forKey: "before")
            #expect(throws: Fault.self) { try outer.encode(bad, forKey: "bad") }
            var list = outer.nestedUnkeyedContainer(forKey: "list")
            try list.encode(1)
            #expect(throws: Fault.self) { try list.encode(bad) }
            try list.encode(2)
            try outer.encode(2, forKey: "after")
        }
        #expect(document == ["before": 1, "list": [1, 2], "after": 2])
    }

    @Test("that nobody asks for are empty documents")
    func nothing() throws {
        #expect(try encode { _ in } == [:])
        #expect(try BSONEncoder().encode(Written { _ in }) == [:])
    }

    @Test("refuse a second value in the place of one")
    func twice() {
        let writes: [@Sendable (any Encoder) throws -> Void] = [
            { encoder in
                try 1.encode(to: encoder)
                try 2.encode(to: encoder)
            },
            { encoder in
                _ = encoder.container(keyedBy: Key.self)
                try 2.encode(to: encoder)
            },
            { encoder in
                try [1].encode(to: encoder)
                try ["a": 1].encode(to: encoder)
            },
            { encoder in
                var list = encoder.unkeyedContainer()
                try list.encode(1)
                _ = encoder.container(keyedBy: Key.self)
            },
        ]
        for write in writes {
            #expect(throws: EncodingError.self) { try BSONEncoder().encode(["x": Written(write: write)]) }
        }
    }

    @Test("refuse what is written after the end")
    func afterTheEnd() throws {
        final class Box { var container: KeyedEncodingContainer<Key>? }
        let box = Box()
        let document = try BSONEncoder().encode(Written { box.container = $0.container(keyedBy: Key.self) })
        #expect(throws: EncodingError.self) { try box.container?.encode(1, forKey: "late") }
        #expect(throws: EncodingError.self) { try box.container?.encode(["a"], forKey: "late") }
        #expect(document == [:])
        let refused = Written { encoder in
            try 1.encode(to: encoder)
            box.container = encoder.container(keyedBy: Key.self)
        }
        #expect(throws: EncodingError.self) { try BSONEncoder().encode(["x": refused]) }
        #expect(throws: EncodingError.self) { try box.container?.encode(1, forKey: "late") }
    }

    @Test("may be kept and read later, in any order")
    func keptDecoders() throws {
        struct Kept: Decodable {
            var decoder: any Decoder
            init(from decoder: any Decoder) throws { self.decoder = decoder }
        }
        let document: BSONDocument = ["a": ["x": 1, "y": [2, 3]], "b": ["x": 4, "y": []]]
        let kept = try BSONDecoder().decode([String: Kept].self, from: document)
        let a = try #require(kept["a"]).decoder.container(keyedBy: Key.self)
        let b = try #require(kept["b"]).decoder.container(keyedBy: Key.self)
        #expect(try b.decode(Int.self, forKey: "x") == 4)
        #expect(try a.decode(Int.self, forKey: "x") == 1)
        #expect(try b.decode([Int].self, forKey: "y") == [])
        var list = try a.nestedUnkeyedContainer(forKey: "y")
        #expect(list.count == 2)
        #expect(try list.decode(Int.self) == 2)
        #expect(throws: DecodingError.self) { try list.decode(String.self) }
        #expect(try list.decode(Int.self) == 3)
        #expect(list.isAtEnd)
        #expect(try a.decode(Int.self, forKey: "x") == 1)
        #expect(try a.decodeNil(forKey: "x") == false)
        #expect(a.contains("y"))
        #expect(!a.contains("z"))
        #expect(try a.decode(Int?.self, forKey: "z") == nil)
        #expect(throws: DecodingError.self) { try a.superDecoder() }
        #expect(try a.superDecoder(forKey: "x").singleValueContainer().decode(Int.self) == 1)
    }
}
