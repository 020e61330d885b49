/// Instants as ISO 8601 text in the proleptic Gregorian calendar, both ways.
package enum ISO8601 {
    /// Whether the text has the three digits of the milliseconds.
    package enum Fraction: Sendable {
        /// Always three digits.
        case always
        /// Three digits where they are not all zero, as Extended JSON wants.
        case whereNeeded
    }

    /// 9999-12-31T23:59:59.999Z, the last instant whose year has four digits.
    package static let lastFourDigitMillisecond: Int64 = 253_402_300_799_999

    /// Appends `2012-12-24T12:15:30.501Z`. Years outside 0 to 9999 get a sign and at least six digits.
    static func append(_ milliseconds: Int64, to text: inout TextBuffer, fraction: Fraction = .always) {
        let (days, time) = floorDivide(milliseconds, 86_400_000)
        let date = civil(daysSince1970: days)
        if (0...9999).contains(date.year) {
            text.append(decimal: UInt64(date.year), width: 4)
        } else {
            text.append(UInt8(ascii: date.year < 0 ? "-" : "+"))
            text.append(decimal: date.year.magnitude, width: 6)
        }
        text.append(UInt8(ascii: "-"))
        text.append(decimal: UInt64(date.month), width: 2)
        text.append(UInt8(ascii: "-"))
        text.append(decimal: UInt64(date.day), width: 2)
        text.append(UInt8(ascii: "T"))
        text.append(decimal: UInt64(time / 3_600_000), width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(decimal: UInt64(time / 60_000 % 60), width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(decimal: UInt64(time / 1000 % 60), width: 2)
        if fraction == .always || time % 1000 != 0 {
            text.append(UInt8(ascii: "."))
            text.append(decimal: UInt64(time % 1000), width: 3)
        }
        text.append(UInt8(ascii: "Z"))
    }

    /// Reads a date, or a date and a time, and gives milliseconds since 1970 UTC; nil for anything else.
    ///
    /// Seconds, their fraction (cut to milliseconds) and the zone (`Z`, `+01:00`, `+0100`, `+01`) may be left out; without a
    /// zone the time is UTC. The day must exist, and the instant must fit.
    package static func parse(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { utf8 in
            var scanner = Scanner(bytes: UnsafeRawBufferPointer(utf8))
            return scanner.instant()
        }
    }

    /// The calendar's date of a day.
    package static func civil(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Years run from March, so that the leap day ends one, and 400 of them have 146,097 days.
        let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    /// The day of a date of the calendar; the year has at most twelve digits.
    package static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = floorDivide(month <= 2 ? year - 1 : year, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// How many days a month has.
    package static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Reads the parts of an instant from left to right.
private struct Scanner {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    mutating func instant() -> Int64? {
        guard let year = year(), take("-"), let month = number(2), take("-"), let day = number(2),
            (1...12).contains(month), day >= 1, day <= ISO8601.days(inMonth: month, of: year)
        else { return nil }
        var time: Int64 = 0
        if position < bytes.count {
            guard take("T") || take("t") || take(" "), let clock = clock(), let offset = zone(), position == bytes.count
            else { return nil }
            time = clock - offset
        }
        let days = ISO8601.daysSince1970(year: year, month: month, day: day)
        // A day before 1970 counts back from its end, so that the first instant of all, within a day, does not overflow.
        let (start, overflow) = (days < 0 ? days + 1 : days).multipliedReportingOverflow(by: 86_400_000)
        let (instant, overflowToo) = start.addingReportingOverflow(days < 0 ? time - 86_400_000 : time)
        return overflow || overflowToo ? nil : instant
    }

    private mutating func year() -> Int64? {
        if take("+") { return digits(6...9) }
        if take("-") { return digits(6...9).map { -$0 } }
        return number(4)
    }

    private mutating func clock() -> Int64? {
        guard let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60 else { return nil }
        var time = (hour * 60 + minute) * 60_000
        if take(":") {
            guard let second = number(2), second < 60 else { return nil }
            time += second * 1000
            if take(".") || take(",") {
                guard let milliseconds = fraction() else { return nil }
                time += milliseconds
            }
        }
        return time
    }

    private mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            if count < 3 { value = value * 10 + digit }
            count += 1
        }
        for _ in min(count, 3)..<3 { value *= 10 }
        return count > 0 ? value : nil
    }

    private mutating func zone() -> Int64? {
        if position == bytes.count || take("Z") || take("z") { return 0 }
        let sign: Int64 = take("+") ? 1 : -1
        guard sign == 1 || take("-"), let hour = number(2), hour < 24 else { return nil }
        guard position < bytes.count else { return sign * hour * 3_600_000 }
        _ = take(":")
        guard let minute = number(2), minute < 60 else { return nil }
        return sign * (hour * 60 + minute) * 60_000
    }

    private mutating func number(_ width: Int) -> Int64? { digits(width...width) }

    private mutating func digits(_ width: ClosedRange<Int>) -> Int64? {
        var value: Int64 = 0
        var count = 0
        while count < width.upperBound, let digit = digit() {
            value = value * 10 + digit
            count += 1
        }
        return width.contains(count) ? value : nil
    }

    private mutating func digit() -> Int64? {
        guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
        position += 1
        return Int64(bytes[position - 1]) - 0x30
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}

extension BSONDate {
    /// Reads `2012-12-24T12:15:30.501Z` and the other forms of ISO 8601 that have a date and may have a time and a zone;
    /// nil for anything else. Without a zone the time is UTC; digits below milliseconds are cut off.
    public init?(iso8601 text: String) {
        guard let milliseconds = ISO8601.parse(text) else { return nil }
        self.init(millisecondsSince1970: milliseconds)
    }

    /// The instant as `2012-12-24T12:15:30.501Z`, always with milliseconds. Years outside 0 to 9999 have a sign.
    public var iso8601: String {
        var text = TextBuffer(capacity: 32)
        ISO8601.append(millisecondsSince1970, to: &text)
        return String(decoding: text.bytes, as: UTF8.self)
    }
}
