/// Numbers with a fraction as MySQL writes them into a column of text.
enum LegacyNumber {
    /// `1.5`, `0.0000001`, `1e20`: with an exponent from 10 to the 15th on, and below 10 to the -15th.
    static func text(_ number: Double) -> String {
        let shortest = "\(number.magnitude)"
        let mark = shortest.firstIndex(of: "e") ?? shortest.endIndex
        let exponent = Int(shortest[mark...].dropFirst()) ?? 0
        let parts = shortest[..<mark].split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        let all = Substring(parts[0] + fraction)
        let digits = String(all.drop { $0 == "0" })
        // Where the point stands, counted from the first digit that is no zero.
        let point = parts[0].count + exponent - (all.count - digits.count)
        var kept = digits
        while kept.hasSuffix("0") { kept.removeLast() }
        guard !kept.isEmpty else { return "0" }
        let sign = number < 0 ? "-" : ""
        if point > 15 || point < -14 {
            let rest = kept.dropFirst()
            return "\(sign)\(kept.prefix(1))\(rest.isEmpty ? "" : ".\(rest)")e\(point - 1)"
        }
        if point <= 0 { return "\(sign)0.\(String(repeating: "0", count: -point))\(kept)" }
        if kept.count <= point { return sign + kept + String(repeating: "0", count: point - kept.count) }
        return "\(sign)\(kept.prefix(point)).\(kept.dropFirst(point))"
    }
}
