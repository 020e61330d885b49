internal import BSON
internal import MongoProtocol
internal import Testing

@testable internal import MongoEngine

/// One expression over one document.
struct ExpressionCase: Sendable, CustomTestStringConvertible {
    let expression: BSONValue
    let expected: BSONValue?
    var testDescription: String { "\(expression)" }

    init(_ expression: BSONValue, _ expected: BSONValue?) {
        self.expression = expression
        self.expected = expected
    }
}

/// One expression that is an error.
struct ExpressionFailure: Sendable, CustomTestStringConvertible {
    let expression: BSONValue
    let code: Int32
    var testDescription: String { "\(expression)" }

    init(_ expression: BSONValue, _ code: Int32) {
        self.expression = expression
        self.code = code
    }
}

@Suite("Expressions")
struct ExpressionTests {
    static let document: BSONDocument = [
        "i": 7, "l": .int64(1 << 40), "d": 2.5, "s": "Hello", "n": .null,
        "t": .date(BSONDate(millisecondsSince1970: 0)),
        "a": [1, 2, 3], "o": ["x": 1, "y": ["z": "deep"]], "list": [["v": 1], ["v": 2], ["w": 3], 4],
    ]

    private func evaluate(_ expression: BSONValue) throws -> BSONValue? {
        try Expression.compile(expression).evaluate(
            Self.document, ExpressionVariables(now: BSONDate(millisecondsSince1970: 1000)))
    }

    static let paths: [ExpressionCase] = [
        .init("$i", 7), .init("$o.y.z", "deep"), .init("$missing", nil), .init("$i.x", nil),
        .init("$list.v", [1, 2]), .init("$a.0", []), .init("$$ROOT.i", 7), .init("$$CURRENT.s", "Hello"),
        .init("$$REMOVE", nil), .init("$$NOW", .date(BSONDate(millisecondsSince1970: 1000))),
        .init(["p": "$i", "q": "$missing"], ["p": 7]), .init(["$missing", "$i"], [.null, 7]), .init("plain", "plain"),
        .init(["$literal": "$i"], "$i"),
    ]
    static let numbers: [ExpressionCase] = [
        .init(["$add": ["$i", 1]], 8), .init(["$add": [.int32(.max), 1]], .int64(2_147_483_648)),
        .init(["$add": [.int64(.max), 1]], .double(9_223_372_036_854_775_808)),
        .init(["$add": ["$i", "$n"]], .null as BSONValue),
        .init(["$add": ["$t", 5]], .date(BSONDate(millisecondsSince1970: 5))), .init(["$add": ["$i", "$d"]], 9.5),
        .init(["$subtract": ["$t", 5]], .date(BSONDate(millisecondsSince1970: -5))),
        .init(["$subtract": ["$t", "$t"]], .int64(0)),
        .init(["$subtract": ["$t", 5.9]], .date(BSONDate(millisecondsSince1970: -5))),
        .init(["$add": ["$t", 5.9]], .date(BSONDate(millisecondsSince1970: 6))),
        .init(["$multiply": ["$i", "$d"]], 17.5), .init(["$divide": ["$i", 2]], 3.5), .init(["$mod": [-7, 3]], -1),
        .init(["$mod": [.int64(.min), -1]], .int64(0)), .init(["$abs": .int32(.min)], .int64(2_147_483_648)),
        .init(["$round": [2.5, 0]], 2.0), .init(["$round": [1234, -2]], 1200), .init(["$trunc": [-2.7]], -2.0),
        .init(["$pow": [2, 10]], 1024), .init(["$pow": [2, -1]], 0.5), .init(["$pow": [.int64(1), -2]], .int64(1)),
        .init(["$sqrt": 9], 3.0),
        .init(["$floor": -1.5], -2.0),
        .init(["$sum": [1, 2, "x"]], 3), .init(["$sum": "$a"], 6), .init(["$avg": "$a"], 2.0), .init(["$max": "$a"], 3),
        .init(["$min": ["$missing"]], .null as BSONValue),
    ]
    private static func decimal(_ text: String) -> BSONValue { .decimal128(Decimal128(text) ?? .nan) }

