/// Which rows around the current one a window function looks at: `.rows(.preceding(2), .currentRow)`.
public struct SQLFrame: Sendable, Hashable {
    /// Where a frame begins or ends.
    public enum Bound: Sendable, Hashable {
        /// At the partition's first row.
        case unboundedPreceding
        /// So many rows, or so much less in what they are sorted by, before the current one.
        case preceding(Int)
        /// At the current row; of a range, at those that are sorted alike.
        case currentRow
        /// So many rows, or so much more in what they are sorted by, behind the current one.
        case following(Int)
        /// At the partition's last row.
        case unboundedFollowing
    }

    private let unit: String
    private let start: Bound
    private let end: Bound

    /// From one row to another, counted.
    public static func rows(_ start: Bound, _ end: Bound = .currentRow) -> SQLFrame {
        SQLFrame(unit: "ROWS", start: start, end: end)
    }
    /// From one value to another of what the rows are sorted by.
    public static func range(_ start: Bound, _ end: Bound = .currentRow) -> SQLFrame {
        SQLFrame(unit: "RANGE", start: start, end: end)
    }

    func words() throws(SQLError) -> String {
        " \(unit) BETWEEN \(try Self.words(start)) AND \(try Self.words(end))"
    }

    /// MySQL prepares no statement with a parameter here, so the number stands in the text.
    private static func words(_ bound: Bound) throws(SQLError) -> String {
        switch bound {
        case .unboundedPreceding: return "UNBOUNDED PRECEDING"
        case .currentRow: return "CURRENT ROW"
        case .unboundedFollowing: return "UNBOUNDED FOLLOWING"
        case .preceding(let count), .following(let count):
            guard count >= 0 else { throw SQLError(.usage, "A frame of \(count) rows is not possible") }
            if case .preceding = bound { return "\(count) PRECEDING" }
            return "\(count) FOLLOWING"
        }
    }
}
