internal import BSON

/// Dates as text.
enum DateText {
    /// Minutes east of UTC of `Z`, `UTC`, `GMT`, `+02:00`, `+0200` or `+02`; nil for anything else.
    static func offset(_ text: some StringProtocol) -> Int? {
        if ["Z", "z", "UTC", "GMT", "Etc/UTC", "Etc/GMT"].contains(String(text)) { return 0 }
        var bytes = Array(text.utf8)
        guard let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        bytes.removeFirst()
        if bytes.count == 5, bytes[2] == UInt8(ascii: ":") { bytes.remove(at: 2) }
        guard bytes.count == 4 || bytes.count == 2, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let digits = bytes.map { Int($0) - 0x30 }
        let minutes = (digits[0] * 10 + digits[1]) * 60 + (digits.count == 4 ? digits[2] * 10 + digits[3] : 0)
        return sign == UInt8(ascii: "-") ? -minutes : minutes
    }

    /// Reads ISO 8601: a date, and a time and an offset where there are any.
    static func parse(_ text: String) -> BSONDate? {
        var scanner = Scanner(bytes: Array(text.utf8))
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), (1...12).contains(month),
            scanner.skip("-"), let day = scanner.digits(2), (1...31).contains(day)
        else { return nil }
        var (hour, minute, second, millisecond, shift) = (0, 0, 0, 0, 0)
        if scanner.skip("T") || scanner.skip("t") || scanner.skip(" ") {
            guard let h = scanner.digits(2), h < 24, scanner.skip(":"), let m = scanner.digits(2), m < 60 else {
                return nil
            }
            (hour, minute) = (h, m)
            if scanner.skip(":") {
                guard let s = scanner.digits(2), s < 60 else { return nil }
                second = s
                if scanner.skip(".") {
                    guard let fraction = scanner.fraction() else { return nil }
                    millisecond = fraction
                }
            }
            let rest = scanner.rest
            if !rest.isEmpty {
                guard let minutes = offset(rest.drop { $0 == " " }) else { return nil }
                shift = minutes
            }
        } else if !scanner.rest.isEmpty {
            return nil
        }
        return DateParts.date(
            year: year, month: month, day: day, hour: hour, minute: minute - shift, second: second,
            millisecond: millisecond)
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        var rest: String { String(decoding: bytes[position...], as: UTF8.self) }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
            position += 1
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            guard position + count <= bytes.count else { return nil }
            var number = 0
            for byte in bytes[position..<(position + count)] {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + Int(byte) - 0x30
            }
            position += count
            return number
        }

        /// The digits of a fraction as milliseconds; those past the third are passed over.
        mutating func fraction() -> Int? {
            var number = 0
            var count = 0
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
                if count < 3 { number = number * 10 + Int(bytes[position]) - 0x30 }
                count += 1
                position += 1
            }
            guard count > 0 else { return nil }
            for _ in count..<max(count, 3) { number *= 10 }
            return number
        }
    }
}
