internal import BSON

/// A date as year, month and the rest, in UTC and the Gregorian calendar.
struct DateParts: Sendable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    var millisecond: Int
    /// Days since 1970-01-01.
    private let days: Int

    /// Takes an instant apart.
    init(_ date: BSONDate) {
        let milliseconds = Int(date.millisecondsSince1970)
        days = Self.floorDivide(milliseconds, 86_400_000)
        // The days times their length may leave the range of integers at its very end; the difference does not.
        var rest = milliseconds &- days &* 86_400_000
        millisecond = rest % 1000
        rest /= 1000
        second = rest % 60
        rest /= 60
        minute = rest % 60
        hour = rest / 60
        (year, month, day) = Self.civil(days)
    }

    /// The instant of a calendar's numbers; numbers past their range carry over. Nil where it is out of range.
    static func date(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0
    ) -> BSONDate? {
        let days = daysSince1970(year: year, month: month, day: day)
        let seconds = ((hour * 60) + minute) * 60 + second
        let (product, overflow) = days.multipliedReportingOverflow(by: 86_400_000)
        let (sum, overflow2) = product.addingReportingOverflow(seconds * 1000 + millisecond)
        return overflow || overflow2 ? nil : BSONDate(millisecondsSince1970: Int64(sum))
    }

    /// 1 on Sunday to 7 on Saturday.
    var dayOfWeek: Int { Self.modulo(days + 4, 7) + 1 }
    /// 1 on Monday to 7 on Sunday.
    var isoDayOfWeek: Int { Self.modulo(days + 3, 7) + 1 }
    /// 1 on the first of January.
    var dayOfYear: Int { days - Self.daysSince1970(year: year, month: 1, day: 1) + 1 }
    /// Weeks begin on Sundays; days before the first Sunday are in week 0.
    var week: Int { (dayOfYear + 6 - (dayOfWeek - 1)) / 7 }
    /// The ISO 8601 year and week.
    var isoWeek: (year: Int, week: Int) {
        // The Thursday of a week decides its year.
        let thursday = days - (isoDayOfWeek - 4)
        let year = Self.civil(thursday).year
        return (year, (thursday - Self.daysSince1970(year: year, month: 1, day: 1)) / 7 + 1)
    }

    /// `2004-02-29T12:34:56.789Z`.
    var isoText: String {
        "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))T\(Self.padded(hour, 2)):"
            + "\(Self.padded(minute, 2)):\(Self.padded(second, 2)).\(Self.padded(millisecond, 3))Z"
    }

    /// A number with zeros before it.
    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number.magnitude)
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }

    // Years begin in March here, so that the leap day is a year's last.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let carried = year + floorDivide(month - 1, 12)
        let month = modulo(month - 1, 12) + 1
        let year = month <= 2 ? carried - 1 : carried
        let era = floorDivide(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468 + day - 1
    }

    private static func floorDivide(_ a: Int, _ b: Int) -> Int {
        let quotient = a / b
        return a % b < 0 ? quotient - 1 : quotient
    }

    private static func modulo(_ a: Int, _ b: Int) -> Int {
        let rest = a % b
        return rest < 0 ? rest + b : rest
    }
}
