internal import BSON
internal import MongoProtocol

/// What one slice of work may use: the snapshot it reads, and how long it may go on.
///
/// A slice runs on one thread under one reader and ends within milliseconds; then the caller gives the reader back and
/// goes on in another slice. So scans hold no snapshot for long, and cancelling or a deadline ends them promptly.
final class ExecutionContext {
    /// The snapshot of this slice.
    let reader: StorageReader
    /// The collections as of this slice.
    let catalog: CatalogSnapshot
    /// The database of the command.
    let database: String
    /// The instant that `$$NOW` and `$currentDate` stand for, the same through a command.
    let now: BSONDate
    private let limits: WorkLimits
    private var rows = 0
    private let sliceEnd: ContinuousClock.Instant

    init(
        reader: StorageReader, catalog: CatalogSnapshot, database: String, now: BSONDate, limits: WorkLimits,
        slice: Duration = .milliseconds(8)
    ) {
        self.reader = reader
        self.catalog = catalog
        self.database = database
        self.now = now
        self.limits = limits
        sliceEnd = .now + slice
    }

    /// Counts one row looked at. Every few dozen, since one may take a millisecond, it checks deadline and cancellation.
    /// - Returns: Whether the slice is used up, so that the source answers `.pause`.
    func countRow() throws -> Bool {
        rows += 1
        guard rows & 0x1F == 0 else { return false }
        try limits.check()
        return ContinuousClock.now >= sliceEnd
    }

    /// A source over another collection, as `$lookup` needs it. It pauses as every source does.
    func source(
        of collection: String, matching filter: BSONDocument, _ variables: ExpressionVariables
    ) throws -> any DocumentSource {
        try QueryPlanner.plan(
            FindPlanRequest(filter: filter, variables: variables), collection: catalog.collection(database, collection),
            now: now
        ).makeSource()
    }
}

/// When work has to stop: a deadline and the task's cancellation.
struct WorkLimits: Sendable {
    var deadline: ContinuousClock.Instant?
    var cancellation: CancellationFlag?

    /// Brings the deadline forward.
    mutating func shorten(to end: ContinuousClock.Instant) { deadline = deadline.map { min($0, end) } ?? end }

    /// - Throws: ``MongoError`` `MaxTimeMSExpired` (50) or `Interrupted` (11601).
    func check() throws {
        if let cancellation, cancellation.isCancelled {
            throw MongoError(.interrupted, "operation was interrupted")
        }
        if let deadline, ContinuousClock.now >= deadline {
            throw MongoError(.maxTimeMSExpired, "operation exceeded time limit")
        }
    }
}
