/// A part of a day or an instant.
public enum SQLDatePart: String, Sendable, CaseIterable {
    /// The year.
    case year = "%Y"
    /// The month, from 1.
    case month = "%m"
    /// The day of the month, from 1.
    case day = "%d"
    /// The hour, from 0 to 23.
    case hour = "%H"
    /// The minute.
    case minute = "%M"
    /// The second, without its fraction.
    case second = "%S"

    /// MySQL's word; the raw value is SQLite's.
    var word: String { "\(self)".uppercased() }
}

extension SQLExpression {
    /// The database's time, an instant.
    public static var now: SQLExpression { SQLExpression(.now(.dateTime)) }
    /// The database's day, in UTC.
    public static var today: SQLExpression { SQLExpression(.now(.date)) }
    /// A part of a day or an instant, as a whole number.
    public func part(_ part: SQLDatePart) -> SQLExpression { SQLExpression(.part(self, part)) }
}

extension SQLDialect {
    /// The words for the time of the statement; nil for a type that is neither a day nor an instant.
    func now(_ type: ColumnType) -> String? {
        switch (type, family) {
        case (.dateTime, .sqlite): "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"
        case (.dateTime, .mysql): "CURRENT_TIMESTAMP(6)"
        case (.date, .sqlite): "CURRENT_DATE"
        case (.date, .mysql): "(CURRENT_DATE)"
        default: nil
        }
    }
}
