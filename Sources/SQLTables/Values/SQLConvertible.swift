public import Foundation

/// What can be bound to a statement and read from a row: Swift's basic types, `Optional` of them, and enums whose raw
/// values are such.
public protocol SQLConvertible: Sendable {
    /// The value to bind.
    var sqlValue: SQLValue { get }
    /// The value read; nil where it is of another kind.
    init?(sqlValue: SQLValue)
}

extension SQLValue: SQLConvertible {
    /// The value itself.
    public var sqlValue: SQLValue { self }
    /// The value itself.
    public init?(sqlValue: SQLValue) { self = sqlValue }
}

extension String: SQLConvertible {
    /// Text.
    public var sqlValue: SQLValue { .text(self) }
    /// Text, a decimal's digits or a day.
    @inlinable
    public init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .text(let text), .decimal(let text), .date(let text): self = text
        case .dateTime(let date): self = Self.text(of: date)
        default: return nil
        }
    }
}

extension SQLValue {
    /// `10` for `10.00`: a whole number, such as a sum of decimals may be.
    @usableFromInline static func withoutZeros(_ digits: String) -> String {
        guard let point = digits.utf8.firstIndex(of: UInt8(ascii: ".")),
            digits.utf8[point...].dropFirst().allSatisfy({ $0 == UInt8(ascii: "0") })
        else { return digits }
        return String(digits[..<point])
    }
}

extension String {
    /// An instant as text.
    @usableFromInline static func text(of date: Date) -> String { SQLDateText.text(date) }
}

extension SQLConvertible where Self: FixedWidthInteger {
    /// A whole number; one beyond 64 signed bits as its digits.
    public var sqlValue: SQLValue { Int64(exactly: self).map { .integer($0) } ?? .decimal(String(self)) }
    /// A whole number that fits.
    @inlinable
    public init?(sqlValue: SQLValue) {
        let read: Self? =
            switch sqlValue {
            case .integer(let value): Self(exactly: value)
            case .bool(let value): value ? 1 : 0
            case .decimal(let digits): Self(digits) ?? Self(SQLValue.withoutZeros(digits))
            case .double(let value): Self(exactly: value)
            default: nil
            }
        guard let read else { return nil }
        self = read
    }
}

extension Int: SQLConvertible {}
extension Int8: SQLConvertible {}
extension Int16: SQLConvertible {}
extension Int32: SQLConvertible {}
extension Int64: SQLConvertible {}
extension UInt: SQLConvertible {}
extension UInt8: SQLConvertible {}
extension UInt16: SQLConvertible {}
extension UInt32: SQLConvertible {}
extension UInt64: SQLConvertible {}

extension Double: SQLConvertible {
    /// A number with a binary fraction.
    public var sqlValue: SQLValue { .double(self) }
    /// A number of any kind.
    @inlinable
    public init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .double(let value): self = value
        case .integer(let value): self = Double(value)
        case .decimal(let digits):
            guard let value = Double(digits) else { return nil }
            self = value
        default: return nil
        }
    }
}

extension Float: SQLConvertible {
    /// A number with a binary fraction.
    public var sqlValue: SQLValue { .double(Double(self)) }
    /// A number of any kind.
    public init?(sqlValue: SQLValue) {
        guard let value = Double(sqlValue: sqlValue) else { return nil }
        self = Float(value)
    }
}

extension Bool: SQLConvertible {
    /// True or false.
    public var sqlValue: SQLValue { .bool(self) }
    /// True or false; databases keep them as 1 and 0.
    @inlinable
    public init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .bool(let value): self = value
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

extension Decimal: SQLConvertible {
    /// The digits.
    public var sqlValue: SQLValue { .decimal("\(self)") }
    /// A number of any kind; a double by its shortest digits.
    public init?(sqlValue: SQLValue) {
        let digits: String
        switch sqlValue {
        case .decimal(let text), .text(let text): digits = text
        case .integer(let value): digits = "\(value)"
        case .double(let value): digits = "\(value)"
        default: return nil
        }
        guard let value = Decimal(string: digits, locale: Locale(identifier: "en_US_POSIX")) else { return nil }
        self = value
    }
}

extension Date: SQLConvertible {
    /// An instant.
    public var sqlValue: SQLValue { .dateTime(self) }
    /// An instant, or a day's first one in UTC.
    public init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .dateTime(let date): self = date
        case .text(let text), .date(let text):
            guard let date = SQLDateText.date(text) else { return nil }
            self = date
        default: return nil
        }
    }
}

extension Data: SQLConvertible {
    /// Bytes.
    public var sqlValue: SQLValue { .binary([UInt8](self)) }
    /// Bytes.
    public init?(sqlValue: SQLValue) {
        guard case .binary(let bytes) = sqlValue else { return nil }
        self = Data(bytes)
    }
}

extension [UInt8]: SQLConvertible {
    /// Bytes.
    public var sqlValue: SQLValue { .binary(self) }
    /// Bytes.
    public init?(sqlValue: SQLValue) {
        guard case .binary(let bytes) = sqlValue else { return nil }
        self = bytes
    }
}

extension UUID: SQLConvertible {
    /// The text in lower case.
    public var sqlValue: SQLValue { .text(uuidString.lowercased()) }
    /// Text of 36 characters.
    public init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue, let id = UUID(uuidString: text) else { return nil }
        self = id
    }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    /// The value, or null.
    public var sqlValue: SQLValue { self?.sqlValue ?? .null }
    /// The value, or nil for null.
    @inlinable
    public init?(sqlValue: SQLValue) {
        if sqlValue.isNull {
            self = .none
        } else {
            guard let value = Wrapped(sqlValue: sqlValue) else { return nil }
            self = .some(value)
        }
    }
}

extension SQLConvertible where Self: RawRepresentable, RawValue: SQLConvertible {
    /// The raw value.
    public var sqlValue: SQLValue { rawValue.sqlValue }
    /// The case of a raw value.
    public init?(sqlValue: SQLValue) {
        guard let raw = RawValue(sqlValue: sqlValue), let value = Self(rawValue: raw) else { return nil }
        self = value
    }
}
