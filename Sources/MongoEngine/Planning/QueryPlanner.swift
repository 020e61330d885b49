internal import BSON
internal import MongoProtocol

/// Chooses how a read gets at its documents.
///
/// It estimates from the filter alone how much of an index each way looks at: an equality leaves little, a range more,
/// and a sort that no index gives costs on top. Every document found is checked against the whole filter, so a choice
/// changes the speed and never the answer.
enum QueryPlanner {
    /// - Throws: MongoDB's errors for what is wrong with filter, sort, projection or hint.
    static func plan(
        _ request: FindPlanRequest, collection: CollectionDefinition?, now: BSONDate
    ) throws -> QueryPlan {
        if let collection, request.hint == nil, let id = pointID(request.filter) {
            // Nothing is left to check, so the filter is compiled for a projection only, which may refer to it.
            let window = try windowOf(request, sort: nil)
            _ = try SortOrder.parse(request.sort["$natural"] == nil ? request.sort : [:])
            return QueryPlan(
                collection: collection, access: .point(id: id), filter: CompiledFilter(.and([])), conditions: [],
                window: window,
                projection: try PlanProjection.make(request, now) {
                    try CompiledFilter.compile(request.filter, now: now, variables: request.variables)
                })
        }
        let filter = try CompiledFilter.compile(request.filter, now: now, variables: request.variables)
        var natural: Bool?
        var sort = request.sort
        if let direction = sort["$natural"] {
            guard let sign = direction.int64, sign == 1 || sign == -1, sort.keys.count == 1 else {
                throw MongoError(.badValue, "$natural sort cannot be set to a value other than -1 or 1.")
            }
            natural = sign < 0
            sort = [:]
        }
        let order = try SortOrder.parse(sort)
        let projection = try PlanProjection.make(request, now) { filter }
        let bounds = FilterBounds(filter.node)
        func plan(_ access: AccessPath, sorted: Bool, rejected: [IndexAccess] = []) throws -> QueryPlan {
            QueryPlan(
                collection: collection, access: access, filter: filter, conditions: bounds.conditions, order: order,
                rejected: rejected, window: try windowOf(request, sort: sorted ? nil : order), projection: projection)
        }
        guard let collection else { return try plan(.none, sorted: true) }
        var indexes = collection.readyIndexes
        switch try hinted(request.hint, collection) {
        case .none: break
        case .natural(let backward): natural = backward
        case .index(let index): indexes = [index]
        }
        if let natural { return try plan(.collection(backward: natural), sorted: order == nil) }
        let search = PlanSearch(
            bounds: bounds, sort: order, hasLimit: (request.limit ?? 0) > 0, isHinted: request.hint != nil)
        let ranked = indexes.compactMap { search.candidate($0) }.enumerated().sorted {
            ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset)
        }.map(\.element)
        let best = ranked.first
        if request.hint == nil, let union = search.union(indexes), union.cost < best?.cost ?? .infinity {
            return try plan(.union(union.branches), sorted: order == nil, rejected: ranked.map(\.access))
        }
        guard let best else { return try plan(.collection(backward: false), sorted: order == nil) }
        var isSorted = true
        if order != nil, case .none = best.access.order { isSorted = false }
        return try plan(.index(best.access), sorted: isSorted, rejected: ranked.dropFirst().map(\.access))
    }

    /// The value of a filter that asks for one `_id` and nothing else.
    static func pointID(_ filter: BSONDocument) -> BSONValue? {
        var fields = filter.makeIterator()
        guard let field = fields.next(), field.key == "_id", fields.next() == nil else { return nil }
        func plain(_ value: BSONValue) -> BSONValue? {
            switch value.type {
            case .regularExpression, .array, .null, .undefined: nil
            default: value
            }
        }
        guard case .document(let operators) = field.value else { return plain(field.value) }
        var inner = operators.makeIterator()
        guard let first = inner.next(), first.key.hasPrefix("$") else { return field.value }
        return first.key == "$eq" && inner.next() == nil ? plain(first.value) : nil
    }

    private static func windowOf(_ request: FindPlanRequest, sort: SortOrder?) throws -> QueryPlan.Window {
        guard request.skip >= 0 else {
            throw MongoError(.badValue, "Skip value must be non-negative, but received: \(request.skip)")
        }
        let limit = request.limit.flatMap { $0 == 0 ? nil : $0 }
        if let limit, limit < 0 {
            throw MongoError(.badValue, "Limit value must be non-negative, but received: \(limit)")
        }
        return QueryPlan.Window(sort: sort, skip: request.skip, limit: limit, allowDiskUse: request.allowDiskUse)
    }

    private enum Hint {
        case none
        case natural(backward: Bool)
        case index(IndexDefinition)
    }

    private static func hinted(_ hint: BSONValue?, _ collection: CollectionDefinition) throws -> Hint {
        let found: IndexDefinition?
        switch hint {
        case nil: return .none
        case .string(let name): found = collection.readyIndexes.first { $0.name == name }
        case .document(let pattern):
            if pattern.isEmpty { return .none }
            if let direction = pattern["$natural"] {
                guard let sign = direction.int64, sign == 1 || sign == -1 else {
                    throw MongoError(.badValue, "$natural hint must be 1 or -1")
                }
                return .natural(backward: sign < 0)
            }
            let parts = pattern.map {
                IndexDefinition.Part(path: $0.key, descending: ($0.value.double ?? 1) < 0)
            }
            found = collection.readyIndexes.first { $0.parts == parts }
        default: throw MongoError(.failedToParse, "Hint must be a string or an object")
        }
        guard let found else {
            throw MongoError(
                .badValue,
                "error processing query: ns=\(collection.namespace) planner returned error :: caused by :: "
                    + "hint provided does not correspond to an existing index")
        }
        return .index(found)
    }
}

/// The projection of a plan.
enum PlanProjection {
    /// A projection as the plan applies it and as `explain` names it.
    struct Prepared: Sendable {
        let document: BSONDocument
        let apply: @Sendable (BSONDocument) throws -> BSONDocument
        /// Whether it takes or leaves fields of the top level only.
        let isSimple: Bool
    }

    static func make(
        _ request: FindPlanRequest, _ now: BSONDate, filter: () throws -> CompiledFilter
    ) throws -> Prepared? {
        let projection = request.projection
        guard !projection.isEmpty else { return nil }
        let compiled = try Projection.compile(
            projection, filter: try filter(), now: now, variables: request.variables)
        let isSimple = projection.allSatisfy { key, value in
            !key.contains(".") && (value.isNumber || value.type == .bool)
        }
        return Prepared(document: projection, apply: { try compiled.apply($0) }, isSimple: isSimple)
    }
}
