internal import BSON

/// Judges the ways through indexes.
struct PlanSearch {
    /// A way through one index, and how much it costs about, in documents looked at.
    struct Candidate {
        let access: IndexAccess
        let cost: Double
    }

    let bounds: FilterBounds
    let sort: SortOrder?
    let hasLimit: Bool
    let isHinted: Bool

    /// How many documents a collection is taken to have; only ratios matter.
    private static let size = 10_000.0
    /// The most runs that a merge keeps open.
    private static let maximumMerge = 100

    /// The way through an index; nil where it would be no better than a scan of the collection.
    func candidate(_ index: IndexDefinition) -> Candidate? {
        let indexBounds = IndexBounds(index, bounds)
        let share = Self.share(index, indexBounds)
        let (order, backward) = sort.map { Self.order($0, index, indexBounds) } ?? (.none, false)
        var isSorting = sort != nil
        if case .none = order {} else { isSorting = false }
        let givesSort = sort != nil && !isSorting
        guard share < 0.9 || givesSort || isHinted else { return nil }
        var cost = share * Self.size + 1
        if isSorting { cost *= 1.5 }
        if givesSort, hasLimit { cost *= indexBounds.covered.count == bounds.conditions.count ? 0.1 : 0.5 }
        // Among equals the index with fewer parts is smaller, and one whose further parts say something is better.
        let bounded = Double(indexBounds.isBounded.count { $0 })
        cost += Double(index.parts.count) * 0.01 - bounded * 0.02
        return Candidate(
            access: IndexAccess(index: index, bounds: indexBounds, order: order, backward: backward), cost: cost)
    }

    /// An index for each branch of an `$or`; nil where a branch has none.
    func union(_ indexes: [IndexDefinition]) -> (branches: [IndexAccess], cost: Double)? {
        var best: (branches: [IndexAccess], cost: Double)?
        for branches in bounds.alternatives {
            let found = branches.compactMap { branch in
                let search = PlanSearch(bounds: FilterBounds(branch), sort: nil, hasLimit: false, isHinted: false)
                return indexes.compactMap { search.candidate($0) }.min { $0.cost < $1.cost }
            }
            guard found.count == branches.count, !found.isEmpty else { continue }
            let cost = found.reduce(0) { $0 + $1.cost } * (sort == nil ? 1 : 1.5)
            if cost < best?.cost ?? .infinity { best = (found.map(\.access), cost) }
        }
        return best
    }

    /// The share of an index that its bounds leave, about.
    private static func share(_ index: IndexDefinition, _ bounds: IndexBounds) -> Double {
        var share = 1.0
        for (number, intervals) in bounds.parts.enumerated() {
            guard !intervals.isEmpty else { return 0 }
            if intervals.allSatisfy(\.isPoint) {
                share *= min(1, 0.01 * Double(intervals.count))
                if index.isUnique, number == bounds.parts.count - 1 {
                    share = min(share, Double(intervals.count) / size)
                }
                continue
            }
            // Parts behind the first range narrow the scan too, but keys outside are met on the way.
            let behind = bounds.parts.dropFirst(number + 1).reduce(1.0) { $0 * weight($1) }
            return share * weight(intervals) * (0.5 + 0.5 * behind)
        }
        return share
    }

    private static func weight(_ intervals: [IndexInterval]) -> Double {
        min(1, intervals.reduce(0) { $0 + weight($1) })
    }

    private static func weight(_ interval: IndexInterval) -> Double {
        if interval.isPoint { return 0.01 }
        if interval.lower.type == .minKey || interval.upper.type == .maxKey { return interval.isAll ? 1 : 0.5 }
        let bracket = TypeBracket.bracket(of: interval.lower.type)
        guard let bracket else { return 0.3 }
        let openBelow = BSONValue.compare(interval.lower, bracket.lower) == 0
        let openAbove = BSONValue.compare(interval.upper, bracket.upper) == 0
        return openBelow && openAbove ? 0.6 : openBelow || openAbove ? 0.3 : 0.1
    }

    /// Whether the order of the keys, forward or backward, is that of the sort.
    private static func order(
        _ sort: SortOrder, _ index: IndexDefinition, _ bounds: IndexBounds
    ) -> (IndexAccess.Order, backward: Bool) {
        let single = bounds.parts.map { $0.count == 1 && $0[0].isPoint }
        if let backward = direction(sort, index, bounds, isFixed: single, from: 0) {
            return (.sequential, backward)
        }
        let points = bounds.pointParts
        let runs = bounds.parts.prefix(points).reduce(1) { ($0 &* min($1.count, 1000)) & 0xFFFF_FFFF }
        if !index.isMultikey, points > 0, runs > 0, runs <= maximumMerge,
            bounds.parts.dropFirst(points).first.map({ $0.count <= 1 }) ?? false,
            let backward = direction(sort, index, bounds, isFixed: single, from: points)
        {
            return (.merged, backward)
        }
        return (.none, false)
    }

    /// Whether the parts from `start` on give the sort, and in which direction; nil where they do not. Parts that are
    /// fixed to one value stand in no sort's way.
    private static func direction(
        _ sort: SortOrder, _ index: IndexDefinition, _ bounds: IndexBounds, isFixed: [Bool], from start: Int
    ) -> Bool? {
        let multikey = index.isMultikey
        func root(_ path: String) -> Substring { path.prefix { $0 != "." } }
        var backward: Bool?
        var place = start
        for wanted in sort.parts {
            if let own = index.parts.firstIndex(where: { $0.path == wanted.path }), isFixed[own], !multikey { continue }
            while place < index.parts.count, index.parts[place].path != wanted.path, isFixed[place] { place += 1 }
            guard place < index.parts.count, index.parts[place].path == wanted.path else { return nil }
            if multikey {
                // A document's place is that of its first key in the scan: bounds must leave out none of them.
                let own = root(wanted.path)
                guard bounds.parts[place].count == 1, bounds.parts[place][0].isAll,
                    !(0..<place).contains(where: { isFixed[$0] && root(index.parts[$0].path) == own })
                else { return nil }
            }
            let turned = index.parts[place].descending != wanted.descending
            guard backward == nil || backward == turned else { return nil }
            backward = turned
            place += 1
        }
        return backward ?? false
    }
}
