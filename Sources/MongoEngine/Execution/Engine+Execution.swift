internal import BSON
internal import MongoProtocol

/// Work that goes on over several slices. One slice runs at a time, which is what makes it safe to hand on.
final class SlicedWork<State>: @unchecked Sendable {
    var state: State
    init(_ state: State) { self.state = state }
}

extension Engine {
    /// How long work may stay on the thread that asked for it.
    private static let firstSlice = Duration.milliseconds(1)

    /// Runs `body` in slices until it gives a result. The first slice runs here, the later ones on the workers.
    /// - Parameters:
    ///   - work: What the slices hand on; a cursor keeps it between commands too.
    ///   - body: Gives nil where its slice is used up and it wants another.
    func slices<State, R: Sendable>(
        _ invocation: Invocation, _ work: SlicedWork<State>,
        _ body: @escaping @Sendable (inout State, ExecutionContext) throws -> R?
    ) async throws -> R {
        if let result = try slice(invocation, Self.firstSlice, { try body(&work.state, $0) }) { return result }
        while true {
            let result = try await workers.run { [self] in
                do {
                    return try slice(invocation, .milliseconds(8)) { try body(&work.state, $0) }
                } catch let outdated as PlanOutdated {
                    throw outdated.error
                }
            }
            if let result { return result }
        }
    }

    /// Runs one slice on the calling thread.
    /// - Throws: ``PlanOutdated`` where a table is gone that the plan reads.
    func slice<R>(
        _ invocation: Invocation, _ length: Duration, _ body: (ExecutionContext) throws -> R
    ) throws -> R {
        try invocation.limits.check()
        try catalog.refreshIfReadOnly()
        // The catalog first: what it names was there before the snapshot, and can only have been dropped since.
        let known = catalog.current
        return try readingTables {
            try storage.read { reader in
                try CurrentWork.$limits.withValue(invocation.limits) {
                    try body(
                        ExecutionContext(
                            reader: reader, catalog: known, database: invocation.database, now: invocation.now,
                            limits: invocation.limits, slice: length))
                }
            }
        }
    }

    private func readingTables<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as StorageError where error.kind == .missing {
            throw PlanOutdated()
        }
    }

    /// The exact number of a collection's documents; where it is not known yet, they are counted on a worker.
    func count(_ invocation: Invocation, _ collection: CollectionDefinition) async throws -> Int {
        try invocation.limits.check()
        if let known = storage.knownCount(collection.records) { return known }
        return try await workers.run { [self] in
            try readingTables { try storage.count(collection.records, by: collection.idIndex.table) }
        }
    }

    /// Runs `body` in one write transaction; what it changes in the catalog shows once it is committed.
    /// - Parameter durability: What the write waits for; what the command's write concern asks where nil.
    func write<R: Sendable>(
        _ invocation: Invocation, durability: Durability? = nil,
        _ body: @escaping @Sendable (WriteTransaction) throws -> R
    ) async throws -> R {
        let limits = invocation.limits
        let database = invocation.database
        let now = invocation.now
        return try await catalog.write(durability: durability ?? invocation.durability) { writer, draft in
            try limits.check()
            return try CurrentWork.$limits.withValue(limits) {
                try body(
                    WriteTransaction(
                        writer: writer, draft: draft, database: database, now: now, limits: limits))
            }
        }
    }
}
