import BSON
import MongoProtocol
import Testing

@Suite("Arguments that every command takes")
struct GenericArgumentTests {
    @Test("malformed ones get MongoDB's codes")
    func malformed() async throws {
        let cases: [(BSONDocument, BSONValue)] = [
            (["find": "n", "maxTimeMS": -1], 2),
            (["find": "n", "maxTimeMS": "x"], 2),
            (["find": "n", "maxTimeMS": 2.5], 2),
            (["find": "n", "maxTimeMS": .int64(1 << 40)], 2),
            (["find": "n", "readConcern": ["level": "some"]], 2),
            (["find": "n", "readConcern": ["level": 1]], 14),
            (["find": "n", "readConcern": 1], 14),
            (["insert": "n", "documents": [[:]], "writeConcern": 1], 14),
            (["insert": "n", "documents": [[:]], "writeConcern": ["w": -1]], 9),
            (["insert": "n", "documents": [[:]], "writeConcern": ["w": 51]], 9),
        ]
        try await withEngine { engine in
            for (command, code) in cases {
                let reply = await engine.run(command)
                #expect(reply["ok"] == 0.0 && reply["code"] == code, "\(command): \(reply)")
            }
            #expect(await engine.batch(["find": "n", "maxTimeMS": 0, "readConcern": ["level": "majority"]]) == [])
        }
    }

    @Test("a write that asks for members that are not there is done, and tells that its concern is not met")
    func unmetWriteConcern() async throws {
        let cases: [(BSONValue, BSONValue?)] = [(0, nil), (1, nil), ("majority", nil), (2, 100), ("east", 79)]
        try await withEngine { engine in
            for (members, code) in cases {
                let reply = await engine.run([
                    "insert": "n", "documents": [[:]], "writeConcern": ["w": members],
                ])
                #expect(reply["ok"] == 1.0 && reply["n"] == 1, "\(members)")
                #expect(reply["writeConcernError"]?.document?["code"] == code, "\(members)")
            }
        }
    }

    @Test("limits at the ends of their types are limits, and no traps")
    func extremeLimits() async throws {
        try await withEngine { engine in
            await engine.run(["insert": "n", "documents": [["_id": 1], ["_id": 2]]])
            #expect(await engine.run(["count": "n", "limit": .int64(.min)])["n"] == 2)
            #expect(await engine.run(["count": "n", "query": ["_id": 1], "limit": .int64(.min)])["n"] == 1)
            #expect(await engine.run(["count": "n", "limit": .int64(.max), "skip": .int64(.max)])["n"] == 0)
            let find: BSONDocument = ["find": "n", "singleBatch": true, "limit": .int64(.min)]
            #expect(await engine.batch(find).count == 2)
        }
    }

    @Test("a delete of which one statement is malformed deletes nothing")
    func malformedDeletes() async throws {
        let cases: [(BSONDocument, BSONValue)] = [
            (["q": [:]], 40414), (["limit": 0], 40414), (["q": [:], "limit": 2], 9), (["q": 1, "limit": 0], 14),
        ]
        try await withEngine { engine in
            await engine.run(["insert": "n", "documents": [["_id": 1]]])
            for (statement, code) in cases {
                let good: BSONDocument = ["q": [:], "limit": 0]
                let reply = await engine.run(["delete": "n", "deletes": [.document(good), .document(statement)]])
                #expect(reply["ok"] == 0.0 && reply["code"] == code, "\(statement): \(reply)")
            }
            #expect(await engine.run(["count": "n"])["n"] == 1)
        }
    }
}
