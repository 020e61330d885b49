import ClientFixture
import MongoProtocol
import Nectar
import Testing

@Suite("Collections")
struct CollectionTests {
    @Test("What is inserted can be found, changed, replaced, counted and removed", arguments: TestDeployment.allCases)
    func roundTrip(on deployment: TestDeployment) async throws {
        try await withTestClient(on: deployment) { client in
            let books = client["library"]["books"]
            let id = try await books.insertOne(["title": "Momo", "year": 1973]).insertedID
            #expect(id.objectID != nil)
            #expect(try await books.findOne(["_id": id])?["title"] == "Momo")

            let update = try await books.updateOne(["title": "Momo"], ["$set": ["year": 1974]])
            #expect(update.matchedCount == 1 && update.modifiedCount == 1 && update.upsertedID == nil)
            let upsert = try await books.updateOne(["_id": 7], ["$set": ["title": "R.U.R."]], upsert: true)
            #expect(upsert.matchedCount == 0 && upsert.upsertedID == 7)
            let replace = try await books.replaceOne(["_id": 7], ["title": "Krakatit"])
            #expect(replace.modifiedCount == 1)

            #expect(try await books.countDocuments() == 2)
            #expect(try await books.countDocuments(["year": ["$gt": 1900]]) == 1)
            #expect(try await books.estimatedDocumentCount() == 2)
            #expect(try await Set(books.distinct("title")) == ["Momo", "Krakatit"])
            #expect(try await books.deleteOne(["_id": 7]).deletedCount == 1)
            #expect(try await books.deleteMany([:]).deletedCount == 1)
            #expect(try await books.findOne() == nil)
        }
    }

    @Test("Names of collections have dots, and a collection leads to those behind its dot")
    func dotted() async throws {
        try await withTestClient(on: .embedded) { client in
            let pages = client["test"]["wiki.pages"]
            try await pages.insertOne(["_id": 1])
            let same = client["test"]["wiki"].with(timeout: .seconds(7))["pages"]
            #expect(same.namespace == "test.wiki.pages" && same.defaults.timeout == .seconds(7))
            #expect(try await same.findOne() == ["_id": 1])
            #expect(try await client["test"]["wiki"].findOne() == nil)
            #expect(try await client["test"].listCollectionNames() == ["wiki.pages"])
        }
    }

    @Test("A query is sorted, cut and projected as it says", arguments: TestDeployment.allCases)
    func queryOptions(on deployment: TestDeployment) async throws {
        try await withTestClient(on: deployment) { client in
            let numbers = client["test"]["numbers"]
            try await numbers.insertMany((0..<10).map { ["_id": .int($0), "square": .int($0 * $0)] })
            let found = try await numbers.find(["_id": ["$gte": 3]]).sort(["_id": -1]).skip(1).limit(2)
                .projection(["square": 1, "_id": 0]).toArray()
            #expect(found == [["square": 64], ["square": 49]])
        }
    }

    @Test("A duplicate key is told apart from other errors", arguments: TestDeployment.allCases)
    func duplicateKey(on deployment: TestDeployment) async throws {
        try await withTestClient(on: deployment) { client in
            let users = client["test"]["users"]
            try await users.createIndex(["name": 1], unique: true)
            try await users.insertOne(["name": "kim"])
            let error = await mongoError { try await users.insertOne(["name": "kim"]) }
            #expect(error?.isDuplicateKey == true)
            #expect(error?.kind.description == "write")
            #expect(error?.writeErrors.first?.document["keyValue"] == ["name": "kim"])
            let other = await mongoError { _ = try await users.find(["$nonsense": 1]).toArray() }
            #expect(other != nil && other?.isDuplicateKey == false)
        }
    }

    @Test("Unordered inserts go on behind a failure and tell all failures' places", arguments: TestDeployment.allCases)
    func unorderedInserts(on deployment: TestDeployment) async throws {
        try await withTestClient(on: deployment) { client in
            let things = client["test"]["things"]
            let documents: [BSONDocument] = [["_id": 1], ["_id": 1], ["_id": 2], ["_id": 2], ["_id": 3]]
            let error = await mongoError { try await things.insertMany(documents, ordered: false) }
            #expect(error?.writeErrors.map(\.index) == [1, 3])
            #expect(try await things.countDocuments() == 3)
            try await things.deleteMany([:])
            let ordered = await mongoError { try await things.insertMany(documents) }
            #expect(ordered?.writeErrors.map(\.index) == [1])
            #expect(try await things.countDocuments() == 1)
        }
    }

    @Test("A bulk write counts what it did and places failures over all writes", arguments: TestDeployment.allCases)
    func bulkWrites(on deployment: TestDeployment) async throws {
        try await withTestClient(on: deployment) { client in
            let things = client["test"]["things"]
            let result = try await things.bulkWrite([
                .insertOne(["_id": 1]), .insertOne(["_id": 2]),
                .updateMany([:], ["$set": ["seen": true]]),
                .updateOne(["_id": 9], ["$set": ["seen": false]], upsert: true),
                .replaceOne(["_id": 2], ["seen": "twice"]),
                .deleteOne(["_id": 1]),
            ])
            #expect(result.insertedCount == 2 && result.matchedCount == 3 && result.modifiedCount == 3)
            #expect(result.deletedCount == 1)
            #expect(result.upsertedIDs == [3: 9])
            let error = await mongoError {
                try await things.bulkWrite(
                    [.deleteMany(["_id": 2]), .insertOne(["_id": 9]), .insertOne(["_id": 10])], ordered: false)
            }
            #expect(error?.writeErrors.map(\.index) == [1])
            #expect(error?.details["nInserted"] == 1 && error?.details["nRemoved"] == 1)
            #expect(try await things.countDocuments() == 2)
            let unusable = await mongoError { try await things.bulkWrite([.deleteMany([:]), .updateOne([:], [:])]) }
            #expect(unusable?.kind == .usage)
            #expect(try await things.countDocuments() == 2)
        }
    }

