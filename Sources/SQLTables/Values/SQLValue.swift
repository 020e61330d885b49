public import Foundation

/// A value as databases know it: what is bound to a statement, and what a row holds.
public enum SQLValue: Sendable, Hashable {
    /// No value.
    case null
    /// True or false; SQLite and MySQL keep 1 and 0.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A number with a binary fraction.
    case double(Double)
    /// A number with a decimal fraction, as its digits.
    case decimal(String)
    /// Text.
    case text(String)
    /// Bytes.
    case binary([UInt8])
    /// A day without a time, `2026-11-21`.
    case date(String)
    /// An instant; written in UTC, to the microsecond.
    case dateTime(Date)

    /// Whether there is no value.
    @inlinable public var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// Text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number with a fraction.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// No value.
    public init(nilLiteral: ()) { self = .null }
}

extension SQLValue: CustomStringConvertible {
    /// The value for people: text in quotes, bytes as their number.
    public var description: String {
        switch self {
        case .null: "NULL"
        case .bool(let value): value ? "TRUE" : "FALSE"
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .decimal(let digits): digits
        case .text(let text): "'\(text.replacing("'", with: "''"))'"
        case .binary(let bytes): "<\(bytes.count) bytes>"
        case .date(let day): "'\(day)'"
        case .dateTime(let date): "'\(SQLDateText.text(date))'"
        }
    }
}
