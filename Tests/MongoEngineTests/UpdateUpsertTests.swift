import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

/// The filter of an upsert, its update and the document it inserts.
struct UpsertCase: Sendable, CustomTestStringConvertible {
    let filter: String
    let update: String
    let document: String
    init(_ filter: String, _ update: String, _ document: String) {
        self.filter = filter
        self.update = update
        self.document = document
    }
    var testDescription: String { "\(update) for \(filter)" }
}

struct UpdateUpsertTests {
    @Test(
        "An upsert inserts what the filter asks to be equal, changed by the update",
        arguments: [
            UpsertCase(#"{"_id":1,"b":2,"a":3}"#, #"{"$set":{"c":4}}"#, #"{"_id":1,"a":3,"b":2,"c":4}"#),
            UpsertCase(#"{"a.b":1,"_id":7}"#, #"{"$inc":{"a.c":1}}"#, #"{"_id":7,"a":{"b":1,"c":1}}"#),
            UpsertCase(
                #"{"$and":[{"_id":{"$eq":1}},{"a":{"$gt":1,"$in":[5]}}],"x":{"$in":[1,2]}}"#, #"{"$set":{"y":0}}"#,
                #"{"_id":1,"a":5,"y":0}"#),
            UpsertCase(#"{"_id":1,"a":{"$all":[2]}}"#, #"{"$setOnInsert":{"b":1}}"#, #"{"_id":1,"a":2,"b":1}"#),
            UpsertCase(#"{"a":[1,2]}"#, #"{"$set":{"a.0":9,"_id":3}}"#, #"{"_id":3,"a":[9,2]}"#),
            UpsertCase(#"{"_id":1,"a":1}"#, #"{"b":2}"#, #"{"_id":1,"b":2}"#),
            UpsertCase(#"{"_id":{"k":1}}"#, #"{"$rename":{"x":"y"}}"#, #"{"_id":{"k":1}}"#),
            UpsertCase(#"{"_id":1,"a":2}"#, #"[{"$set":{"b":"$a"}}]"#, #"{"_id":1,"a":2,"b":2}"#),
        ])
    func inserts(_ upsert: UpsertCase) throws {
        let new = try compileUpdate(upsert.update).newDocument(fromFilter: BSONDocument(extendedJSON: upsert.filter))
        #expect(new == (try BSONDocument(extendedJSON: upsert.document)))
    }

    @Test func `An upsert without an _id makes one and puts it first`() throws {
        let new = try compileUpdate(#"{"$set":{"b":1}}"#).newDocument(fromFilter: ["a": 1])
        #expect(new.keys == ["_id", "a", "b"])
        #expect(new["_id"]?.objectID != nil)
    }

    @Test(
        "An upsert fails where the filter does not tell one value",
        arguments: [
            (#"{"$and":[{"a":1},{"a":1}]}"#, #"{"$set":{"b":1}}"#, 54 as Int32),
            (#"{"a":1,"a.b":2}"#, #"{"$set":{"b":1}}"#, 54),
            (#"{"a":{"$all":[1,2]}}"#, #"{"$set":{"b":1}}"#, 54),
            (#"{"_id":1}"#, #"{"$set":{"_id":2}}"#, 66),
            (#"{"_id":1}"#, #"{"_id":2}"#, 66),
            (#"{}"#, #"{"$set":{"_id":[1]}}"#, 53),
            (#"{}"#, #"{"$set":{"_id":{"$b":1}}}"#, 52),
        ])
    func fails(filter: String, update: String, code: Int32) throws {
        let compiled = try compileUpdate(update)
        let error = #expect(throws: MongoError.self) {
            try compiled.newDocument(fromFilter: BSONDocument(extendedJSON: filter))
        }
        #expect(error?.code?.rawValue == code)
    }
}
