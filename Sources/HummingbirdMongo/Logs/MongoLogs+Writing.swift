internal import Logging
internal import MongoProtocol
internal import Nectar
internal import ServiceLifecycle
internal import Synchronization

extension MongoLogs {
    /// Writes what is recorded until the application stops, then what is left, for at most ``Options/closingTime``.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.write() }
            group.addTask { await self.sweep() }
            try? await gracefulShutdown()
            let wake = state.withLock { state in
                state.isStopping = true
                defer { state.wake = nil }
                return state.wake
            }
            wake?.resume()
            let limit = options.closingTime
            group.addTask { try? await Task.sleep(for: limit) }
            // The writer ends with an empty queue; the one that sleeps is the time limit. The sweeper ends when cancelled.
            await group.next()
            group.cancelAll()
        }
        settleRest()
    }

    /// Writes batch after batch until the service stops and nothing is left.
    private func write() async {
        var failures = 0
        while !Task.isCancelled {
            let batch = state.withLock { $0.queue.first(options.batchSize) }
            guard !batch.isEmpty else {
                guard await waitForRecords() else { return }
                continue
            }
            switch await insert(batch) {
            case .done(let refused):
                failures = 0
                settle(batch.count, dropped: refused)
            case .tryAgain(let error):
                if failures == 0 {
                    logger.error("Log records cannot be written; they wait", metadata: ["error": "\(error)"])
                }
                let wait = options.retryInterval * (1 << Swift.min(failures, 4))
                failures += 1
                state.withLock { $0.statistics.failures += 1 }
                try? await Task.sleep(for: wait)
            }
        }
    }

    private enum Outcome {
        case done(refused: Int)
        case tryAgain(any Error)
    }

    /// Inserts a batch. A record that is there already was written by a try whose answer was lost.
    private func insert(_ batch: [BSONDocument]) async -> Outcome {
        do {
            try await collection.insertMany(batch, ordered: false)
            return .done(refused: 0)
        } catch let error as MongoError where error.kind == .write {
            let refused = error.writeErrors.filter { $0.code != .duplicateKey }
            if !refused.isEmpty {
                let codes = Set(refused.map { "\($0.code.rawValue)" }).sorted().joined(separator: ", ")
                logger.error(
                    "Log records are refused", metadata: ["count": "\(refused.count)", "codes": "\(codes)"])
            }
            return .done(refused: refused.count)
        } catch let error as MongoError where error.kind == .usage {
            logger.error("Log records are refused", metadata: ["error": "\(error)"])
            return .done(refused: batch.count)
        } catch {
            return .tryAgain(error)
        }
    }

    /// Waits for a record.
    /// - Returns: False where the service stops and no more come.
    private func waitForRecords() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.queue.isEmpty || state.isStopping || Task.isCancelled { return true }
                    state.wake = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            let wake = state.withLock { state in
                defer { state.wake = nil }
                return state.wake
            }
            wake?.resume()
        }
        return state.withLock { !($0.isStopping && $0.queue.isEmpty) } && !Task.isCancelled
    }

    private func settle(_ count: Int, dropped: Int) {
        let ready = state.withLock { state in
            state.queue.removeFirst(count)
            state.settled += count
            state.statistics.written += count - dropped
            state.statistics.dropped += dropped
            let settled = state.settled
            defer { state.flushes.removeAll { $0.target <= settled } }
            return state.flushes.filter { $0.target <= settled }
        }
        for flush in ready { flush.continuation.resume() }
    }

    /// Gives up what is left at the end, and lets go who waits for it.
    private func settleRest() {
        let left = state.withLock { $0.queue.count }
        if left > 0 { logger.error("Log records are lost", metadata: ["count": "\(left)"]) }
        settle(left, dropped: left)
    }

    /// Removes expired records from time to time. An index by time makes that, and listings, cheap.
    private func sweep() async {
        guard let retention = options.retention else {
            // The group takes the first task that ends for the end.
            try? await Task.sleep(for: .seconds(Int32.max))
            return
        }
        var hasIndex = false
        while !Task.isCancelled {
            do {
                if !hasIndex { try await collection.createIndex(["at": 1]) }
                hasIndex = true
                try await removeExpired(retention)
            } catch {
                logger.debug("Expired log records were not removed", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: options.sweepInterval)
        }
    }

    /// Removes records older than a time.
    func removeExpired(_ retention: Duration) async throws {
        let age = Int64(clamping: Int(retention / .milliseconds(1)))
        let limit = now().millisecondsSince1970.subtractingReportingOverflow(age)
        try await collection.deleteMany(["at": ["$lt": .date(BSONDate(millisecondsSince1970: limit.partialValue))]])
    }
}
