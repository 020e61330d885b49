import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

@Suite("Documents that grow too large")
struct SizeTests {
    /// Three documents of seven megabytes each.
    private func withLargeDocuments(_ body: (TestEngine) async throws -> Void) async throws {
        try await withEngine { engine in
            let text = BSONValue.string(String(repeating: "x", count: 7 << 20))
            for id in 0..<3 { await engine.run(["insert": "large", "documents": [["_id": .int(id), "text": text]]]) }
            try await body(engine)
        }
    }

    @Test("a pipeline that makes a document over the limit fails, and one that unwinds it again does not")
    func groups() async throws {
        try await withLargeDocuments { engine in
            let group: BSONValue = ["$group": ["_id": .null, "all": ["$push": "$text"]]]
            let reply = await engine.run(["aggregate": "large", "pipeline": [group], "cursor": [:]])
            #expect(reply["code"] == 10334 && reply["codeName"] == "BSONObjectTooLarge")
            let message = reply["errmsg"]?.string ?? ""
            #expect(message.hasPrefix("BSONObj size: 220"))
            #expect(message.hasSuffix("is invalid. Size must be between 0 and 16793600(16MB) First element: _id: null"))
            let count: BSONValue = ["$count": "n"]
            let unwound = await engine.batch([
                "aggregate": "large", "pipeline": [group, ["$unwind": "$all"], count], "cursor": [:],
            ])
            #expect(unwound == [["n": 3]])
            let facet: BSONValue = ["$facet": ["all": [["$match": [:]]]]]
            let facets = await engine.run(["aggregate": "large", "pipeline": [facet], "cursor": [:]])
            #expect(facets["code"] == 10334)
        }
    }

    @Test("an update that would leave a document over the limit changes nothing")
    func updates() async throws {
        try await withLargeDocuments { engine in
            let more = BSONValue.string(String(repeating: "y", count: 6 << 20))
            let updates: [BSONValue] = [
                ["$push": ["list": ["$each": [more, more]]]], ["$set": ["a": more, "b": more]],
                [["$set": ["a": more, "b": more]]],
            ]
            for update in updates {
                let statement: BSONValue = ["q": ["_id": 1], "u": update]
                let reply = await engine.run(["update": "large", "updates": [statement]])
                #expect(reply["writeErrors"]?.array?[0]?.document?["code"] == 17419)
                #expect(reply["nModified"] == 0)
            }
            let found = await engine.batch(["find": "large", "filter": ["_id": 1]]).first
            #expect(found?.keys == ["_id", "text"])
        }
    }

    @Test("a document that is nested too deep is not stored, whether it was inserted or made by an update")
    func depth() async throws {
        func nested(_ levels: Int) -> BSONDocument {
            (1..<levels).reduce(["x": 1]) { inner, _ in ["a": .document(inner)] }
        }
        try await withEngine { engine in
            for (id, levels) in [100, 101, 150].enumerated() {
                var document = nested(levels)
                document["_id"] = .int(id)
                let inserted = await engine.run(["insert": "deep", "documents": [.document(document)]])
                #expect(inserted["n"] == (levels > 100 ? 0 : 1))
                let error = inserted["writeErrors"]?.array?[0]?.document?["code"]
                #expect(error == (levels > 100 ? 15 : nil))
            }
            let statement: BSONValue = ["q": ["_id": 0], "u": .document(nested(101))]
            let replaced = await engine.run(["update": "deep", "updates": [statement]])
            #expect(replaced["writeErrors"]?.array?[0]?.document?["code"] == 15)
        }
    }

    @Test("a document over the limit is not inserted")
    func inserts() async throws {
        try await withEngine { engine in
            let text = BSONValue.string(String(repeating: "x", count: 16 << 20))
            let reply = await engine.run(["insert": "large", "documents": [["_id": 1, "text": text]]])
            let error = reply["writeErrors"]?.array?[0]?.document
            #expect(error?["code"] == 2)
            #expect(error?["errmsg"]?.string?.hasPrefix("object to insert too large. size in bytes: 1677") == true)
        }
    }
}
