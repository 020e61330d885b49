internal import Nectar

/// Dates as headers bear them, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
enum HTTPDate {
    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let secondsADay: Int64 = 86_400

    /// The text of a date, to the second; nil for years that do not have four digits.
    static func text(_ date: BSONDate) -> String? {
        let seconds = Self.seconds(date)
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

    /// Seconds since 1970 that a header names; nil for what is no such date. The two obsolete forms are none.
    static func seconds(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = number(parts[1], 2), let year = number(parts[3], 4),
            let month = months.firstIndex(of: String(parts[2])), year >= 1, day >= 1, day <= lengths(year)[month]
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { number($0, 2) }
        guard clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] <= 60 else { return nil }
        let before = year - 1
        let ofYears = before * 365 + before / 4 - before / 100 + before / 400
        let date = ofYears + lengths(year)[..<month].reduce(0, +) + day - 1 - 719_162
        return date * secondsADay + clock[0] * 3600 + clock[1] * 60 + clock[2]
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
