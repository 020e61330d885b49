import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

struct UpdateErrorTests {
    @Test(
        "Updates that are none fail with MongoDB's code and words",
        arguments: [
            FailingUpdate("{}", #"{"$foo":{"a":1}}"#, 9, "Unknown modifier: $foo. Expected a valid update modifier"),
            FailingUpdate("{}", #"{"$set":{"a":1},"b":2}"#, 9, "Unknown modifier: b."),
            FailingUpdate("{}", #"{"a":1,"$set":{"b":1}}"#, 52, "The dollar ($) prefixed field '$set'"),
            FailingUpdate("{}", #"{"$pushAll":{"a":[1]}}"#, 9, "Unknown modifier: $pushAll"),
            FailingUpdate("{}", #"{"$set":5}"#, 9, "Modifiers operate on fields but we found type int instead."),
            FailingUpdate("{}", #"{"$set":{"":1}}"#, 56, "An empty update path is not valid."),
            FailingUpdate("{}", #"{"$set":{"a.":1}}"#, 56, "The update path 'a.' contains an empty field name"),
            FailingUpdate(
                "{}", #"{"$set":{"a":1,"a.b":2}}"#, 40, "Updating the path 'a.b' would create a conflict at 'a'"),
            FailingUpdate(
                "{}", #"{"$set":{"a.b":1},"$inc":{"a":2}}"#, 40, "Updating the path 'a' would create a conflict at 'a'"),
            FailingUpdate("{}", #"{"$set":{"a.$[]":1,"a.b":1}}"#, 40, "conflict at 'a'"),
            FailingUpdate("{}", #"{"$set":{"$":1}}"#, 2, "Cannot have positional (i.e. '$') element in the first"),
            FailingUpdate("{}", #"{"$set":{"a.$.b.$":1}}"#, 2, "Too many positional (i.e. '$') elements found"),
            FailingUpdate(
                "{}", #"{"$set":{"a.$[x]":1}}"#, 2, "No array filter found for identifier 'x' in path 'a.$[x]'"),
            FailingUpdate(
                "{}", #"{"$set":{"a":1}}"#, 9, "The array filter for identifier 'x' was not used",
                filters: [#"{"x":1}"#]),
            FailingUpdate(
                "{}", #"{"$set":{"a.$[x]":1}}"#, 9, "Expected a single top-level field name, found 'x' and 'y'",
                filters: [#"{"x":1,"y":2}"#]),
            FailingUpdate(
                "{}", #"{"$set":{"a.$[X]":1}}"#, 2, "beginning with a lowercase letter, found 'X'",
                filters: [#"{"X":1}"#]),
            FailingUpdate(
                "{}", #"{"$set":{"a.$[x]":1}}"#, 9, "Found multiple array filters",
                filters: [#"{"x":1}"#, #"{"x.y":1}"#]),
            FailingUpdate("{}", #"{"$inc":{"a":"x"}}"#, 14, #"Cannot increment with non-numeric argument: {a: "x"}"#),
            FailingUpdate("{}", #"{"$mul":{"a":"x"}}"#, 14, "Cannot multiply with non-numeric argument"),
            FailingUpdate("{}", #"{"$bit":{"a":{"not":1}}}"#, 2, "not 'not' which is an unknown operator: {not: 1}"),
            FailingUpdate("{}", #"{"$bit":{"a":{"or":1.5}}}"#, 2, "a 'double' is not supported here"),
            FailingUpdate("{}", #"{"$pop":{"a":2}}"#, 9, "$pop expects 1 or -1, found: 2"),
            FailingUpdate("{}", #"{"$push":{"a":{"$each":1}}}"#, 2, "The argument to $each in $push must be an array"),
            FailingUpdate("{}", #"{"$push":{"a":{"$each":[],"x":1}}}"#, 2, "Unrecognized clause in $push: x"),
            FailingUpdate("{}", #"{"$push":{"a":{"$each":[],"$sort":2}}}"#, 2, "must be either 1 or -1"),
            FailingUpdate("{}", #"{"$addToSet":{"a":{"$each":1}}}"#, 14, "The argument to $each in $addToSet must be"),
            FailingUpdate("{}", #"{"$pullAll":{"a":1}}"#, 2, "$pullAll requires an array argument but was given a int"),
            FailingUpdate("{}", #"{"$rename":{"a":"a"}}"#, 2, "The source and target field for $rename must differ"),
            FailingUpdate("{}", #"{"$rename":{"a":5}}"#, 2, "The 'to' field for $rename must be a string"),
            FailingUpdate("{}", #"{"$currentDate":{"a":{"$type":"x"}}}"#, 2, "is required to be 'date' or 'timestamp'"),
            FailingUpdate("{}", #"[{"$match":{}}]"#, 72, "$match is not allowed to be used within an update"),
        ])
    func unreadable(_ update: FailingUpdate) throws { try update.check() }

    @Test(
        "Updates that a document does not allow fail with MongoDB's code and words",
        arguments: [
            FailingUpdate(#"{"_id":1,"a":5}"#, #"{"$set":{"a.b":1}}"#, 28, "Cannot create field 'b' in element {a: 5}"),
            FailingUpdate(
                #"{"_id":1,"a":[5]}"#, #"{"$set":{"a.b":1}}"#, 28, "Cannot create field 'b' in element {a: [ 5 ]}"),
            FailingUpdate(#"{"_id":1,"a":[1]}"#, #"{"$set":{"a.1500002":1}}"#, 34, "can't backfill more than 1500000"),
            FailingUpdate(
                #"{"_id":1}"#, #"{"$set":{"_id":2}}"#, 66, "Performing an update on the path '_id' would modify"),
            FailingUpdate(#"{"_id":1}"#, #"{"$unset":{"_id":1}}"#, 66, "the immutable field '_id'"),
            FailingUpdate(#"{"_id":1}"#, #"{"_id":2}"#, 66, "was found to have been altered to _id: 2"),
            FailingUpdate(#"{"_id":1}"#, #"[{"$set":{"_id":2}}]"#, 66, "the immutable field '_id'"),
            FailingUpdate(
                #"{"_id":1,"a":"x"}"#, #"{"$inc":{"a":1}}"#, 14,
                "{_id: 1} has the field 'a' of non-numeric type string"),
            FailingUpdate(
                #"{"_id":1,"a":{"$numberLong":"9223372036854775807"}}"#, #"{"$inc":{"a":1}}"#, 2,
                "Failed to apply $inc operations to current value ((NumberLong)9223372036854775807)"),
            FailingUpdate(
                #"{"_id":1,"a":"x"}"#, #"{"$bit":{"a":{"or":1}}}"#, 2, "Cannot apply $bit to a value of non-integral"),
            FailingUpdate(
                #"{"_id":1,"a":5}"#, #"{"$push":{"a":1}}"#, 2, "The field 'a' must be an array but is of type int"),
            FailingUpdate(#"{"_id":1,"a":5}"#, #"{"$addToSet":{"a":1}}"#, 2, "Field named 'a' has non-array type int"),
            FailingUpdate(#"{"_id":1,"a":5}"#, #"{"$pull":{"a":1}}"#, 2, "Cannot apply $pull to a non-array value"),
            FailingUpdate(
                #"{"_id":1,"a":5}"#, #"{"$pop":{"a":1}}"#, 14, "Path 'a' contains an element of non-array type 'int'"),
            FailingUpdate(
                #"{"_id":1,"a":[1]}"#, #"{"$set":{"a.$":1}}"#, 2, "The positional operator did not find the match"),
            FailingUpdate(
                #"{"_id":1,"a":5}"#, #"{"$set":{"a.$[]":1}}"#, 2, "Cannot apply array updates to non-array element a: 5"
            ),
            FailingUpdate(#"{"_id":1}"#, #"{"$set":{"a.$[]":1}}"#, 2, "The path 'a' must exist in the document"),
            FailingUpdate(#"{"_id":1,"a":[1]}"#, #"{"$set":{"a.$":1,"a.0":2}}"#, 40, "conflict at 'a.0'", at: 0),
            FailingUpdate(
                #"{"_id":1,"a":[1]}"#, #"{"$rename":{"a.0":"b"}}"#, 2, "The source field cannot be an array element"),
            FailingUpdate(
                #"{"_id":1,"a":[1],"b":1}"#, #"{"$rename":{"b":"a.0"}}"#, 2,
                "The destination field cannot be an array element"),
            FailingUpdate(#"{"_id":1}"#, #"{"$set":{"$x":1}}"#, 52, "The dollar ($) prefixed field '$x'"),
        ])
    func refused(_ update: FailingUpdate) throws { try update.check() }

    @Test func `A result of more than 16 MiB or 100 levels is refused`() throws {
        let big = BSONValue.string(String(repeating: "x", count: 9 << 20))
        let document: BSONDocument = ["_id": 1, "a": big]
        let update = try CompiledUpdate.compile(["$set": ["b": big]], arrayFilters: [], now: updateInstant)
        let size = #expect(throws: MongoError.self) {
            try update.apply(to: document, arrayIndex: nil, isUpsertInsert: false)
        }
        #expect(size?.code?.rawValue == 17419)
        let path = Array(repeating: "a", count: 101).joined(separator: ".")
        #expect(throws: MongoError.self) { try UpdateCase("{}", "{\"$set\":{\"\(path)\":1}}", nil).run() }
        let allowed = Array(repeating: "a", count: 100).joined(separator: ".")
        #expect(try UpdateCase("{}", "{\"$set\":{\"\(allowed)\":1}}", nil).run() != nil)
    }
}