    @Test("findOneAnd… returns the document before or after its change", arguments: TestDeployment.allCases)
    func findOneAndChange(on deployment: TestDeployment) async throws {
        try await withTestClient(on: deployment) { client in
            let counters = client["test"]["counters"]
            let increment: BSONDocument = ["$inc": ["n": 1]]
            #expect(try await counters.findOneAndUpdate(["_id": "a"], increment, upsert: true) == nil)
            #expect(try await counters.findOneAndUpdate(["_id": "a"], increment)?["n"] == 1)
            let after = try await counters.findOneAndUpdate(["_id": "a"], increment, returnDocument: .after)
            #expect(after?["n"] == 3)
            let replaced = try await counters.findOneAndReplace(
                ["_id": "a"], ["m": 1], returnDocument: .after, projection: ["_id": 0])
            #expect(replaced == ["m": 1])
            #expect(try await counters.findOneAndDelete(["_id": "a"])?["m"] == 1)
            #expect(try await counters.findOneAndDelete(["_id": "a"]) == nil)
        }
    }

    @Test(
        "Updates without operators and replacements with them are refused before they are sent",
        arguments: TestDeployment.allCases)
    func misuse(on deployment: TestDeployment) async throws {
        try await withTestClient(on: deployment) { client in
            let things = client["test"]["things"]
            let errors = [
                await mongoError { try await things.updateOne([:], ["a": 1]) },
                await mongoError { try await things.replaceOne([:], ["$set": ["a": 1]]) },
                await mongoError { try await things.insertMany([]) },
                await mongoError { try await things.bulkWrite([]) },
            ]
            #expect(errors.map { $0?.kind } == Array(repeating: .usage, count: 4))
        }
    }

    @Test("Databases, collections and indexes can be listed and dropped", arguments: TestDeployment.allCases)
    func catalog(on deployment: TestDeployment) async throws {
        try await withTestClient(on: deployment) { client in
            let things = client["shop"]["things"]
            let name = try await things.createIndex(["a": 1, "b": -1])
            #expect(name == "a_1_b_-1")
            #expect(try await things.listIndexes().compactMap { $0["name"]?.string } == ["_id_", name])
            try await things.dropIndex(name)
            #expect(try await things.listIndexes().count == 1)
            #expect(try await client["shop"].listCollectionNames() == ["things"])
            #expect(try await client.listDatabaseNames().contains("shop"))
            try await client["shop"].drop()
            #expect(try await client["shop"].listCollectionNames() == [])
        }
    }

    @Test("Failures of several commands are one error, their places counted over all writes", arguments: [false, true])
    func joinedFailures(ordered: Bool) async throws {
        let deployment = ScriptedDeployment { _ in
            let failure: BSONDocument = ["index": 0, "code": 11000, "errmsg": "duplicate"]
            return ["ok": 1.0, "n": 0, "writeErrors": [.document(failure)]]
        }
        let things = MongoClient(deployment: deployment)["test"]["things"]
        // Four of these do not fit into one message.
        let large: BSONDocument = ["text": .string(String(repeating: "x", count: 15_000_000))]
        let inserts = await mongoError {
            try await things.insertMany(Array(repeating: large, count: 4), ordered: ordered)
        }
        #expect(inserts?.writeErrors.map(\.index) == (ordered ? [0] : [0, 3]))
        let bulk = await mongoError {
            try await things.bulkWrite(
                [.insertOne([:]), .insertOne([:]), .deleteOne([:]), .insertOne([:])], ordered: ordered)
        }
        #expect(bulk?.writeErrors.map(\.index) == (ordered ? [0] : [0, 2, 3]))
        #expect(bulk?.isDuplicateKey == true)
    }

    @Test("Bulk writes keep to what a message may hold, and a connection that breaks hides no earlier failure")
    func largeBulk() async throws {
        let deployment = ScriptedDeployment { operation in
            guard operation.command.sequences[0].documents.count == 1 else {
                return ["ok": 1.0, "n": 3, "writeErrors": [["index": 1, "code": 11000, "errmsg": "duplicate"]]]
            }
            throw MongoError(.network, "gone")
        }
        let things = MongoClient(deployment: deployment)["test"]["things"]
        let large: BSONDocument = ["text": .string(String(repeating: "x", count: 15_000_000))]
        let error = await mongoError {
            try await things.bulkWrite(Array(repeating: .insertOne(large), count: 4), ordered: false)
        }
        #expect(deployment.seen.map { $0.command.sequences[0].documents.count } == [3, 1])
        #expect(error?.kind == .network && error?.writeErrors.map(\.index) == [1])
    }

    @Test(
        "A time limit of any length goes to the server as one it can count",
        arguments: [
            (Duration.zero, 1 as Int64), (.seconds(2), 2000), (.seconds(Int64.max), Int64(Int32.max)),
        ])
    func timeLimits(limit: Duration, milliseconds: Int64) async throws {
        let deployment = ScriptedDeployment { _ in ScriptedDeployment.batch("firstBatch", [], id: 0) }
        let things = MongoClient(deployment: deployment)["test"]["things"]
        _ = try await things.find().maxTime(limit).toArray()
        #expect(deployment.seen[0].command.body["maxTimeMS"] == .int64(milliseconds))
    }
}
