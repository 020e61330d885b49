internal import BSON

/// What the parts of a key have to be behind the part that the runs of a scan are narrowed by.
///
/// A scan that meets a key outside goes straight to the next one that may be inside.
struct KeyCheck: Sendable {
    /// Where a key stands.
    enum Place {
        case inside
        /// Outside; nothing up to this key is inside.
        case before([UInt8])
        /// Outside, and so is all that comes.
        case behindAll
    }

    /// One part of the key: the runs of bytes that it may have, in order, none where it may be anything.
    private struct Part: Sendable {
        let ranges: [(lower: [UInt8], upper: [UInt8]?)]
        let descending: Bool
    }

    private let parts: [Part]
    private let first: Int

    /// - Parameter first: The first part to check; nil is returned where no part from there on is bounded.
    init?(_ index: IndexDefinition, _ bounds: [[IndexInterval]], from first: Int) {
        guard let last = bounds.lastIndex(where: { !$0.contains(where: \.isAll) }), last >= first else { return nil }
        self.first = first
        parts = zip(index.parts, bounds).prefix(last + 1).map { part, intervals in
            guard !intervals.contains(where: \.isAll) else { return Part(ranges: [], descending: part.descending) }
            let ordered = part.descending ? intervals.reversed() : intervals
            return Part(
                ranges: ordered.map { $0.keys(after: [], descending: part.descending) }, descending: part.descending)
        }
    }

    /// Where a key stands for a scan that goes up, or backward.
    func place(of key: UnsafeRawBufferPointer, backward: Bool) -> Place {
        var start = 0
        for (number, part) in parts.enumerated() {
            guard let end = KeyEncoding.end(ofValueIn: key, from: start, descending: part.descending) else {
                return .inside
            }
            if number >= first, !part.ranges.isEmpty {
                let value = UnsafeRawBufferPointer(rebasing: key[start..<end])
                let place = backward ? Self.placeDown(value, part) : Self.placeUp(value, part)
                switch place {
                case .inside: break
                case .before(let next): return .before(Array(key[..<start]) + next)
                case .behindAll:
                    // What stands before this part has to change.
                    let prefix = Array(key[..<start])
                    if backward { return start == 0 ? .behindAll : .before(prefix) }
                    return KeyBytes.successor(of: prefix).map { Place.before($0) } ?? .behindAll
                }
            }
            start = end
        }
        return .inside
    }

    private static func placeUp(_ value: UnsafeRawBufferPointer, _ part: Part) -> Place {
        var (low, high) = (0, part.ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if let upper = part.ranges[middle].upper, !precedes(value, upper) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < part.ranges.count else { return .behindAll }
        let range = part.ranges[low]
        return precedes(value, range.lower) ? .before(range.lower) : .inside
    }

    private static func placeDown(_ value: UnsafeRawBufferPointer, _ part: Part) -> Place {
        var (low, high) = (0, part.ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if precedes(value, part.ranges[middle].lower) { high = middle } else { low = middle + 1 }
        }
        guard low > 0 else { return .behindAll }
        if let upper = part.ranges[low - 1].upper, !precedes(value, upper) { return .before(upper) }
        return .inside
    }

    private static func precedes(_ value: UnsafeRawBufferPointer, _ other: [UInt8]) -> Bool {
        value.lexicographicallyPrecedes(other)
    }
}
