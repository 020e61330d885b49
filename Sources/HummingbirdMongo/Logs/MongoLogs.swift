internal import Foundation
public import Logging
internal import MongoProtocol
public import Nectar
public import ServiceLifecycle
internal import Synchronization

/// Writes log records into a collection, beside the requests and never in their way.
///
/// A record that is accepted waits in a queue of bounded length; one task writes the queue in batches, and tries again
/// while the database is away, for as long as the queue has room. What finds no room is dropped and counted. Nothing here
/// throws to who records: a log that fails never fails a request.
///
/// ```swift
/// let logs = MongoLogs(mongo.db["logs"])
/// router.addMiddleware { LogMiddleware(logs) }
/// let application = Application(router: router, services: [mongo, logs])
/// ```
public final class MongoLogs: Service {
    /// How much is kept, and for how long.
    public struct Options: Sendable {
        /// Records that may wait. With the database away, this is what survives its restart.
        public var capacity = 10_000
        /// Bytes of records that may wait.
        public var byteCapacity = 32 << 20
        /// Records in one command at most.
        public var batchSize = 500
        /// After what time records are removed; nil to keep them.
        public var retention: Duration? = .seconds(30 * 24 * 3600)
        /// How often expired records are looked for.
        public var sweepInterval: Duration = .seconds(60)
        /// How long the writer waits after a failure, doubled with each one up to 16 times this.
        public var retryInterval: Duration = .milliseconds(250)
        /// How long a stopping application waits for what is in the queue.
        public var closingTime: Duration = .seconds(5)
        /// What is left out of records.
        public var redaction = LogRedaction()

        /// The defaults.
        public init() {}
    }

    /// What has become of the records.
    public struct Statistics: Sendable, Hashable {
        /// Records taken into the queue.
        public var accepted = 0
        /// Records that are in the collection.
        public var written = 0
        /// Records that found the queue full, or that the database refuses for good.
        public var dropped = 0
        /// Records that wait.
        public var waiting = 0
        /// Commands that failed.
        public var failures = 0
    }

    struct State {
        var queue = LogQueue()
        var statistics = Statistics()
        /// Those who wait until a number of records is dealt with.
        var flushes: [(target: Int, continuation: CheckedContinuation<Void, Never>)] = []
        /// Records that are written or dropped after they were accepted.
        var settled = 0
        var wake: CheckedContinuation<Void, Never>?
        var isStopping = false
    }

    /// Where the records are.
    public let collection: MongoCollection
    /// How much is kept, and for how long.
    public let options: Options
    let state = Mutex(State())
    let logger: Logger
    /// The time of records; tests give their own.
    let now: @Sendable () -> BSONDate

    /// Makes the pipeline; records wait until ``run()`` is called, as the application does with its services.
    public convenience init(
        _ collection: MongoCollection, options: Options = Options(), logger: Logger = Logger(label: "mongo.logs")
    ) {
        self.init(
            collection, options: options, logger: logger,
            now: { BSONDate(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000)) })
    }

    init(
        _ collection: MongoCollection, options: Options, logger: Logger, now: @escaping @Sendable () -> BSONDate
    ) {
        self.collection = collection
        self.options = options
        self.logger = logger
        self.now = now
    }

    /// Takes a record, with an `_id` and, as its field `at`, the time, where it has none. Returns at once.
    /// - Returns: Whether there was room.
    @discardableResult
    public func record(_ fields: BSONDocument, at: Bool = true) -> Bool {
        var writer = BSONWriter(capacity: fields.byteCount + 48)
        if fields["_id"] == nil { writer.append("_id", .objectID(ObjectID())) }
        writer.append(elementsOf: fields)
        if at, fields["at"] == nil { writer.append("at", .date(now())) }
        let document = writer.finish()
        let (isTaken, wake) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard state.queue.count < options.capacity,
                state.queue.bytes + document.byteCount <= options.byteCapacity, !state.isStopping
            else {
                state.statistics.dropped += 1
                return (false, nil)
            }
            state.queue.append(document)
            state.statistics.accepted += 1
            defer { state.wake = nil }
            return (true, state.wake)
        }
        wake?.resume()
        return isTaken
    }

    /// Takes a record of something done: `{type: "activity", action: …}`.
    public func activity(_ action: String, requestID: String? = nil, _ fields: BSONDocument = [:]) {
        recordEvent("activity", [("action", .string(action))], requestID, fields)
    }

    /// Takes a record of something that failed: its type and code, without the values in its message.
    public func error(_ error: any Error, requestID: String? = nil, _ fields: BSONDocument = [:]) {
        var parts: [(String, BSONValue)] = [("error", .string(LogRedaction.name(of: error)))]
        if let code = (error as? MongoError)?.code?.rawValue { parts.append(("error_code", .int(Int(code)))) }
        recordEvent("error", parts, requestID, fields)
    }

    private func recordEvent(
        _ type: String, _ parts: [(String, BSONValue)], _ requestID: String?, _ fields: BSONDocument
    ) {
        var all: [(String, BSONValue)] = [("type", .string(type))] + parts
        if let requestID { all.append(("request_id", .string(requestID))) }
        all += options.redaction.redacted(fields).map { ($0.key, $0.value) }
        record(BSONDocument(fields: all))
    }

    /// What has become of the records until now.
    public var statistics: Statistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.waiting = state.queue.count
            return statistics
        }
    }

    /// Waits until the records accepted so far are written or given up.
    public func flush() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                let target = state.statistics.accepted
                guard state.settled < target else { return true }
                state.flushes.append((target, continuation))
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}
