internal import BSON

/// One way through an index.
struct IndexAccess: Sendable {
    /// How the order of the keys serves a sort.
    enum Order: Sendable {
        /// Not at all.
        case none
        /// The keys come in the order of the sort.
        case sequential
        /// Each run of keys is in the order of the sort, and the runs are merged.
        case merged
    }

    let index: IndexDefinition
    let bounds: IndexBounds
    let order: Order
    let backward: Bool

    /// The scan over this path.
    func candidates() -> any CandidateScan {
        guard case .merged = order else { return SequentialCandidates([scan()], deduplicates: index.isMultikey) }
        let (runs, check) = bounds.runs(index)
        return MergedCandidates(
            runs.map { (KeyScan(index.table, [$0.range], descending: backward, check), $0.fixed) },
            descending: backward)
    }

    /// The runs of keys one after the other.
    func scan() -> KeyScan {
        let (runs, check) = bounds.runs(index)
        let ranges = runs.map(\.range)
        return KeyScan(index.table, backward ? ranges.reversed() : ranges, descending: backward, check)
    }
}

/// How a plan gets at its documents.
enum AccessPath: Sendable {
    /// There is no collection.
    case none
    /// One record, by the key of its `_id`.
    case point(id: BSONValue)
    /// All records in the order of their ids.
    case collection(backward: Bool)
    /// One index.
    case index(IndexAccess)
    /// An index for each branch of an `$or`.
    case union([IndexAccess])
}
