internal import Dispatch

/// Threads for slices of work, as many at once as the machine has processors.
///
/// Reading blocks its thread for milliseconds, which Swift's own cooperative threads must not bear for long.
struct WorkerPool: Sendable {
    private let queue = DispatchQueue(label: "nectar.engine.workers", attributes: .concurrent)

    /// Runs one slice on a worker's thread.
    func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
