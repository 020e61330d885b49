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
        let batch = try await fill(engine, invocation, work, size: size)
        var id: Int64 = 0
        let isComplete = limit.map { batch.documents.count >= $0 } ?? false
        if !batch.isLast, !singleBatch, !isComplete {
            work.state.timeLeft = timeLeft(until: invocation.timeLimit)
            let cursor = Cursor(
                id: engine.cursors.newID(), namespace: namespace, session: invocation.context.session?.id,
                now: invocation.now, work: work)
            engine.cursors.add(cursor)
            id = cursor.id
        }
        return reply("firstBatch", batch.documents, id, namespace)
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
            let batch = try await fill(
                engine, invocation, cursor.work, size: size.map { $0 == 0 ? Int.max : $0 } ?? Int.max,
                killed: cursor.cancellation)
            if batch.isLast { engine.cursors.remove(id) }
            cursor.work.state.timeLeft = timeLeft(until: end)
            return reply("nextBatch", batch.documents, batch.isLast ? 0 : id, namespace)
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
        killed: CancellationFlag? = nil
    ) async throws -> (documents: [BSONDocument], isLast: Bool) {
        try await engine.slices(invocation, work) { state, context in
            try refuseIfDropped(state, context)
            while state.batch.count < size {
                if let killed, killed.isCancelled { throw MongoError(.cursorKilled, "cursor was killed") }
                let document: BSONDocument
                if let pending = state.pending {
                    document = pending
                    state.pending = nil
                } else {
                    switch try state.source.next(context) {
                    case .document(let next):
                        try DocumentRules.checkReturned(next)
                        document = next
                    case .pause: return nil
                    case .end:
                        state.isExhausted = true
                        return take(&state)
                    }
                }
                if !state.batch.isEmpty, state.batchBytes + document.byteCount > batchBytes {
                    state.pending = document
                    return take(&state)
                }
                state.batch.append(document)
                state.batchBytes += document.byteCount
            }
            return take(&state)
        }
    }

    private static func take(_ state: inout Cursor.State) -> (documents: [BSONDocument], isLast: Bool) {
        defer {
            state.batch = []
            state.batchBytes = 0
        }
        return (state.batch, state.isExhausted)
    }

    /// A collection that went away, or was made anew under its name, ends the cursors on it.
    private static func refuseIfDropped(_ state: Cursor.State, _ context: ExecutionContext) throws {
        guard let id = state.collectionID else { return }
        let collections = context.catalog.collections[context.database] ?? [:]
        guard collections.values.contains(where: { $0.uuid == id }) else {
            throw PlanOutdated()
        }
    }

    static func reply(
        _ field: String, _ documents: [BSONDocument], _ id: Int64, _ namespace: String
    ) -> BSONDocument {
        var writer = BSONWriter(capacity: documents.reduce(256) { $0 + $1.byteCount + 12 })
        writer.begin("cursor")
        writer.begin(field, .array)
        for (index, document) in documents.enumerated() { writer.append(String(index), .document(document)) }
        writer.end()
        writer.append("id", .int64(id))
        writer.append("ns", .string(namespace))
        writer.end()
        writer.append("ok", .double(1))
        return writer.finish()
    }
}
