internal import BSON

/// The intervals that a filter leaves of each part of an index.
struct IndexBounds: Sendable {
    /// The most ranges that a scan visits one by one; past that it scans what they span.
    static let maximumRanges = 1000

    /// For each part of the key, the values that may match.
    private(set) var parts: [[IndexInterval]]
    /// The conditions of the filter that need no further check.
    private(set) var covered: Set<Int> = []
    /// Which parts the filter says something about.
    private(set) var isBounded: [Bool]

    /// The bounds of a filter on an index.
    init(_ index: IndexDefinition, _ filter: FilterBounds) {
        parts = Array(repeating: [.all], count: index.parts.count)
        isBounded = Array(repeating: false, count: index.parts.count)
        var bounded: [(root: Substring, element: [Int]?)] = []
        for (number, part) in index.parts.enumerated() {
            let about = filter.statements.filter { $0.path == part.path }
            guard !about.isEmpty else { continue }
            guard index.isMultikey else {
                take(about, number)
                continue
            }
            // Each statement may be met by another element of an array: one of them narrows the scan, except that an
            // $elemMatch speaks of one element throughout.
            let root = part.path.prefix { $0 != "." }
            let usable = about.filter { statement in
                bounded.allSatisfy {
                    $0.root != root || $0.element != nil && $0.element == statement.element
                }
            }
            let groups = Dictionary(grouping: usable.enumerated()) { Group($0.element, $0.offset) }.values.map {
                $0.sorted { $0.offset < $1.offset }
            }
            let ranked = groups.map { group in
                let statements = group.map(\.element)
                return (statements, Self.rank(Self.meet(statements)), group.first?.offset ?? 0)
            }
            guard let best = ranked.min(by: { ($0.1, $0.2) < ($1.1, $1.2) }) else { continue }
            take(best.0, number)
            bounded.append((root, best.0.first?.element))
        }
    }

    /// What may be intersected: statements of one `$elemMatch`, or one statement alone.
    private struct Group: Hashable {
        let element: [Int]?
        let single: Int
        init(_ statement: FilterBounds.Statement, _ offset: Int) {
            element = statement.element
            single = statement.element == nil ? offset : -1
        }
    }

    private mutating func take(_ statements: [FilterBounds.Statement], _ part: Int) {
        parts[part] = Self.meet(statements)
        isBounded[part] = true
        for statement in statements where statement.isWhole { covered.insert(statement.condition) }
    }

    private static func meet(_ statements: [FilterBounds.Statement]) -> [IndexInterval] {
        statements.reduce([.all]) { IntervalList.intersection($0, $1.bounds.intervals) }
    }

    /// How much intervals leave: lower is less.
    private static func rank(_ intervals: [IndexInterval]) -> Int {
        if intervals.allSatisfy(\.isPoint) { return intervals.count }
        return intervals.contains(where: \.isAll) ? 1_000_000 : 100_000
    }

    /// Whether some part can hold no value, so that nothing matches.
    var isEmpty: Bool { parts.contains(where: \.isEmpty) }

    /// How many leading parts hold single values.
    var pointParts: Int { parts.prefix { $0.allSatisfy(\.isPoint) }.count }

    /// The bounds as `explain` shows them.
    func document(_ index: IndexDefinition, backward: Bool) -> BSONDocument {
        var writer = BSONWriter()
        for (part, intervals) in zip(index.parts, parts) {
            let turned = part.descending != backward
            let list = turned ? intervals.reversed() : intervals
            writer.append(part.path, .array(BSONArray(list.map { .string($0.text(backward: turned)) })))
        }
        return writer.finish()
    }

    /// A run of keys, and how many bytes of each are fixed by single values.
    struct Run: Sendable {
        let range: KeyRange
        let fixed: Int
    }

    /// The runs of keys to scan, in the order of the index: a run for each combination of single values, narrowed by
    /// the first part that has ranges; and what is to be checked of the parts behind it.
    func runs(_ index: IndexDefinition) -> (runs: [Run], check: KeyCheck?) {
        guard !isEmpty else { return ([], nil) }
        var prefixes: [[UInt8]] = [[]]
        for (number, (part, intervals)) in zip(index.parts, parts).enumerated() {
            let ordered = part.descending ? intervals.reversed() : intervals
            let (total, overflow) = prefixes.count.multipliedReportingOverflow(by: ordered.count)
            if overflow || total > Self.maximumRanges {
                guard let first = ordered.first, let last = ordered.last else { return ([], nil) }
                let (low, high) = part.descending ? (last, first) : (first, last)
                let span = IndexInterval(low.lower, low.lowerInclusive, high.upper, high.upperInclusive)
                return (
                    prefixes.map { Self.run($0, span, part.descending) }, KeyCheck(index, parts, from: number)
                )
            }
            if ordered.allSatisfy(\.isPoint) {
                prefixes = prefixes.flatMap { prefix in
                    ordered.map { interval in
                        var key = prefix
                        KeyEncoding.append(interval.lower, to: &key, descending: part.descending)
                        return key
                    }
                }
            } else {
                let runs = prefixes.flatMap { prefix in ordered.map { Self.run(prefix, $0, part.descending) } }
                return (runs, KeyCheck(index, parts, from: number + 1))
            }
        }
        let runs = prefixes.map {
            Run(
                range: KeyRange(lower: $0, upper: KeyBytes.successor(of: $0), upperInclusive: false), fixed: $0.count)
        }
        return (runs, nil)
    }

    private static func run(_ prefix: [UInt8], _ interval: IndexInterval, _ descending: Bool) -> Run {
        let keys = interval.keys(after: prefix, descending: descending)
        if prefix.isEmpty, interval.isAll { return Run(range: .all, fixed: 0) }
        return Run(range: KeyRange(lower: keys.lower, upper: keys.upper, upperInclusive: false), fixed: prefix.count)
    }
}
