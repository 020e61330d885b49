/// What a column holds.
public enum ColumnType: Sendable, Hashable {
    /// A whole number of 32 bits.
    case integer
    /// A whole number of 64 bits.
    case bigInteger
    /// A number with a binary fraction.
    case double
    /// A number of `precision` decimal digits, `scale` of them after the point.
    case numeric(precision: Int, scale: Int)
    /// Text of at most so many characters.
    case string(Int)
    /// Text of any length.
    case text
    /// True or false.
    case boolean
    /// A day.
    case date
    /// An instant, in UTC, to the microsecond.
    case dateTime
    /// A JSON text.
    case json
    /// Bytes.
    case binary
    /// One of some texts.
    case enumeration([String])

    /// A number of `precision` decimal digits, `scale` of them after the point.
    public static func numeric(_ precision: Int, _ scale: Int) -> ColumnType {
        .numeric(precision: precision, scale: scale)
    }

    /// The texts of an enum's cases.
    public static func enumeration<E: CaseIterable & RawRepresentable<String>>(_ type: E.Type) -> ColumnType {
        .enumeration(E.allCases.map(\.rawValue))
    }
}
