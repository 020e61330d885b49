/// Numbers as decimal digits, such as `-12.50`: no digit is lost on the way through a binary fraction.
enum DecimalText {
    /// The name of SQLite's order of such texts, for columns with more digits than a binary fraction keeps.
    static let collation = "decimal"
    /// The name of their type in SQLite.
    static let typeName = "DECIMAL_TEXT"

    /// Whether a binary fraction cannot keep so many digits.
    static func isBeyondDouble(_ precision: Int) -> Bool { precision > 15 }

    /// A number's digits without an exponent; nil for what is no number.
    static func digits(of value: SQLValue) -> String? {
        switch value {
        case .integer(let number): return "\(number)"
        case .decimal(let digits): return Parts(digits).map { _ in digits }
        case .double(let number) where number.isFinite:
            let text = "\(number)"
            guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else {
                return text
            }
            return moved(String(text[..<mark]), by: exponent)
        default: return nil
        }
    }

    /// The digits with so many behind the point; half a last digit goes away from zero.
    static func rounded(_ digits: String, scale: Int) -> String {
        guard let parts = Parts(digits) else { return digits }
        let kept = parts.fraction.prefix(scale)
        var all = Array(parts.whole + kept) + [UInt8](repeating: 0, count: scale - kept.count)
        if parts.fraction.dropFirst(scale).first ?? 0 >= 5 {
            var index = all.count - 1
            while index >= 0, all[index] == 9 {
                all[index] = 0
                index -= 1
            }
            if index >= 0 { all[index] += 1 } else { all.insert(1, at: 0) }
        }
        return text(all[...(all.count - scale - 1)], all[(all.count - scale)...], parts.isNegative)
    }

    /// How many digits stand before the point; none for zero.
    static func wholeDigits(_ digits: String) -> Int { Parts(digits)?.whole.drop { $0 == 0 }.count ?? 0 }

    /// How many digits tell the number from others.
    static func significantDigits(_ digits: String) -> Int {
        guard let parts = Parts(digits) else { return .max }
        let all = (parts.whole + parts.fraction).drop { $0 == 0 }
        return all.count - all.reversed().prefix { $0 == 0 }.count
    }

    /// Whether one number is less than another (-1), equal or greater (1); what is no number comes after all numbers.
    static func compare(_ a: String, _ b: String) -> Int {
        guard let left = Parts(a) else { return Parts(b) == nil ? (a < b ? -1 : a == b ? 0 : 1) : 1 }
        guard let right = Parts(b) else { return -1 }
        guard left.isNegative == right.isNegative else { return left.isNegative ? -1 : 1 }
        let size = left.compareSize(with: right)
        return left.isNegative ? -size : size
    }

    private static func moved(_ digits: String, by exponent: Int) -> String {
        guard let parts = Parts(digits) else { return digits }
        let zeros = [UInt8](repeating: 0, count: exponent.magnitude > 400 ? 400 : Int(exponent.magnitude))
        let all = exponent < 0 ? zeros + parts.whole + parts.fraction : parts.whole + parts.fraction + zeros
        let point = exponent < 0 ? parts.whole.count : parts.whole.count + exponent
        return text(all[..<min(point, all.count)], all[min(point, all.count)...], parts.isNegative)
    }

    static func text(_ whole: ArraySlice<UInt8>, _ fraction: ArraySlice<UInt8>, _ isNegative: Bool) -> String {
        let kept = whole.drop { $0 == 0 }
        let isZero = kept.isEmpty && fraction.allSatisfy { $0 == 0 }
        var text = isNegative && !isZero ? "-" : ""
        text += kept.isEmpty ? "0" : kept.map { String($0) }.joined()
        if !fraction.isEmpty { text += "." + fraction.map { String($0) }.joined() }
        return text
    }

    /// A number's sign and digits.
    struct Parts {
        var isNegative = false
        var whole: [UInt8] = []
        var fraction: [UInt8] = []

        init?(_ text: String) {
            var bytes = Substring(text).utf8
            if bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") {
                isNegative = bytes.removeFirst() == UInt8(ascii: "-")
            }
            var isBehindPoint = false
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"):
                    let digit = byte - UInt8(ascii: "0")
                    if isBehindPoint { fraction.append(digit) } else { whole.append(digit) }
                case UInt8(ascii: ".") where !isBehindPoint: isBehindPoint = true
                default: return nil
                }
            }
            guard !whole.isEmpty || !fraction.isEmpty else { return nil }
            if whole.isEmpty { whole = [0] }
            if isNegative, (whole + fraction).allSatisfy({ $0 == 0 }) { isNegative = false }
        }

        /// All digits, with so many behind the point.
        func digits(scale: Int) -> [UInt8] { whole + padded(to: scale) }

        func compareSize(with other: Parts) -> Int {
            let (a, b) = (whole.drop { $0 == 0 }, other.whole.drop { $0 == 0 })
            guard a.count == b.count else { return a.count < b.count ? -1 : 1 }
            let count = max(fraction.count, other.fraction.count)
            let (left, right) = (a + padded(to: count), b + other.padded(to: count))
            if left.elementsEqual(right) { return 0 }
            return left.lexicographicallyPrecedes(right) ? -1 : 1
        }

        private func padded(to count: Int) -> [UInt8] {
            fraction + [UInt8](repeating: 0, count: count - fraction.count)
        }
    }
}
