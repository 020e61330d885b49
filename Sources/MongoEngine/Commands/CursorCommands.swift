internal import BSON
internal import MongoProtocol

/// Opening a cursor, its further batches, its end.
enum CursorCommands {
    private static let firstBatchSize = 101
    private static let batchBytes = 16 * 1024 * 1024 - 64 * 1024

    /// Runs a source to its first batch and keeps it as a cursor where more is to come.
    static func open(
        _ engine: Engine, _ invocation: Invocation, namespace: String, source: any DocumentSource,
        collection: CollectionDefinition?, batchSize: Int?, singleBatch: Bool, limit: Int? = nil
    ) async throws -> BSONDocument {
        let state = Cursor.State(source: source, collectionID: collection?.uuid)
        let work = SlicedWork(state)
        let size = batchSize ?? firstBatchSize
        let (batch, isLast) = try await fill(engine, invocation, work, size: size) {
            ReplyBatch("firstBatch", namespace)
        }
        var id: Int64 = 0
        let isComplete = limit.map { batch.count >= $0 } ?? false
        if !isLast, !singleBatch, !isComplete {
            work.state.timeLeft = timeLeft(until: invocation.timeLimit)
            let cursor = Cursor(
                id: engine.cursors.newID(), namespace: namespace, session: invocation.context.session?.id,
                now: invocation.now, work: work)
            engine.cursors.add(cursor)
            id = cursor.id
        }
        return batch.reply(id)
    }

    /// `getMore`: https://www.mongodb.com/docs/manual/reference/command/getMore/
    @Sendable static func getMore(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        guard let value = invocation.body["getMore"], let id = value.int64 else {
            throw MongoError(.typeMismatch, "BSON field 'getMore.getMore' must be a cursor's id, a long")
        }
        guard let name = try invocation.string("collection") else {
            throw MongoError(.missingField, "BSON field 'getMore.collection' is missing but a required field")
        }
        let size = try invocation.integer("batchSize", atLeast: 0)
        let namespace = "\(invocation.database).\(name)"
        let cursor = try engine.cursors.checkOut(id)
        defer { engine.cursors.checkIn(cursor) }
        guard cursor.namespace == namespace else {
            throw MongoError(
                .unauthorized,
                "Requested getMore on namespace '\(namespace)', but cursor belongs to a different namespace "
                    + cursor.namespace)
        }
        guard invocation.body["maxTimeMS"] == nil else {
            throw MongoError(.badValue, "cannot set maxTimeMS on getMore command for a non-awaitData cursor")
        }
        var invocation = invocation
        invocation.now = cursor.now
        let end = cursor.work.state.timeLeft.map { ContinuousClock.now + $0 }
        if let end { invocation.limits.shorten(to: end) }
        do {
            let (batch, isLast) = try await fill(
                engine, invocation, cursor.work, size: size.map { $0 == 0 ? Int.max : $0 } ?? Int.max,
                killed: cursor.cancellation
            ) { ReplyBatch("nextBatch", namespace) }
            if isLast { engine.cursors.remove(id) }
            cursor.work.state.timeLeft = timeLeft(until: end)
            return batch.reply(isLast ? 0 : id)
        } catch {
            engine.cursors.remove(id)
            throw error
        }
    }

    private static func timeLeft(until end: ContinuousClock.Instant?) -> Duration? {
        end.map { max(.zero, $0 - .now) }
    }

    /// `killCursors`: https://www.mongodb.com/docs/manual/reference/command/killCursors/
    @Sendable static func kill(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        guard let ids = invocation.body["cursors"]?.array else {
            throw MongoError(.missingField, "BSON field 'killCursors.cursors' is missing but a required field")
        }
        var killed: [BSONValue] = []
        var missing: [BSONValue] = []
        for value in ids {
            guard let id = value.int64 else {
                throw MongoError(.typeMismatch, "BSON field 'killCursors.cursors' holds something other than longs")
            }
            if engine.cursors.remove(id, namespace: "\(invocation.database).\(name)") {
                killed.append(.int64(id))
            } else {
                missing.append(.int64(id))
            }
        }
        return [
            "cursorsKilled": .array(BSONArray(killed)), "cursorsNotFound": .array(BSONArray(missing)),
            "cursorsAlive": [], "cursorsUnknown": [], "ok": 1.0,
        ]
    }

    /// Fills one batch over as many slices as it takes.
    private static func fill(
        _ engine: Engine, _ invocation: Invocation, _ work: SlicedWork<Cursor.State>, size: Int,
        killed: CancellationFlag? = nil, _ begin: @escaping @Sendable () -> ReplyBatch
    ) async throws -> (batch: ReplyBatch, isLast: Bool) {
        try await engine.slices(invocation, work) { state, context in
            try refuseIfDropped(state, context)
            let batch = state.batch ?? begin()
            state.batch = batch
            if let pending = state.pending {
                state.pending = nil
                pending.withRaw { batch.append($0) }
            }
            while batch.count < size {
                if let killed, killed.isCancelled { throw MongoError(.cursorKilled, "cursor was killed") }
                var overflow: BSONDocument?
                let step = try state.source.visit(context) { raw in
                    try DocumentRules.checkReturned(raw)
                    if batch.count > 0, batch.bytes + raw.count > batchBytes {
                        overflow = BSONDocument(raw, owner: nil)
                    } else {
                        batch.append(raw)
                    }
                }
                switch step {
                case .visited:
                    guard let overflow else { continue }
                    state.pending = overflow
                    return take(&state, batch)
                case .pause: return nil
                case .end:
                    state.isExhausted = true
                    return take(&state, batch)
                }
            }
            return take(&state, batch)
        }
    }

    private static func take(_ state: inout Cursor.State, _ batch: ReplyBatch) -> (batch: ReplyBatch, isLast: Bool) {
        state.batch = nil
        return (batch, state.isExhausted)
    }

    /// A collection that went away, or was made anew under its name, ends the cursors on it.
    private static func refuseIfDropped(_ state: Cursor.State, _ context: ExecutionContext) throws {
        guard let id = state.collectionID else { return }
        let collections = context.catalog.collections[context.database] ?? [:]
        guard collections.values.contains(where: { $0.uuid == id }) else {
            throw PlanOutdated()
        }
    }
}
