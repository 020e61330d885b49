internal import BSON

/// A run of values in MongoDB's order, from `lower` to `upper`.
struct IndexInterval: Sendable {
    let lower: BSONValue
    let lowerInclusive: Bool
    let upper: BSONValue
    let upperInclusive: Bool
    /// Whether it holds one value only. Planning asks for it again and again.
    let isPoint: Bool

    init(_ lower: BSONValue, _ lowerInclusive: Bool, _ upper: BSONValue, _ upperInclusive: Bool) {
        (self.lower, self.lowerInclusive) = (lower, lowerInclusive)
        (self.upper, self.upperInclusive) = (upper, upperInclusive)
        isPoint = lowerInclusive && upperInclusive && Self.compare(lower, upper) == 0
    }

    private init(point value: BSONValue) {
        (lower, lowerInclusive, upper, upperInclusive, isPoint) = (value, true, value, true, true)
    }

    /// One value only.
    static func point(_ value: BSONValue) -> IndexInterval { IndexInterval(point: value) }
    /// Every value.
    static let all = IndexInterval(.minKey, true, .maxKey, true)

    /// Whether it holds every value.
    var isAll: Bool { lower.type == .minKey && upper.type == .maxKey && lowerInclusive && upperInclusive }
    /// Whether no value is in it.
    var isEmpty: Bool {
        if isPoint { return false }
        let order = Self.compare(lower, upper)
        return order > 0 || order == 0 && !(lowerInclusive && upperInclusive)
    }

    /// Orders two ends. Many are those of all values, which need no look at the other one.
    static func compare(_ a: BSONValue, _ b: BSONValue) -> Int {
        switch (a.type, b.type) {
        case (.minKey, .minKey), (.maxKey, .maxKey): 0
        case (.minKey, _), (_, .maxKey): -1
        case (.maxKey, _), (_, .minKey): 1
        default: BSONValue.compare(a, b)
        }
    }

    /// Whether it begins before another.
    func startsBefore(_ other: IndexInterval) -> Bool {
        let order = Self.compare(lower, other.lower)
        return order < 0 || order == 0 && lowerInclusive && !other.lowerInclusive
    }

    /// What both hold; nil where that is nothing.
    func intersection(_ other: IndexInterval) -> IndexInterval? {
        let start = startsBefore(other) ? other : self
        let order = Self.compare(upper, other.upper)
        let end = order < 0 || order == 0 && !upperInclusive ? self : other
        let both = IndexInterval(start.lower, start.lowerInclusive, end.upper, end.upperInclusive)
        return both.isEmpty ? nil : both
    }

    /// The bytes of this interval as a part of a compound key: from the first, up to and without the second. A nil end
    /// is open.
    func keys(after prefix: [UInt8], descending: Bool) -> (lower: [UInt8], upper: [UInt8]?) {
        var low = prefix
        var high = prefix
        KeyEncoding.append(descending ? upper : lower, to: &low, descending: descending)
        KeyEncoding.append(descending ? lower : upper, to: &high, descending: descending)
        let includesLow = descending ? upperInclusive : lowerInclusive
        let includesHigh = descending ? lowerInclusive : upperInclusive
        // Every encoding ends by itself, so the keys that begin with it are those of this value.
        if !includesLow { low = KeyBytes.successor(of: low) ?? low }
        return (low, includesHigh ? KeyBytes.successor(of: high) : high)
    }

    /// The interval as MongoDB's `explain` writes it; backwards, with its ends exchanged.
    func text(backward: Bool = false) -> String {
        let (first, last) = backward ? (upper, lower) : (lower, upper)
        let (opens, closes) = backward ? (upperInclusive, lowerInclusive) : (lowerInclusive, upperInclusive)
        return "\(opens ? "[" : "(")\(BoundsText.text(first)), \(BoundsText.text(last))\(closes ? "]" : ")")"
    }
}

/// Arithmetic on keys as bytes.
enum KeyBytes {
    /// The first key behind all that begin with these bytes; nil where there is none.
    static func successor(of key: [UInt8]) -> [UInt8]? {
        var key = key
        while let last = key.last {
            if last < 0xFF {
                key[key.count - 1] = last &+ 1
                return key
            }
            key.removeLast()
        }
        return nil
    }
}

/// Lists of intervals that are in order and do not touch.
enum IntervalList {
    /// Orders intervals and joins those that overlap.
    static func union(_ intervals: [IndexInterval]) -> [IndexInterval] {
        if intervals.count == 1, !intervals[0].isEmpty { return intervals }
        var joined: [IndexInterval] = []
        for next in intervals.filter({ !$0.isEmpty }).sorted(by: { $0.startsBefore($1) }) {
            guard let last = joined.last else {
                joined.append(next)
                continue
            }
            let gap = IndexInterval.compare(last.upper, next.lower)
            guard gap > 0 || gap == 0 && (last.upperInclusive || next.lowerInclusive) else {
                joined.append(next)
                continue
            }
            let order = IndexInterval.compare(last.upper, next.upper)
            let end = order > 0 || order == 0 && last.upperInclusive ? last : next
            joined[joined.count - 1] = IndexInterval(last.lower, last.lowerInclusive, end.upper, end.upperInclusive)
        }
        return joined
    }

    /// What is in both lists.
    static func intersection(_ a: [IndexInterval], _ b: [IndexInterval]) -> [IndexInterval] {
        if a.count == 1, a[0].isAll { return union(b) }
        if b.count == 1, b[0].isAll { return union(a) }
        var found: [IndexInterval] = []
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            if let both = a[i].intersection(b[j]) { found.append(both) }
            if IndexInterval.compare(a[i].upper, b[j].upper) < 0 { i += 1 } else { j += 1 }
        }
        // Of two that end at one value, both may reach into the other list's next.
        return union(found)
    }

    /// What is in no interval of the list.
    static func complement(_ intervals: [IndexInterval]) -> [IndexInterval] {
        var rest: [IndexInterval] = []
        var (start, inclusive) = (BSONValue.minKey, true)
        for interval in intervals {
            rest.append(IndexInterval(start, inclusive, interval.lower, !interval.lowerInclusive))
            (start, inclusive) = (interval.upper, !interval.upperInclusive)
        }
        rest.append(IndexInterval(start, inclusive, .maxKey, true))
        return rest.filter { !$0.isEmpty }
    }
}
