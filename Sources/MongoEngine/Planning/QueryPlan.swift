internal import BSON
internal import MongoProtocol

/// A chosen way to a read's documents: makes the sources that run it, and explains itself.
final class QueryPlan {
    /// What happens behind the filter.
    struct Window: Sendable {
        /// The sort that the access does not give by itself.
        let sort: SortOrder?
        let skip: Int
        let limit: Int?
        let allowDiskUse: Bool

        /// How many records have to be in order.
        var wanted: Int? { limit.map { $0.addingReportingOverflow(skip).overflow ? .max : $0 + skip } }
    }

    let collection: CollectionDefinition?
    let access: AccessPath
    let filter: CompiledFilter
    /// The conditions of the filter, for `explain`.
    let conditions: [FilterNode]
    /// The whole sort, whatever gives it.
    let order: SortOrder?
    /// Other ways that were judged worse.
    let rejected: [IndexAccess]
    let window: Window
    let projection: PlanProjection.Prepared?
    /// What the sources of this plan have looked at.
    let counters = PlanCounters()

    init(
        collection: CollectionDefinition?, access: AccessPath, filter: CompiledFilter, conditions: [FilterNode],
        order: SortOrder? = nil, rejected: [IndexAccess] = [], window: Window, projection: PlanProjection.Prepared?
    ) {
        (self.collection, self.access, self.filter, self.conditions) = (collection, access, filter, conditions)
        (self.order, self.rejected) = (order, rejected)
        (self.window, self.projection) = (window, projection)
    }

    /// Whether the plan reads one record by its `_id`, in microseconds.
    var isPointRead: Bool { if case .point = access { true } else { false } }

    /// The documents asked for: filtered, sorted, counted off and projected.
    func makeSource() -> any DocumentSource {
        PlannedDocuments(makeRecordSource(), projection?.apply, counters)
    }

    /// The records asked for, whole: filtered, sorted and counted off.
    func makeRecordSource() -> any RecordSource {
        var source = matchingRecords()
        if let sort = window.sort {
            source = SortedRecords(source, sort, limit: window.wanted, allowDiskUse: window.allowDiskUse)
        }
        if window.skip > 0 || window.limit != nil {
            source = RecordWindow(source, skip: window.skip, limit: window.limit)
        }
        return source
    }

    private func matchingRecords() -> any RecordSource {
        guard let collection else { return EmptyRecords() }
        switch access {
        case .none: return EmptyRecords()
        case .point(let id): return PointRecord(collection, KeyEncoding.key(of: id), counters)
        case .collection(let backward):
            return CollectionScan(collection.records, filter, descending: backward, counters)
        case .index(let access):
            return FetchScan(collection.records, access.candidates(), filter, counters)
        case .union(let branches):
            let candidates = SequentialCandidates(branches.map { $0.scan() }, deduplicates: true)
            return FetchScan(collection.records, candidates, filter, counters)
        }
    }
}
