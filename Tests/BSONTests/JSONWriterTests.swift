import BSON
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
    private static let id = ObjectID("57e193d7a9cc81b4027498b5") ?? ObjectID()

    /// A value and its texts: plain, relaxed, canonical.
    static let texts: [(BSONValue, String, String, String)] = [
        (1, "1", "1", #"{"$numberInt":"1"}"#),
        (.int64(1), "1", "1", #"{"$numberLong":"1"}"#),
        (.double(1), "1.0", "1.0", #"{"$numberDouble":"1.0"}"#),
        (.double(-0.0), "-0.0", "-0.0", #"{"$numberDouble":"-0.0"}"#),
        (.double(0.1), "0.1", "0.1", #"{"$numberDouble":"0.1"}"#),
        (.double(1e300), "1e+300", "1E+300", #"{"$numberDouble":"1E+300"}"#),
        (.double(.nan), "null", #"{"$numberDouble":"NaN"}"#, #"{"$numberDouble":"NaN"}"#),
        (.double(-.infinity), "null", #"{"$numberDouble":"-Infinity"}"#, #"{"$numberDouble":"-Infinity"}"#),
        (
            .decimal128(Decimal128("1.50") ?? .nan), #""1.50""#, #"{"$numberDecimal":"1.50"}"#,
            #"{"$numberDecimal":"1.50"}"#
        ),
        (
            "q\"\\/\u{8}\u{c}\n\r\t\u{1f}\u{7f}é\0", #""q\"\\/\b\f\n\r\t\u001f"# + "\u{7f}" + #"é\u0000""#,
            #""q\"\\/\b\f\n\r\t\u001f"# + "\u{7f}" + #"é\u0000""#, #""q\"\\/\b\f\n\r\t\u001f"# + "\u{7f}" + #"é\u0000""#
        ),
        (
            .objectID(id), #""57e193d7a9cc81b4027498b5""#, #"{"$oid":"57e193d7a9cc81b4027498b5"}"#,
            #"{"$oid":"57e193d7a9cc81b4027498b5"}"#
        ),
        (
            .date(BSONDate(millisecondsSince1970: 1_356_351_330_501)), #""2012-12-24T12:15:30.501Z""#,
            #"{"$date":"2012-12-24T12:15:30.501Z"}"#, #"{"$date":{"$numberLong":"1356351330501"}}"#
        ),
        (
            .date(BSONDate(millisecondsSince1970: 0)), #""1970-01-01T00:00:00.000Z""#,
            #"{"$date":"1970-01-01T00:00:00Z"}"#, #"{"$date":{"$numberLong":"0"}}"#
        ),
        (
            .date(BSONDate(millisecondsSince1970: -1)), #""1969-12-31T23:59:59.999Z""#,
            #"{"$date":{"$numberLong":"-1"}}"#, #"{"$date":{"$numberLong":"-1"}}"#
        ),
        (
            .date(BSONDate(millisecondsSince1970: 253_402_300_800_000)), #""+010000-01-01T00:00:00.000Z""#,
            #"{"$date":{"$numberLong":"253402300800000"}}"#, #"{"$date":{"$numberLong":"253402300800000"}}"#
        ),
        (
            .binary(BSONBinary(subtype: .uuid, bytes: [255, 254])), #""//4=""#,
            #"{"$binary":{"base64":"//4=","subType":"04"}}"#, #"{"$binary":{"base64":"//4=","subType":"04"}}"#
        ),
        (
            .regularExpression(BSONRegularExpression(pattern: "a\"b", options: "mi")), #""/a\"b/im""#,
            #"{"$regularExpression":{"pattern":"a\"b","options":"im"}}"#,
            #"{"$regularExpression":{"pattern":"a\"b","options":"im"}}"#
        ),
        (
            .timestamp(BSONTimestamp(seconds: 4_294_967_295, increment: 2)), #"{"t":4294967295,"i":2}"#,
            #"{"$timestamp":{"t":4294967295,"i":2}}"#, #"{"$timestamp":{"t":4294967295,"i":2}}"#
        ),
        (.undefined, "null", #"{"$undefined":true}"#, #"{"$undefined":true}"#),
        (.minKey, #""MinKey""#, #"{"$minKey":1}"#, #"{"$minKey":1}"#),
        (.maxKey, #""MaxKey""#, #"{"$maxKey":1}"#, #"{"$maxKey":1}"#),
        (.javascript("f"), #""f""#, #"{"$code":"f"}"#, #"{"$code":"f"}"#),
        (
            .javascriptWithScope(code: "f", scope: ["x": 1]), #"{"code":"f","scope":{"x":1}}"#,
            #"{"$code":"f","$scope":{"x":1}}"#, #"{"$code":"f","$scope":{"x":{"$numberInt":"1"}}}"#
        ),
        (.symbol("s"), #""s""#, #"{"$symbol":"s"}"#, #"{"$symbol":"s"}"#),
        (
            .dbPointer(BSONDBPointer(namespace: "d.c", id: id)), #"{"ref":"d.c","id":"57e193d7a9cc81b4027498b5"}"#,
            #"{"$dbPointer":{"$ref":"d.c","$id":{"$oid":"57e193d7a9cc81b4027498b5"}}}"#,
            #"{"$dbPointer":{"$ref":"d.c","$id":{"$oid":"57e193d7a9cc81b4027498b5"}}}"#
        ),
        (["a": [true, .null, [:]]], #"{"a":[true,null,{}]}"#, #"{"a":[true,null,{}]}"#, #"{"a":[true,null,{}]}"#),
    ]

    @Test("gives every type its text in each format", arguments: texts.indices)
    func types(index: Int) {
        let (value, plain, relaxed, canonical) = Self.texts[index]
        #expect(String(decoding: value.json(), as: UTF8.self) == plain)
        #expect(value.extendedJSON() == relaxed)
        #expect(value.extendedJSON(.canonical) == canonical)
        #expect(value.description == relaxed)
    }

    @Test("appends to what a buffer holds already")
    func appends() {
        var text = [UInt8]("data: ".utf8)
        (["a": 1] as BSONDocument).appendJSON(to: &text)
        #expect(String(decoding: text, as: UTF8.self) == #"data: {"a":1}"#)
    }

    @Test("reads its plain text as JSON again, whatever the values")
    func plainIsJSON() {
        var generator = DocumentGenerator(seed: 5)
        for _ in 0..<1000 {
            let text = generator.document().json()
            #expect(throws: Never.self) { try BSONDocument(json: text) }
        }
    }

    @Test("put the options that another maker left in disorder in order, a whole character at a time")
    func optionsInDisorder() throws {
        let element = [0x0B] + Array("r\0a\0éi\0".utf8)
        let document = try BSONDocument(bytes: [UInt8(element.count + 5), 0, 0, 0] + element + [0])
        let text = document.extendedJSON(.canonical)
        #expect(text == #"{"r":{"$regularExpression":{"pattern":"a","options":"ié"}}}"#)
        #expect(try BSONDocument(extendedJSON: text).extendedJSON(.canonical) == text)
    }
}
