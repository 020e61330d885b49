/// A rule for the values of a field, checked before a document is saved.
///
/// The options of `@Field` of the same names become rules of the field's own type, so a rule that does not fit the type
/// does not compile.
public struct FieldRule<Value>: Sendable {
    /// What is wrong with a value, to read behind the field's name; nil for nothing.
    let problem: @Sendable (Value) -> String?

    /// Makes a rule.
    /// - Parameter problem: Says what is wrong with a value, and nil where nothing is.
    public init(_ problem: @escaping @Sendable (Value) -> String?) { self.problem = problem }
}

extension FieldRule where Value: Comparable & Sendable {
    /// At least as much.
    public static func range(_ range: PartialRangeFrom<Value>) -> FieldRule {
        FieldRule { range.contains($0) ? nil : "must be at least \(range.lowerBound)" }
    }
    /// At most as much.
    public static func range(_ range: PartialRangeThrough<Value>) -> FieldRule {
        FieldRule { range.contains($0) ? nil : "must be at most \(range.upperBound)" }
    }
    /// Less.
    public static func range(_ range: PartialRangeUpTo<Value>) -> FieldRule {
        FieldRule { range.contains($0) ? nil : "must be less than \(range.upperBound)" }
    }
    /// Between two values, both allowed.
    public static func range(_ range: ClosedRange<Value>) -> FieldRule {
        FieldRule { range.contains($0) ? nil : "must be from \(range.lowerBound) to \(range.upperBound)" }
    }
    /// Between two values, the upper one not allowed.
    public static func range(_ range: Range<Value>) -> FieldRule {
        FieldRule { range.contains($0) ? nil : "must be from \(range.lowerBound) to less than \(range.upperBound)" }
    }
}

extension FieldRule where Value: Equatable & Sendable {
    /// One of these values.
    public static func oneOf(_ values: Value...) -> FieldRule {
        FieldRule { value in
            values.contains(value) ? nil : "must be one of \(values.map { "\($0)" }.joined(separator: ", "))"
        }
    }
}

extension FieldRule where Value: Collection & Sendable {
    /// At least this many characters or elements.
    public static func length(_ range: PartialRangeFrom<Int>) -> FieldRule {
        FieldRule { range.contains($0.count) ? nil : "must have at least \(range.lowerBound) \(unit)" }
    }
    /// At most this many characters or elements.
    public static func length(_ range: PartialRangeThrough<Int>) -> FieldRule {
        FieldRule { range.contains($0.count) ? nil : "must have at most \(range.upperBound) \(unit)" }
    }
    /// Between so and so many characters or elements.
    public static func length(_ range: ClosedRange<Int>) -> FieldRule {
        FieldRule {
            range.contains($0.count) ? nil : "must have from \(range.lowerBound) to \(range.upperBound) \(unit)"
        }
    }
    /// Exactly this many characters or elements.
    public static func length(_ count: Int) -> FieldRule {
        FieldRule { $0.count == count ? nil : "must have \(count) \(unit)" }
    }
    /// At least one character or element.
    public static var notEmpty: FieldRule { FieldRule { $0.isEmpty ? "must not be empty" : nil } }

    private static var unit: String { Value.self == String.self ? "characters" : "elements" }
}

extension FieldRule where Value == String {
    /// Matches a regular expression, in Swift's syntax (nearly PCRE's), anywhere in the text.
    public static func pattern(_ pattern: String) -> FieldRule {
        FieldRule { text in
            // A Regex is not Sendable, so the rule keeps its text.
            guard let regex = try? Regex(pattern) else { return "has the rule \(pattern), which is no pattern" }
            return text.contains(regex) ? nil : "must match \(pattern)"
        }
    }

    /// Looks like an e-mail address: something, one @, and a host with a dot.
    public static var email: FieldRule {
        FieldRule { text in
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            let host = parts.last?.split(separator: ".", omittingEmptySubsequences: false) ?? []
            let isAddress =
                parts.count == 2 && !parts[0].isEmpty && host.count > 1 && !host.contains("")
                && !text.contains { $0.isWhitespace || $0.isNewline }
            return isAddress ? nil : "must be an e-mail address"
        }
    }
}
