import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

extension AggregationTests {
    private static let prices: [BSONDocument] = [1, 2, 5, 7, 20, 30].map { ["p": $0] }

    static let buckets: [PipelineCase] = [
        .init(
            [["$bucket": ["groupBy": "$p", "boundaries": [1, 5, 20], "default": "more"]]], prices,
            [["_id": 1, "count": 2], ["_id": 5, "count": 2], ["_id": "more", "count": 2]]),
        .init(
            [["$bucket": ["groupBy": "$p", "boundaries": [0, 100], "output": ["s": ["$sum": "$p"]]]]], prices,
            [["_id": 0, "s": 65]]),
        .init(
            [["$bucketAuto": ["groupBy": "$p", "buckets": 2]]], prices,
            [["_id": ["min": 1, "max": 7], "count": 3], ["_id": ["min": 7, "max": 30], "count": 3]]),
        .init(
            [["$bucketAuto": ["groupBy": "$p", "buckets": 4]]], prices,
            [
                ["_id": ["min": 1, "max": 5], "count": 2], ["_id": ["min": 5, "max": 20], "count": 2],
                ["_id": ["min": 20, "max": 30], "count": 1], ["_id": ["min": 30, "max": 30], "count": 1],
            ]),
        .init(
            [["$bucketAuto": ["groupBy": "$p", "buckets": 2, "granularity": "R5"]]], prices,
            [
                ["_id": ["min": 0.63, "max": 6.3], "count": 3], ["_id": ["min": 6.3, "max": 40.0], "count": 3],
            ]),
        .init(
            [["$bucketAuto": ["groupBy": "$p", "buckets": 1, "granularity": "POWERSOF2"]]], prices,
            [["_id": ["min": 0.5, "max": 32.0], "count": 6]]),
        // Equal values share a bucket.
        .init(
            [["$bucketAuto": ["groupBy": "$p", "buckets": 3]]], [["p": 1], ["p": 1], ["p": 1]],
            [["_id": ["min": 1, "max": 1], "count": 3]]),
    ]

    static let accumulated: [PipelineCase] = [
        .init(
            [["$group": ["_id": 1, "t": ["$top": ["output": "$p", "sortBy": ["p": -1]]]]]], prices,
            [["_id": 1, "t": 30]]),
        .init(
            [["$group": ["_id": 1, "t": ["$bottomN": ["output": "$p", "sortBy": ["p": -1], "n": 2]]]]], prices,
            [["_id": 1, "t": [2, 1]]]),
        .init(
            [["$group": ["_id": ["n": 2], "t": ["$firstN": ["input": "$p", "n": ["$add": ["$n", 1]]]]]]], prices,
            [["_id": ["n": 2], "t": [1, 2, 5]]]),
        .init(
            [
                [
                    "$group": [
                        "_id": 1, "m": ["$median": ["input": "$p", "method": "approximate"]],
                        "p": ["$percentile": ["input": "$p", "p": [0, 0.9, 1], "method": "approximate"]],
                    ]
                ]
            ], prices, [["_id": 1, "m": 5.0, "p": [1.0, 30.0, 30.0]]]),
    ]

    static let redactions: [PipelineCase] = [
        .init(
            [["$redact": ["$cond": [["$lte": ["$l", 2]], "$$DESCEND", "$$PRUNE"]]]],
            [["l": 1, "a": ["l": 3], "b": [["l": 2], ["l": 3], 7, [["l": 9]]]], ["l": 4]],
            [["l": 1, "b": [["l": 2], 7, []]]]),
        .init(
            [["$redact": ["$cond": [["$eq": ["$$ROOT.k", 1]], "$$KEEP", "$$PRUNE"]]]],
            [["k": 1, "a": ["b": 2]], ["k": 2]],
            [["k": 1, "a": ["b": 2]]]),
    ]

    @Test("Buckets, ranked values and redactions", arguments: buckets + accumulated + redactions)
    func moreResults(_ test: PipelineCase) async throws {
        #expect(try await run(test.stages, test.input) == test.expected)
    }

    static let moreFailures: [ExpressionFailure] = [
        .init(["$bucket": ["groupBy": "$a"]], 40198), .init(["$bucket": ["groupBy": 1, "boundaries": [1, 2]]], 40202),
        .init(["$bucket": ["groupBy": "$a", "boundaries": [1, "$b"]]], 40191),
        .init(["$bucket": ["groupBy": "$a", "boundaries": [2, 1]]], 40194),
        .init(["$bucket": ["groupBy": "$a", "boundaries": [1, "a"]]], 40193),
        .init(["$bucket": ["groupBy": "$a", "boundaries": [1, 3], "default": 2]], 40199),
        .init(["$bucketAuto": ["groupBy": "$a", "buckets": 0]], 40243),
        .init(["$bucketAuto": ["groupBy": "$a", "buckets": 1, "granularity": "R7"]], 40257),
        .init(["$unionWith": [:]], 9), .init(["$unionWith": ["coll": "a", "pipeline": [["$out": "b"]]]], 31441),
        .init(["$documents": []], 73), .init(["$graphLookup": ["from": "a"]], 40105),
        .init(["$merge": ["into": "a", "on": ["b", "b"]]], 31465), .init(["$merge": ["into": 1]], 51178),
        .init(["$merge": ["into": "a", "whenMatched": "x"]], 2), .init(["$out": ["db": "a"]], 16994),
        .init(["$group": ["_id": 1, "a": ["$top": ["output": "$a"]]]], 5_788_005),
        .init(["$group": ["_id": 1, "a": ["$firstN": ["input": "$a", "n": 0]]]], 5_787_908),
        .init(
            ["$group": ["_id": 1, "a": ["$percentile": ["input": "$a", "p": [2], "method": "approximate"]]]], 7_750_303),
    ]

    @Test("More malformed stages fail with MongoDB's codes", arguments: moreFailures)
    func moreErrors(_ test: ExpressionFailure) {
        let error = #expect(throws: MongoError.self) {
            try Pipeline.compile([test.expression], now: BSONDate(millisecondsSince1970: 0))
        }
        #expect(error?.code?.rawValue == test.code)
    }
}
