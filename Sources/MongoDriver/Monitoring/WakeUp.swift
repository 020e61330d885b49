internal import NIOCore
internal import Synchronization

/// Lets one task sleep until time is up, somebody wakes it, or it is cancelled.
final class WakeUp: Sendable {
    private struct State {
        var sleeper: CheckedContinuation<Void, Never>?
        var timer: Scheduled<Void>?
        var isWoken = false
    }
    private let state = Mutex(State())
    private let eventLoop: any EventLoop

    init(on eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Sleeps; at once awake where somebody called ``wake()`` since the last time.
    func sleep(for duration: Duration) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWoken = state.withLock { state in
                    if state.isWoken || Task.isCancelled {
                        state.isWoken = false
                        return true
                    }
                    state.sleeper = continuation
                    state.timer = eventLoop.scheduleTask(in: TimeAmount(duration)) { self.end(woken: false) }
                    return false
                }
                if isWoken { continuation.resume() }
            }
        } onCancel: {
            end(woken: true)
        }
    }

    /// Wakes the sleeper, or the next one.
    func wake() { end(woken: true) }

    private func end(woken: Bool) {
        let sleeper = state.withLock { state in
            let sleeper = state.sleeper
            if sleeper == nil, woken { state.isWoken = true }
            state.sleeper = nil
            state.timer?.cancel()
            state.timer = nil
            return sleeper
        }
        sleeper?.resume()
    }
}
