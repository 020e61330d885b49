internal import Synchronization

/// Lets one task through at a time, in the order they came. A task that waits can be cancelled.
final class TaskGate: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [(number: Int, continuation: CheckedContinuation<Void, any Error>)] = []
        /// Tasks that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
        var last = 0
    }
    private let state = Mutex(State())

    /// Runs `body` when no other task is within.
    /// - Throws: `CancellationError` where the task is cancelled while it waits, or what `body` throws.
    nonisolated(nonsending) func pass<R>(_ body: nonisolated(nonsending) () async throws -> R) async throws -> R {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private nonisolated(nonsending) func enter() async throws {
        let number = state.withLock { state -> Int? in
            guard state.isTaken else {
                state.isTaken = true
                return nil
            }
            state.last += 1
            return state.last
        }
        guard let number else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(number, continuation)
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let index = state.waiting.firstIndex(where: { $0.number == number }) else {
                    state.cancelled.insert(number)
                    return nil
                }
                return state.waiting.remove(at: index).continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    private func wait(_ number: Int, _ continuation: CheckedContinuation<Void, any Error>) {
        enum Turn { case now, cancelled, later }
        let turn = state.withLock { state -> Turn in
            if state.cancelled.remove(number) != nil { return .cancelled }
            // Whoever was within may have left meanwhile.
            guard state.isTaken else {
                state.isTaken = true
                return .now
            }
            state.waiting.append((number, continuation))
            return .later
        }
        switch turn {
        case .now: continuation.resume()
        case .cancelled: continuation.resume(throwing: CancellationError())
        case .later: break
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }
}
