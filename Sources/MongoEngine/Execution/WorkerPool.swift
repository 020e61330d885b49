internal import Dispatch

/// Threads for slices of work, as many at once as the machine has processors.
///
/// Reading blocks its thread for milliseconds, which Swift's own cooperative threads must not bear for long.
struct WorkerPool: Sendable {
    private let queue = DispatchQueue(label: "nectar.engine.workers", attributes: .concurrent)

    /// Runs one slice on a worker's thread.
    func run<R: Sendable, E: Error>(_ body: @escaping @Sendable () throws(E) -> R) async throws(E) -> R {
        let result = await withCheckedContinuation { (done: CheckedContinuation<Result<R, E>, Never>) in
            queue.async { done.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }
}
