import BSON
import Testing

@Suite("Reading Extended JSON")
struct JSONExtendedTests {
    @Test("gives back every value that was written as canonical text")
    func roundTrip() throws {
        var generator = DocumentGenerator(seed: 29)
        for _ in 0..<2000 {
            let document = generator.document()
            let read = try BSONDocument(extendedJSON: document.extendedJSON(.canonical))
            // NaN has many bit patterns and one text.
            #expect(read == document || read.extendedJSON(.canonical) == document.extendedJSON(.canonical))
            let relaxed = try BSONDocument(extendedJSON: document.extendedJSON())
            #expect(relaxed.extendedJSON() == document.extendedJSON())
        }
    }

    static let values: [(String, BSONValue)] = [
        (#"{"$date":"2012-12-24T12:15:30.501Z"}"#, .date(BSONDate(millisecondsSince1970: 1_356_351_330_501))),
        (#"{"$date":"1969-12-31T23:00:00-01:00"}"#, .date(BSONDate(millisecondsSince1970: 0))),
        (#"{"$binary":"AQ==","$type":"80"}"#, .binary(BSONBinary(subtype: .init(rawValue: 128), bytes: [1]))),
        (#"{"$type":"0","$binary":"AQ=="}"#, .binary(BSONBinary(bytes: [1]))),
        (#"{"$scope":{"a":1},"$code":"f"}"#, .javascriptWithScope(code: "f", scope: ["a": 1])),
        (#"{"$regex":"a","$options":"i"}"#, ["$regex": "a", "$options": "i"]),
        (#"{"$gt":{"$numberLong":"5"},"$lt":7}"#, ["$gt": .int64(5), "$lt": 7]),
        (#"{"$type":2}"#, ["$type": 2]),
        (#"{"$scope":1}"#, ["$scope": 1]),
        (#"{"a":1,"a":2}"#, .document(BSONDocument(fields: [("a", 1), ("a", 2)]))),
        (#"{"$numberDouble":"-1E+3"}"#, .double(-1000)),
    ]

    @Test("takes relaxed and old forms, and leaves operators alone", arguments: values.indices)
    func forms(index: Int) throws {
        let (text, value) = Self.values[index]
        #expect(try BSONValue(extendedJSON: text) == value)
        #expect(try BSONDocument(extendedJSON: #"{"x":[\#(text)]}"#) == ["x": [value]])
    }

    @Test(
        "refuses what is not quite a type",
        arguments: [
            #"{"$oid":"57e193d7a9cc81b4027498b"}"#, #"{"$numberInt":"2147483648"}"#, #"{"$numberInt":"+1"}"#,
            #"{"$numberInt":" 1"}"#, #"{"$numberInt":"1.0"}"#, #"{"$numberLong":"9223372036854775808"}"#,
            #"{"$numberDouble":"nan"}"#, #"{"$numberDouble":"0x1p3"}"#, #"{"$numberDouble":"1e999"}"#,
            #"{"$numberDouble":""}"#,
            #"{"$numberDecimal":"x"}"#, #"{"$date":"yesterday"}"#, #"{"$date":{"$numberInt":"1"}}"#,
            #"{"$date":3000000000}"#,
            #"{"$binary":{"base64":"AQ","subType":"00"}}"#, #"{"$binary":{"base64":"AQ==","subType":"100"}}"#,
            #"{"$binary":"AQ=="}"#, #"{"$binary":{"base64":"A-==","subType":"00"}}"#, #"{"$undefined":false}"#,
            #"{"$oid":"57e193d7a9cc81b4027498b5","$oid":"57e193d7a9cc81b4027498b5"}"#,
            #"{"$timestamp":{"t":-1,"i":1}}"#,
            #"{"$timestamp":{"t":4294967296,"i":1}}"#, #"{"$timestamp":{"t":1,"t":1}}"#, #"{"$minKey":1,"$maxKey":1}"#,
        ])
    func refusals(text: String) {
        let error = #expect(throws: BSONError.self) { try BSONDocument(extendedJSON: #"{"x":\#(text)}"#) }
        #expect(error?.offset == 5)
    }

    @Test("leaves the outermost object a document, whatever its keys are")
    func topLevel() throws {
        let id = "57e193d7a9cc81b4027498b5"
        #expect(try BSONDocument(extendedJSON: #"{"$oid":"\#(id)"}"#) == ["$oid": .string(id)])
        #expect(try BSONDocument(extendedJSON: #"{"$code":"x"}"#) == ["$code": "x"])
        #expect(try BSONDocument(extendedJSON: #"{"$undefined":true}"#) == ["$undefined": true])
        #expect(throws: BSONError.self) { try BSONDocument(extendedJSON: "[1]") }
    }

    @Test(
        "refuses a type beside other keys, wherever it stands",
        arguments: [
            #"{"x":1,"$oid":"57e193d7a9cc81b4027498b5"}"#, #"{"x":1,"$date":{"$numberLong":"1"}}"#,
            #"{"x":true,"$regularExpression":{"pattern":"a","options":""}}"#, #"{"$x":1,"$numberInt":"1"}"#,
        ])
    func typesBesideKeys(text: String) {
        #expect(throws: BSONError.self) { try BSONDocument(extendedJSON: #"{"a":\#(text)}"#) }
    }

    @Test("reads keys that are written as escapes")
    func escapedKeys() throws {
        let id = try #require(ObjectID("57e193d7a9cc81b4027498b5"))
        let text = #"{"a":{"\u0024oid":"57e193d7a9cc81b4027498b5"},"b":{"\u0041":1}}"#
        #expect(try BSONDocument(extendedJSON: text) == ["a": .objectID(id), "b": ["A": 1]])
    }

    @Test("counts the levels of the document, not those of its text")
    func depth() throws {
        var value: BSONValue = 1
        for _ in 0..<98 { value = .javascriptWithScope(code: "x", scope: ["a": value]) }
        let document: BSONDocument = ["a": value]
        #expect(try BSONDocument(extendedJSON: document.extendedJSON(.canonical)) == document)
        let brackets = #"{"a":"# + String(repeating: "[", count: 150) + String(repeating: "]", count: 150) + "}"
        #expect(throws: BSONError.self) { try BSONDocument(extendedJSON: brackets) }
        #expect(throws: Never.self) { try BSONDocument(extendedJSON: brackets, maximumDepth: 151) }
    }
}
