internal import Synchronization

/// Lets one `createIndexes` at a time work on a collection: one that asks for an index that is being built waits for it,
/// as in MongoDB.
final class IndexBuildQueue: Sendable {
    /// Who waits for the build on each collection that has one.
    private let waiting = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])

    func alone<R>(_ namespace: String, _ body: () async throws -> R) async rethrows -> R {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                if waiting[namespace]?.append(continuation) != nil { return false }
                waiting[namespace] = []
                return true
            }
            if isFree { continuation.resume() }
        }
        defer { passOn(namespace) }
        return try await body()
    }

    private func passOn(_ namespace: String) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard let queue = waiting[namespace], !queue.isEmpty else {
                waiting[namespace] = nil
                return nil
            }
            return waiting[namespace]?.removeFirst()
        }
        next?.resume()
    }
}