    static let decimals: [ExpressionCase] = [
        .init(["$sqrt": decimal("2")], decimal("1.414213562373095048801688724209698")),
        .init(["$exp": decimal("1")], decimal("2.718281828459045235360287471352662")),
        .init(["$ln": decimal("0.1")], decimal("-2.302585092994045684017991454684364")),
        .init(["$log10": decimal("1E+6000")], decimal("6000")),
        .init(["$log": [decimal("10"), 5]], decimal("1.430676558073393050670106568763966")),
        .init(["$pow": [decimal("1.1"), 2]], decimal("1.21")),
        .init(["$multiply": [decimal("0.1"), 3]], decimal("0.3")),
        .init(["$divide": [1, decimal("8")]], decimal("0.125")),
        .init(["$mod": [.int64(10), decimal("1.032")]], decimal("0.712")),
        .init(["$round": [decimal("2.345"), 2]], decimal("2.34")), .init(["$avg": [decimal("1"), 2]], decimal("1.5")),
        .init(["$sum": [decimal("0.1"), decimal("0.2"), 1]], decimal("1.3")),
    ]
    static let logic: [ExpressionCase] = [
        .init(["$eq": [1, 1.0]], true), .init(["$gt": ["$missing", .null]], false),
        .init(["$lt": ["$missing", .null]], true),
        .init(["$cmp": ["a", 1]], 1), .init(["$and": []], true), .init(["$or": []], false),
        .init(["$not": ["$n"]], true),
        .init(["$and": [1, "x", "$missing"]], false), .init(["$cond": ["$i", "yes", "no"]], "yes"),
        .init(["$cond": ["if": "$missing", "then": 1, "else": 2]], 2), .init(["$ifNull": ["$n", "$missing", 3]], 3),
        .init(["$switch": ["branches": [["case": false, "then": 1]], "default": 2]], 2),
        .init(["$let": ["vars": ["x": "$i"], "in": ["$add": ["$$x", 1]]]], 8),
    ]
    static let texts: [ExpressionCase] = [
        .init(["$concat": ["$s", "!"]], "Hello!"), .init(["$concat": ["$s", "$n"]], .null as BSONValue),
        .init(["$toUpper": "$s"], "HELLO"),
        .init(["$substrCP": ["čtyři", 1, 2]], "ty"), .init(["$substrBytes": ["$s", 1, -1]], "ello"),
        .init(["$strLenCP": "čau"], 3),
        .init(["$strLenBytes": "čau"], 4), .init(["$split": ["a,b,", ","]], ["a", "b", ""]),
        .init(["$trim": ["input": "  x "]], "x"),
        .init(["$ltrim": ["input": "xxay", "chars": "x"]], "ay"), .init(["$indexOfCP": ["čau", "u"]], 2),
        .init(["$strcasecmp": ["A", "a"]], 0),
        .init(["$replaceAll": ["input": "aXbX", "find": "X", "replacement": "-"]], "a-b-"),
        .init(["$replaceOne": ["input": "aXbX", "find": "X", "replacement": "-"]], "a-bX"),
        .init(["$regexMatch": ["input": "$s", "regex": "^h", "options": "i"]], true),
        .init(
            ["$regexFind": ["input": "ab12", "regex": "([0-9])([0-9])"]],
            ["match": "12", "idx": 2, "captures": ["1", "2"]]),
    ]
    static let arrays: [ExpressionCase] = [
        .init(["$firstN": ["input": "$a", "n": 2]], [1, 2]), .init(["$lastN": ["input": "$a", "n": 9]], [1, 2, 3]),
        .init(["$maxN": ["input": [3, .null, 9, 5], "n": 2]], [9, 5]),
        .init(["$minN": ["input": [3, .null, 9, 5], "n": 2]], [3, 5]),
        .init(["$tsSecond": .timestamp(BSONTimestamp(seconds: 7, increment: 3))], .int64(7)),
        .init(["$size": "$a"], 3), .init(["$arrayElemAt": ["$a", -1]], 3), .init(["$arrayElemAt": ["$a", 9]], nil),
        .init(["$first": "$a"], 1), .init(["$in": [2, "$a"]], true),
        .init(["$concatArrays": ["$a", [4]]], [1, 2, 3, 4]),
        .init(["$slice": ["$a", -2]], [2, 3]), .init(["$slice": ["$a", 1, 1]], [2]),
        .init(["$range": [0, 6, 2]], [0, 2, 4]),
        .init(["$filter": ["input": "$a", "as": "x", "cond": ["$gt": ["$$x", 1]]]], [2, 3]),
        .init(["$map": ["input": "$a", "in": ["$multiply": ["$$this", 2]]]], [2, 4, 6]),
        .init(["$reduce": ["input": "$a", "initialValue": 0, "in": ["$add": ["$$value", "$$this"]]]], 6),
        .init(["$reverseArray": "$a"], [3, 2, 1]), .init(["$setUnion": [[2, 1], [1.0, 3]]], [1, 2, 3]),
        .init(["$setIntersection": ["$a", [3, 2, 9]]], [2, 3]), .init(["$setDifference": ["$a", [2]]], [1, 3]),
        .init(["$setIsSubset": [[1], "$a"]], true), .init(["$arrayToObject": [[["k", 1]]]], ["k": 1]),
        .init(["$objectToArray": ["q": 1]], [["k": "q", "v": 1]]), .init(["$indexOfArray": ["$a", 2]], 1),
        .init(["$zip": ["inputs": ["$a", ["x"]]]], [[1, "x"]]),
        .init(["$mergeObjects": ["$o", ["x": 2]]], ["x": 2, "y": ["z": "deep"]]),
        .init(["$getField": "i"], 7),
    ]
    static let types: [ExpressionCase] = [
        .init(["$type": "$missing"], "missing"), .init(["$type": "$t"], "date"), .init(["$toString": 1.0], "1"),
        .init(["$toInt": "42"], 42), .init(["$toInt": 2.9], 2), .init(["$toLong": "$t"], .int64(0)),
        .init(["$toBool": "false"], true),
        .init(["$toDate": "2004-02-29T12:34:56.789Z"], .date(BSONDate(millisecondsSince1970: 1_078_058_096_789))),
        .init(["$convert": ["input": "x", "to": "int", "onError": -1]], -1),
        .init(["$toString": "$t"], "1970-01-01T00:00:00.000Z"),
        .init(
            [
                "$dateToString": [
                    "date": .date(BSONDate(millisecondsSince1970: 1_078_058_096_789)), "format": "%Y/%m/%d %H:%M %j %V",
                ]
            ], "2004/02/29 12:34 060 09"),
        .init(["$year": .date(BSONDate(millisecondsSince1970: -1))], 1969), .init(["$dayOfWeek": "$t"], 5),
        .init(["$hour": ["date": "$t", "timezone": "+02:30"]], 2),
    ]

