internal import BSON
internal import MongoProtocol

/// What an update or delete is aimed at.
struct WriteTarget: Sendable {
    let collection: String
    let request: FindPlanRequest
}

/// A document that is to be changed, as the write transaction sees it.
struct WriteMatch {
    let record: RecordID
    let document: BSONDocument
    let collection: CollectionDefinition
    /// The place of the array element that the filter matched, for the positional `$`.
    let arrayIndex: Int?
}

extension Engine {
    /// How many documents one transaction changes before other writers get their turn.
    private static let chunk = 500

    /// Changes the first document that matches, or all of them.
    ///
    /// Matching reads in slices outside the write transaction, so that a scan keeps no writer waiting; inside it each
    /// match is read and tested again, and one that changed meanwhile is looked for anew.
    /// - Returns: How many documents matched.
    func modify(
        _ invocation: Invocation, _ target: WriteTarget, multi: Bool,
        _ change: @escaping @Sendable (WriteTransaction, WriteMatch) throws -> Void
    ) async throws -> Int {
        if multi { return try await modifyAll(invocation, target, change) }
        return try await modifyFirst(invocation, target) { transaction, match in
            guard let match else { return 0 }
            try change(transaction, match)
            return 1
        }
    }

    /// Hands the first document that matches, or nil, to `change` inside the write transaction.
    func modifyFirst<R: Sendable>(
        _ invocation: Invocation, _ target: WriteTarget,
        _ change: @escaping @Sendable (WriteTransaction, WriteMatch?) throws -> R
    ) async throws -> R {
        let filter = try CompiledFilter.compile(
            target.request.filter, now: invocation.now, variables: target.request.variables)
        let isPoint = try plan(invocation, target, catalog.current).isPointRead
        var attempts = 0
        while !isPoint, attempts < 3 {
            attempts += 1
            let found = try await candidates(invocation, target, limit: 1)
            let outcome = try await write(invocation) { transaction -> R? in
                guard let record = found.first else { return try change(transaction, nil) }
                guard let match = try Self.match(record, target, filter, transaction) else { return nil }
                return try change(transaction, match)
            }
            if let outcome { return outcome }
        }
        // By `_id` the search is as cheap as the write; elsewhere others keep changing what was found.
        return try await write(invocation) { transaction in
            var request = target.request
            request.limit = 1
            let plan = try QueryPlanner.plan(
                request, collection: transaction.collection(target.collection), now: invocation.now)
            let context = transaction.context
            let source = plan.makeRecordSource()
            guard let record = try Self.next(source, context) else { return try change(transaction, nil) }
            return try change(transaction, try Self.match(record, target, filter, transaction))
        }
    }

    private func modifyAll(
        _ invocation: Invocation, _ target: WriteTarget,
        _ change: @escaping @Sendable (WriteTransaction, WriteMatch) throws -> Void
    ) async throws -> Int {
        let filter = try CompiledFilter.compile(
            target.request.filter, now: invocation.now, variables: target.request.variables)
        let found = try await candidates(invocation, target, limit: nil)
        var count = 0
        var start = 0
        while start < found.count {
            let part = found[start..<min(start + Self.chunk, found.count)]
            count += try await write(invocation) { transaction in
                var matched = 0
                for record in part {
                    guard let match = try Self.match(record, target, filter, transaction) else { continue }
                    try change(transaction, match)
                    matched += 1
                }
                return matched
            }
            start += Self.chunk
        }
        return count
    }

    private func plan(
        _ invocation: Invocation, _ target: WriteTarget, _ catalog: CatalogSnapshot
    ) throws -> QueryPlan {
        try QueryPlanner.plan(
            target.request, collection: catalog.collection(invocation.database, target.collection),
            now: invocation.now)
    }

    /// The records that match as of now, in the request's order.
    private func candidates(
        _ invocation: Invocation, _ target: WriteTarget, limit: Int?
    ) async throws -> [RecordID] {
        var attempts = 0
        while true {
            do {
                return try await candidatesOnce(invocation, target, limit: limit)
            } catch let outdated as PlanOutdated {
                // Only the search is run again: earlier statements of the command are done.
                attempts += 1
                if attempts == 10 { throw outdated.error }
            }
        }
    }

    private func candidatesOnce(
        _ invocation: Invocation, _ target: WriteTarget, limit: Int?
    ) async throws -> [RecordID] {
        let source = try plan(invocation, target, catalog.current).makeRecordSource()
        return try await slices(invocation, SlicedWork((source, [RecordID]()))) { state, context in
            while limit.map({ state.1.count < $0 }) ?? true {
                switch try state.0.next(context) {
                case .record(let record, _): state.1.append(record)
                case .pause: return nil
                case .end: return state.1
                }
            }
            return state.1
        }
    }

    private static func next(_ source: any RecordSource, _ context: ExecutionContext) throws -> RecordID? {
        while true {
            switch try source.next(context) {
            case .record(let record, _): return record
            case .pause: continue
            case .end: return nil
            }
        }
    }

    private static func match(
        _ record: RecordID, _ target: WriteTarget, _ filter: CompiledFilter, _ transaction: WriteTransaction
    ) throws -> WriteMatch? {
        guard let collection = transaction.collection(target.collection),
            let document = try transaction.document(record, in: collection)
        else { return nil }
        let (matched, arrayIndex) = try document.withRaw { try filter.matchWithArrayIndex($0) }
        guard matched else { return nil }
        return WriteMatch(record: record, document: document, collection: collection, arrayIndex: arrayIndex)
    }
}
