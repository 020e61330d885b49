internal import Synchronization

/// Whether a stream's first reply is due at once; taken once.
final class FirstReply: Sendable {
    private let isDue: Atomic<Bool>
    init(isDue: Bool) { self.isDue = Atomic(isDue) }
    func take() -> Bool { isDue.exchange(false, ordering: .relaxed) }
}
