internal import Foundation
internal import Nectar

/// Dates as headers bear them, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
enum HTTPDate {
    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let secondsADay: Int64 = 86_400

    /// The time in seconds since 1970.
    static var now: Int64 { Int64(Date().timeIntervalSince1970.rounded(.down)) }

    /// The text of a date, to the second; nil for years that do not have four digits.
    static func text(_ date: BSONDate) -> String? { text(seconds: seconds(date)) }

    /// The text of a time in seconds since 1970; nil for years that do not have four digits.
    static func text(seconds: Int64) -> String? {
        let day = floorDivided(seconds, secondsADay)
        let time = seconds - day * secondsADay
        // 0001-01-01 was a Monday, and 719,162 days before 1970.
        let sinceYear1 = day + 719_162
        guard sinceYear1 >= 0, sinceYear1 < 3_652_059 else { return nil }
        var year: Int64 = 1
        // Whole groups of years of one length each: 400, 100, 4 and 1. The last day of a group's last year is no new one.
        var rest = sinceYear1
        for (length, years, most) in [(146_097, 400, 25), (36_524, 100, 3), (1461, 4, 24), (365, 1, 3)] as [Group] {
            let count = min(rest / length, most)
            year += count * years
            rest -= count * length
        }
        var month = 0
        while rest >= lengths(year)[month] {
            rest -= lengths(year)[month]
            month += 1
        }
        let clock = [time / 3600, time / 60 % 60, time % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(days[Int(sinceYear1 % 7)]), \(padded(rest + 1, 2)) \(months[month]) \(padded(year, 4)) \(clock) GMT"
    }

    /// Seconds since 1970 that a header names, in today's form or in one of the two obsolete ones, which servers must still
    /// read: `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. Nil for what is no such date.
    static func seconds(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        switch parts.count {
        case 6 where parts[5] == "GMT" && parts[0].hasSuffix(","):
            return seconds(day: number(parts[1], 2), month: parts[2], year: number(parts[3], 4), clock: parts[4])
        case 4 where parts[3] == "GMT" && parts[0].hasSuffix(","):
            let date = parts[1].split(separator: "-")
            guard date.count == 3, let short = number(date[2], 2) else { return nil }
            return seconds(
                day: number(date[0], 2), month: date[1], year: short < 70 ? 2000 + short : 1900 + short,
                clock: parts[2])
        case 5:
            let day = parts[2].count == 1 ? number(parts[2], 1) : number(parts[2], 2)
            return seconds(day: day, month: parts[1], year: number(parts[4], 4), clock: parts[3])
        default: return nil
        }
    }

    private static func seconds(day: Int64?, month: Substring, year: Int64?, clock: Substring) -> Int64? {
        guard let day, let year, let month = months.firstIndex(of: String(month)), year >= 1, day >= 1,
            day <= lengths(year)[month]
        else { return nil }
        let parts = clock.split(separator: ":").compactMap { number($0, 2) }
        guard parts.count == 3, parts[0] < 24, parts[1] < 60, parts[2] <= 60 else { return nil }
        let before = year - 1
        let ofYears = before * 365 + before / 4 - before / 100 + before / 400
        let date = ofYears + lengths(year)[..<month].reduce(0, +) + day - 1 - 719_162
        return date * secondsADay + parts[0] * 3600 + parts[1] * 60 + parts[2]
    }

    /// A stored date in the seconds that headers have.
    static func seconds(_ date: BSONDate) -> Int64 { floorDivided(date.millisecondsSince1970, 1000) }

    private typealias Group = (length: Int64, years: Int64, most: Int64)

    private static func lengths(_ year: Int64) -> [Int64] {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    }

    private static func floorDivided(_ value: Int64, _ by: Int64) -> Int64 {
        let quotient = value / by
        return value % by < 0 ? quotient - 1 : quotient
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(width - text.count, 0)) + text
    }

    private static func number(_ text: Substring, _ width: Int) -> Int64? {
        text.count == width && text.allSatisfy { $0.isASCII && $0.isNumber } ? Int64(text) : nil
    }
}