    @Test("Expressions have MongoDB's values", arguments: paths + numbers + decimals + logic)
    func values(_ test: ExpressionCase) throws { #expect(try evaluate(test.expression) == test.expected) }

    @Test("Operators over strings, arrays and types have MongoDB's values", arguments: texts + arrays + types)
    func moreValues(_ test: ExpressionCase) throws { #expect(try evaluate(test.expression) == test.expected) }

    static let failures: [ExpressionFailure] = [
        .init(["$firstN": ["input": [], "n": 0]], 5_787_908), .init(["$lastN": ["n": 1]], 5_787_907),
        .init(["$foo": 1], 168), .init(["$add": [1, "x"]], 14), .init(["$add": ["$t", "$t"]], 16612),
        .init(["$divide": [1, 0]], 2),
        .init(["$subtract": ["x", 1]], 14), .init(["$mod": [1, 0]], 16610), .init("$", 16872), .init("$a.", 40353),
        .init("$a..b", 15998),
        .init("$$nobody", 17276), .init(["$abs": 1, "x": 2], 15983), .init(["a.b": 1], 16405),
        .init(["$cond": [1, 2]], 16020),
        .init(["$concat": [1]], 16702), .init(["$size": "$i"], 17124), .init(["$range": [0, 2_000_000_000]], 146),
        .init(["$range": [0, 1, 0]], 34449), .init(["$toInt": "x"], 241),
        .init(["$let": ["vars": ["X": 1], "in": 1]], 9),
        .init(["$ln": 0], 28766), .init(["$dateToString": ["date": "$t", "format": "%i"]], 18536),
        .init(["$round": [1, 101]], 51083), .init(["$round": [.int64(.max), -1]], 51080),
        .init(["$trunc": [1, 1e300]], 31109), .init(["$sqrt": decimal("-1E-6000")], 28714),
        .init(["$pow": [decimal("0"), -1]], 28764), .init(["$log": [2, decimal("1.0")]], 28759),
        .init(["$divide": [1, decimal("0")]], 2), .init(["$abs": .int64(.min)], 28680),
    ]

    @Test("Malformed expressions fail with MongoDB's codes", arguments: failures)
    func errors(_ test: ExpressionFailure) {
        let error = #expect(throws: MongoError.self) { try evaluate(test.expression) }
        #expect(error?.code?.rawValue == test.code)
    }

    @Test("Expressions nested past the limit are an error, not an exhausted stack")
    func nesting() {
        var expression: BSONValue = 1
        for _ in 0..<300 { expression = ["$abs": expression] }
        #expect(throws: MongoError.self) { try Expression.compile(expression) }
    }
}
