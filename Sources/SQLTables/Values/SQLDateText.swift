internal import Foundation

/// Instants and days as the text that both databases understand: `2026-11-21 19:14:43.250000`, in UTC.
enum SQLDateText {
    /// Whether an instant is in a year from 1 to 9999.
    static func isInRange(_ date: Date) -> Bool {
        (-62_135_596_800..<253_402_300_800).contains(date.timeIntervalSince1970)
    }

    /// An instant, to the microsecond.
    static func text(_ date: Date) -> String {
        // Statements refuse what lies beyond; a description writes the nearest.
        let limited = Swift.min(Swift.max(date.timeIntervalSince1970, -62_135_596_800), 253_402_300_799.999_999)
        let microseconds = limited.isFinite ? Int64((limited * 1_000_000).rounded()) : 0
        let (days, inDay) = microseconds.quotientAndRemainderFloored(dividingBy: 86_400_000_000)
        let seconds = inDay / 1_000_000
        return "\(day(days)) \(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))."
            + digits(inDay % 1_000_000, 6)
    }

    /// The UTC day of an instant.
    static func dayText(_ date: Date) -> String { String(text(date).prefix(10)) }

    /// Reads a day or an instant; a fraction and an offset may be there, `T` may stand for the space.
    static func date(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        var reader = DigitReader(bytes: bytes)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), (1...12).contains(month), (1...days(in: month, of: year)).contains(day)
        else { return nil }
        var seconds = Double(daysSince1970(year, month, day)) * 86_400
        guard !reader.atEnd else { return Date(timeIntervalSince1970: seconds) }
        guard reader.skip(" ") || reader.skip("T"), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), hour < 24, minute < 60
        else { return nil }
        seconds += Double(hour * 3600 + minute * 60)
        if reader.skip(":") {
            guard let second = reader.number(2), second <= 60 else { return nil }
            seconds += Double(second)
            if reader.skip(".") { seconds += reader.fraction() }
        }
        if reader.skip("Z") || reader.atEnd { return reader.atEnd ? Date(timeIntervalSince1970: seconds) : nil }
        let sign: Double
        if reader.skip("+") { sign = -1 } else if reader.skip("-") { sign = 1 } else { return nil }
        guard let hours = reader.number(2) else { return nil }
        _ = reader.skip(":")
        guard let minutes = reader.number(2), reader.atEnd else { return nil }
        return Date(timeIntervalSince1970: seconds + sign * Double(hours * 3600 + minutes * 60))
    }

    /// The civil day of a number of days since 1970 (the Gregorian calendar, counted in eras of 400 years).
    private static func day(_ days: Int64) -> String {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainderFloored(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(digits(year, 4))-\(two(month))-\(two(day))"
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func two(_ value: Int64) -> String { digits(value, 2) }

    private static func digits(_ value: Int64, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: Swift.max(0, count - text.count)) + text
    }

    /// Reads a fixed number of digits at a time.
    private struct DigitReader {
        let bytes: [UInt8]
        var position = 0

        var atEnd: Bool { position == bytes.count }

        mutating func number(_ count: Int) -> Int? {
            guard position + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[position..<position + count] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            position += count
            return value
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(truncatingIfNeeded: character.value) else {
                return false
            }
            position += 1
            return true
        }

        mutating func fraction() -> Double {
            // Whole numbers, divided once: a sum of tenths and hundredths would be off by a last bit.
            var value = 0.0
            var scale = 1.0
            while let digit = number(1) {
                guard scale < 1e15 else { continue }
                value = value * 10 + Double(digit)
                scale *= 10
            }
            return value / scale
        }
    }
}

extension Int64 {
    /// The quotient rounded down, and the remainder, which is never negative for a positive divisor.
    fileprivate func quotientAndRemainderFloored(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
