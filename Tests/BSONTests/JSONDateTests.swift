import BSON
import Testing

@Suite("Dates as ISO 8601 text")
struct JSONDateTests {
    @Test("come back as they were written, over all of time")
    func roundTrip() {
        var random = SeededGenerator(state: 17)
        for _ in 0..<5000 {
            let milliseconds =
                Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0...63, using: &random)
            let date = BSONDate(millisecondsSince1970: milliseconds)
            #expect(BSONDate(iso8601: date.iso8601) == date, "\(date.iso8601)")
        }
        for date in [BSONDate(millisecondsSince1970: .max), BSONDate(millisecondsSince1970: .min)] {
            #expect(BSONDate(iso8601: date.iso8601) == date)
        }
    }

    static let texts: [(String, Int64?)] = [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01", 0), ("1970-01-01T00:00", 0), ("1970-01-01 00:00:01", 1000),
        ("2012-12-24T12:15:30.5Z", 1_356_351_330_500), ("2012-12-24T12:15:30.50199Z", 1_356_351_330_501),
        ("2012-12-24T13:15:30.501+01:00", 1_356_351_330_501), ("2012-12-24T10:45:30.501-0130", 1_356_351_330_501),
        ("2012-12-24T13:15:30.501+01", 1_356_351_330_501), ("2000-02-29T00:00:00Z", 951_782_400_000),
        ("-000001-01-01T00:00:00Z", -62_198_755_200_000), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
        ("1900-02-29T00:00:00Z", nil), ("2001-13-01", nil), ("2001-00-01", nil), ("2001-01-00", nil),
        ("2001-04-31", nil),
        ("2001-01-01T24:00:00Z", nil), ("2001-01-01T00:60:00Z", nil), ("2001-01-01T00:00:60Z", nil),
        ("2001-01-01T00:00:00.Z", nil), ("2001-01-01T00:00:00Zx", nil), ("2001-1-1", nil), ("", nil), ("x", nil),
        ("2001-01-01T", nil), ("2001-01-01Z", nil), ("+999999999-01-01T00:00:00Z", nil), ("٢٠٠١-01-01", nil),
    ]

    @Test("are read in all forms, and nothing else is", arguments: texts.indices)
    func forms(index: Int) {
        let (text, milliseconds) = Self.texts[index]
        #expect(BSONDate(iso8601: text)?.millisecondsSince1970 == milliseconds, "\(text)")
    }
}
