import BSON
import Testing

@Suite("Order of values")
struct OrderingTests {
    /// Values of which each stands before the next.
    static let ascending: [BSONValue] = [
        .minKey, .undefined, .null, .double(.nan), .double(-.infinity), .int64(.min), -1.5, .int32(-1), 0, 0.1,
        .decimal128(Decimal128(1)), .int64(9_007_199_254_740_992), .int64(9_007_199_254_740_993), .double(.infinity),
        "", "A", "a", .symbol("b"), "é", [:], ["a": 1], ["a": 2], ["a": 2, "b": 0], ["b": 1], ["a": "x"],
        [], [1], [1, 1], [2], .binary(BSONBinary(bytes: [9])), .binary(BSONBinary(subtype: .uuid, bytes: [0])),
        .binary(BSONBinary(bytes: [0, 0])), .binary(BSONBinary(bytes: [0, 0, 0, 0, 0])),
        // The inner length of subtype 2 counts.
        .binary(BSONBinary(subtype: .binaryOld, bytes: [0])), false, true, .date(BSONDate(millisecondsSince1970: -1)),
        .date(BSONDate(millisecondsSince1970: 0)), .timestamp(BSONTimestamp(seconds: 1, increment: 0)),
        .timestamp(BSONTimestamp(rawValue: .max)), .regularExpression(BSONRegularExpression(pattern: "a")),
        .regularExpression(BSONRegularExpression(pattern: "a", options: "i")), .javascript("a"),
        .javascriptWithScope(code: "a", scope: [:]), .maxKey,
    ]

    @Test("is MongoDB's, between all pairs of types")
    func pairs() {
        for (i, a) in Self.ascending.enumerated() {
            for (j, b) in Self.ascending.enumerated() {
                #expect(BSONValue.compare(a, b).signum() == (i - j).signum(), "\(a) and \(b)")
            }
        }
    }

    @Test("takes numbers of all types by value, and zeros of both signs as one")
    func equalNumbers() {
        let pairs: [(BSONValue, BSONValue)] = [
            (.int32(1), .double(1)), (.int64(1), .decimal128(Decimal128(1))), (.double(-0.0), .int32(0)),
            (.double(.nan), .decimal128(.nan)), (.double(.infinity), .decimal128(.infinity)), ("a", .symbol("a")),
        ]
        for (a, b) in pairs {
            #expect(BSONValue.compare(a, b) == 0, "\(a) and \(b)")
            #expect(a != b)
        }
    }
}
