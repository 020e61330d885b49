import Foundation
import HTTPTypes
import HummingbirdMongo
import Testing

@testable import DevelopersExample

/// Rules of the tutorial's answers that the recorded scenarios show by an example or two.
@Suite("Legacy answers")
struct LegacyTests {
    @Test(
        "A body that no record can hold leaves no row and no record",
        arguments: [
            #"{"first_name": "Ada", "x": 9223372036854775808}"#, #"{"x": {"y": [1, -9223372036854775809]}}"#,
            #"[123456789012345678901234567890]"#, #"{"a\u0000b": 1}"#, #"{"a": {"\u0000" : 1}}"#,
            #"{"first_name": "\ud800"}"#,
        ])
    func unrecordable(_ body: String) async throws {
        try await withApp(legacy: true) { call in
            let answer = try await call(.post, "/", body)
            #expect(answer.status == 400)
            #expect(answer.body["status"] == false)
            #expect(try await call.records().isEmpty)
            #expect(try await call(.get, "/").rows.isEmpty)
        }
    }

    @Test(
        "And one that a record can hold does",
        arguments: [
            #"{"x": 9223372036854775807, "y": -9223372036854775808}"#, #"{"x": 123456789012345678901234567890.5}"#,
            #"{"x": 1e30}"#, #"{"x": "a\u0000b"}"#, #"{"x": "123456789012345678901234567890"}"#,
            #"{"x\\u0000": "\"", "y": ["a:", -0.5e-3]}"#,
        ])
    func recordable(_ body: String) async throws {
        try await withApp(legacy: true) { call in
            let answer = try await call(.post, "/", body)
            #expect(answer.status == 200)
            #expect(try await call(.get, "/").rows.count == 1)
            #expect(try await call.records(["type": "activity"]).count == 1)
        }
    }

    /// As MariaDB 10.11 writes these numbers into a VARCHAR.
    static let numbers: [(Double, String)] = [
        (1.5, "1.5"), (3, "3"), (0.1, "0.1"), (-0.5, "-0.5"), (100_000, "100000"), (123_456.789, "123456.789"),
        (1e14, "100000000000000"), (1e15, "1e15"), (1e20, "1e20"), (1e300, "1e300"), (0, "0"), (-0.0, "0"),
        (1.1e15, "1.1e15"), (1e-7, "0.0000001"), (-1e-5, "-0.00001"), (1e-15, "0.000000000000001"), (1e-16, "1e-16"),
        (1.5e-15, "0.0000000000000015"), (0.000_12, "0.00012"), (.leastNonzeroMagnitude, "5e-324"),
        (123e-17, "0.00000000000000123"),
        (123_456_789_012_345_680, "1.2345678901234568e17"), (99_999_999_999_999.9, "99999999999999.9"),
        (0.300_000_000_000_000_04, "0.30000000000000004"),
    ]

    @Test("Numbers become text as MySQL writes them", arguments: numbers.indices)
    func number(_ index: Int) {
        let (number, text) = Self.numbers[index]
        #expect(LegacyNumber.text(number) == text)
    }
}
