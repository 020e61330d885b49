import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

struct UpdateOperatorTests {
    @Test(
        "Field operators set, remove and rename fields in their place",
        arguments: [
            UpdateCase(#"{"_id":1,"a":1,"b":2}"#, #"{"$set":{"a":5}}"#, #"{"_id":1,"a":5,"b":2}"#),
            UpdateCase(#"{"_id":1,"a":1}"#, #"{"$set":{"a":1}}"#, nil),
            UpdateCase(#"{"_id":1}"#, #"{"$set":{"b":1,"a.10":2,"a.9":3}}"#, #"{"_id":1,"a":{"9":3,"10":2},"b":1}"#),
            UpdateCase(#"{"_id":1,"a":[1]}"#, #"{"$set":{"a.3":4}}"#, #"{"_id":1,"a":[1,null,null,4]}"#),
            UpdateCase(
                #"{"_id":1,"a":[{"b":1}]}"#, #"{"$set":{"a.0.b":2,"a.0.c":3}}"#, #"{"_id":1,"a":[{"b":2,"c":3}]}"#),
            UpdateCase(#"{"_id":1}"#, #"{}"#, nil),
            UpdateCase(#"{"_id":1,"a":1}"#, #"{"$set":{}}"#, nil),
            UpdateCase(#"{"_id":1,"a":{"b":1,"c":2}}"#, #"{"$unset":{"a.b":"","x.y":""}}"#, #"{"_id":1,"a":{"c":2}}"#),
            UpdateCase(#"{"_id":1,"a":[1,2]}"#, #"{"$unset":{"a.0":1}}"#, #"{"_id":1,"a":[null,2]}"#),
            UpdateCase(#"{"_id":1,"a":5}"#, #"{"$unset":{"a.b":1}}"#, nil),
            UpdateCase(#"{"_id":1,"a":5}"#, #"{"$setOnInsert":{"a":6,"b":7}}"#, nil),
            UpdateCase(
                #"{"_id":1,"a":{"b":2},"z":0}"#, #"{"$rename":{"a.b":"c.d"}}"#, #"{"_id":1,"a":{},"z":0,"c":{"d":2}}"#),
            UpdateCase(#"{"_id":1,"a":1,"b":2}"#, #"{"$rename":{"a":"b"}}"#, #"{"_id":1,"b":1}"#),
            UpdateCase(#"{"_id":1,"a":1}"#, #"{"$rename":{"x":"a"}}"#, nil),
            UpdateCase(#"{"_id":1,"a":5}"#, #"{"$min":{"a":3,"b":9}}"#, #"{"_id":1,"a":3,"b":9}"#),
            UpdateCase(#"{"_id":1,"a":5}"#, #"{"$min":{"a":5.0}}"#, nil),
            UpdateCase(#"{"_id":1,"a":5}"#, #"{"$max":{"a":"text"}}"#, #"{"_id":1,"a":"text"}"#),
            UpdateCase(
                #"{"_id":1}"#, #"{"$currentDate":{"a":true,"b":{"$type":"date"}}}"#,
                #"{"_id":1,"a":{"$date":{"$numberLong":"1700000000123"}},"b":{"$date":{"$numberLong":"1700000000123"}}}"#
            ),
            UpdateCase(
                #"{"_id":1}"#, #"{"$currentDate":{"a":{"$type":"timestamp"}}}"#,
                #"{"_id":1,"a":{"$timestamp":{"t":1700000000,"i":1}}}"#),
        ])
    func fields(_ update: UpdateCase) throws { try update.check() }

    @Test(
        "Numbers keep the narrowest type that holds the result",
        arguments: [
            UpdateCase(#"{"_id":1,"a":1}"#, #"{"$inc":{"a":2,"b":3}}"#, #"{"_id":1,"a":3,"b":3}"#),
            UpdateCase(
                #"{"_id":1,"a":2147483647}"#, #"{"$inc":{"a":1}}"#, #"{"_id":1,"a":{"$numberLong":"2147483648"}}"#),
            UpdateCase(#"{"_id":1,"a":1}"#, #"{"$inc":{"a":0.5}}"#, #"{"_id":1,"a":1.5}"#),
            UpdateCase(
                #"{"_id":1,"a":1}"#, #"{"$inc":{"a":{"$numberDecimal":"0.1"}}}"#,
                #"{"_id":1,"a":{"$numberDecimal":"1.1"}}"#),
            UpdateCase(#"{"_id":1,"a":1}"#, #"{"$inc":{"a":0}}"#, nil),
            UpdateCase(
                #"{"_id":1,"a":3}"#, #"{"$mul":{"a":{"$numberLong":"2"},"b":{"$numberLong":"5"}}}"#,
                #"{"_id":1,"a":{"$numberLong":"6"},"b":{"$numberLong":"0"}}"#),
            UpdateCase(#"{"_id":1,"a":13}"#, #"{"$bit":{"a":{"or":10,"xor":10}}}"#, #"{"_id":1,"a":5}"#),
            UpdateCase(
                #"{"_id":1,"a":12}"#, #"{"$bit":{"a":{"and":{"$numberLong":"10"}}}}"#,
                #"{"_id":1,"a":{"$numberLong":"8"}}"#),
            UpdateCase(#"{"_id":1}"#, #"{"$bit":{"a":{"or":10}}}"#, #"{"_id":1,"a":10}"#),
        ])
    func numbers(_ update: UpdateCase) throws { try update.check() }

    @Test(
        "Array operators add, order, cut and take away elements",
        arguments: [
            UpdateCase(#"{"_id":1}"#, #"{"$push":{"a.b":1}}"#, #"{"_id":1,"a":{"b":[1]}}"#),
            UpdateCase(#"{"_id":1,"a":[1]}"#, #"{"$push":{"a":[2]}}"#, #"{"_id":1,"a":[1,[2]]}"#),
            UpdateCase(
                #"{"_id":1,"a":[1,2]}"#, #"{"$push":{"a":{"$each":[8,9],"$position":-1}}}"#,
                #"{"_id":1,"a":[1,8,9,2]}"#),
            UpdateCase(
                #"{"_id":1,"a":[3,1]}"#, #"{"$push":{"a":{"$each":[2,4],"$sort":-1,"$slice":-2}}}"#,
                #"{"_id":1,"a":[2,1]}"#),
            UpdateCase(#"{"_id":1,"a":[3,1]}"#, #"{"$push":{"a":{"$each":[2],"$slice":0}}}"#, #"{"_id":1,"a":[]}"#),
            UpdateCase(
                #"{"_id":1,"a":[{"n":2,"k":1},{"n":1},{"k":3}]}"#, #"{"$push":{"a":{"$each":[],"$sort":{"n":1}}}}"#,
                #"{"_id":1,"a":[{"k":3},{"n":1},{"n":2,"k":1}]}"#),
            UpdateCase(#"{"_id":1,"a":[1]}"#, #"{"$push":{"a":{"$each":[]}}}"#, nil),
            UpdateCase(
                #"{"_id":1,"a":[1,{"b":2}]}"#, #"{"$addToSet":{"a":{"$each":[1.0,{"b":2},3,3]}}}"#,
                #"{"_id":1,"a":[1,{"b":2},3]}"#),
            UpdateCase(#"{"_id":1,"a":[[1]]}"#, #"{"$addToSet":{"a":[1]}}"#, nil),
            UpdateCase(#"{"_id":1,"a":[1,2,3]}"#, #"{"$pop":{"a":1}}"#, #"{"_id":1,"a":[1,2]}"#),
            UpdateCase(#"{"_id":1,"a":[1,2,3]}"#, #"{"$pop":{"a":-1,"b":1}}"#, #"{"_id":1,"a":[2,3]}"#),
            UpdateCase(#"{"_id":1,"a":[1,2,1,[1]]}"#, #"{"$pull":{"a":1}}"#, #"{"_id":1,"a":[2,[1]]}"#),
            UpdateCase(#"{"_id":1,"a":[1,5,8]}"#, #"{"$pull":{"a":{"$gte":5,"$ne":8}}}"#, #"{"_id":1,"a":[1,8]}"#),
            UpdateCase(#"{"_id":1,"a":[1,[1],[3],2]}"#, #"{"$pull":{"a":{"$in":[1,8]}}}"#, #"{"_id":1,"a":[[3],2]}"#),
            UpdateCase(
                #"{"_id":1,"a":[{"b":1,"c":9},{"b":2},7]}"#, #"{"$pull":{"a":{"b":{"$lt":2}}}}"#,
                #"{"_id":1,"a":[{"b":2},7]}"#),
            UpdateCase(
                #"{"_id":1,"a":["xy","z"]}"#, #"{"$pull":{"a":{"$regularExpression":{"pattern":"^x","options":""}}}}"#,
                #"{"_id":1,"a":["z"]}"#),
            UpdateCase(#"{"_id":1,"a":[1,2,{"b":1},1]}"#, #"{"$pullAll":{"a":[1,{"b":1}]}}"#, #"{"_id":1,"a":[2]}"#),
            UpdateCase(#"{"_id":1,"a":[1]}"#, #"{"$pullAll":{"a":[9]}}"#, nil),
        ])
    func arrays(_ update: UpdateCase) throws { try update.check() }

    @Test(
        "Positional parts find their elements",
        arguments: [
            UpdateCase(#"{"_id":1,"a":[1,2]}"#, #"{"$set":{"a.$":9}}"#, #"{"_id":1,"a":[1,9]}"#, at: 1),
            UpdateCase(
                #"{"_id":1,"a":[{"b":1},{"b":2}]}"#, #"{"$inc":{"a.$.b":1,"a.0.b":5}}"#,
                #"{"_id":1,"a":[{"b":6},{"b":3}]}"#, at: 1),
            UpdateCase(#"{"_id":1,"a":[1,2]}"#, #"{"$mul":{"a.$[]":2}}"#, #"{"_id":1,"a":[2,4]}"#),
            UpdateCase(
                #"{"_id":1,"a":[{"s":1,"v":[1,9]},{"s":2,"v":[9]}]}"#, #"{"$set":{"a.$[x].v.$[y]":0}}"#,
                #"{"_id":1,"a":[{"s":1,"v":[1,0]},{"s":2,"v":[9]}]}"#,
                filters: [#"{"x.s":1}"#, #"{"y":{"$gt":5}}"#]),
            UpdateCase(
                #"{"_id":1,"a":[1,2]}"#, #"{"$unset":{"a.$[x]":1}}"#, #"{"_id":1,"a":[1,null]}"#, filters: [#"{"x":2}"#]
            ),
        ])
    func positional(_ update: UpdateCase) throws { try update.check() }

    @Test(
        "Replacements keep the _id, pipelines make the document anew",
        arguments: [
            UpdateCase(#"{"_id":1,"a":1}"#, #"{"b":2}"#, #"{"_id":1,"b":2}"#),
            UpdateCase(#"{"_id":1,"a":1}"#, #"{"b":2,"_id":1}"#, #"{"_id":1,"b":2}"#),
            UpdateCase(#"{"_id":1,"a":1}"#, #"{"_id":1.0,"b":1}"#, #"{"_id":1,"b":1}"#),
            UpdateCase(#"{"_id":1,"a":1}"#, #"{"_id":1,"a":1}"#, nil),
            UpdateCase(
                #"{"_id":1,"a":1}"#, #"[{"$set":{"b":{"$add":["$a",1]}}},{"$unset":"a"}]"#, #"{"_id":1,"b":2}"#),
            UpdateCase(#"{"_id":1,"a":{"b":2}}"#, #"[{"$replaceWith":"$a"}]"#, #"{"_id":1,"b":2}"#),
        ])
    func wholeDocuments(_ update: UpdateCase) throws { try update.check() }
}
