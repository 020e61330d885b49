internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The states of encoders that nobody uses: one of each thread, and those of threads that have ended.
final class SparePool<State: AnyObject>: @unchecked Sendable {
    #if canImport(Darwin)
        typealias ThreadExit = @convention(c) (UnsafeMutableRawPointer) -> Void
    #else
        typealias ThreadExit = @convention(c) (UnsafeMutableRawPointer?) -> Void
    #endif

    private let slot: pthread_key_t?
    /// The addresses of states that no thread has.
    private let others = Mutex<[UInt]>([])

    /// - Parameter threadExit: Is called with the state that a thread had, and calls ``add(_:)`` with it.
    init(threadExit: @escaping ThreadExit) {
        var key = pthread_key_t()
        slot = pthread_key_create(&key, threadExit) == 0 ? key : nil
    }

    /// The thread's state, or where an encoding around this one has it, another one or a new one.
    func take(_ make: () -> State) -> State {
        if let slot, let state = pthread_getspecific(slot) {
            pthread_setspecific(slot, nil)
            return Unmanaged<State>.fromOpaque(state).takeRetainedValue()
        }
        if let address = others.withLock({ $0.popLast() }), let state = UnsafeRawPointer(bitPattern: address) {
            return Unmanaged<State>.fromOpaque(state).takeRetainedValue()
        }
        return make()
    }

    /// Leaves a state to the next encoding.
    func giveBack(_ state: State) {
        let state = Unmanaged.passRetained(state).toOpaque()
        if let slot, pthread_getspecific(slot) == nil, pthread_setspecific(slot, state) == 0 { return }
        add(state)
    }

    /// Leaves a state to any thread. Without a state nothing happens.
    func add(_ state: UnsafeMutableRawPointer?) {
        guard let state else { return }
        let address = UInt(bitPattern: state)
        others.withLock { $0.append(address) }
    }
}
