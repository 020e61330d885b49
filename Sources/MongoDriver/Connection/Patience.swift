internal import CSocket
internal import Synchronization

/// How long an exchange may hold its caller's thread, learnt from how quick the server has been.
///
/// The caller's thread is one of the few that all tasks share, so nobody waits longer than ``usual`` unless the server has
/// been quicker than that so often in a row that it will hardly be slower now. For that case there is ``trusting``, which is
/// not there to wait longer but to wait for less: where a limit ends before the kernel's next tick, each wait sets the
/// processor's timer and takes it back, a third of what a whole point read costs where the machine is a virtual one.
/// What a server can do with that trust is bounded thrice:
///
/// - One thread of the process at a time has it, and none where there is one processor: the others go on.
/// - It ends with the first answer that is slower than ``usual``, and takes some quick ones to come back: twice as many each
///   time that an answer took longer than ``tolerable``, so that a server that is slow now and then is not waited for.
/// - It reaches a millisecond past one tick, and where ticks are long it is not given.
struct Patience {
    /// How long to wait while nothing comes, in microseconds.
    static let usual = 200
    /// What an answer may take that is no reason for distrust: a busy machine is as slow at times.
    static let tolerable = 1_000
    /// How long to wait where the server is trusted; nil where nobody is.
    static let trusting: Int? = {
        let tick = Int(nectar_tick_microseconds())
        return tick > 0 && tick <= 4_000 && nectar_processor_count() > 1 ? tick + 1_000 : nil
    }()

    /// How many quick answers in a row trust takes, at first and at most, and how many halve that again.
    static let trust = (lowest: 16, highest: 1_024, halving: 256)
    /// A server that is farther away is asked this way now and then only.
    private static let tolerance = (misses: 4, skips: 32)
    /// Whether a thread of the process waits with trust.
    private static let isTaken = Atomic<Bool>(false)

    /// How often in a row the time was too short, and how often it was long enough.
    private var misses = 0
    private var hits = 0
    private var skipped = 0
    /// How many hits it takes to be trusted.
    private var needed = Self.trust.lowest

    /// Whether the server has earned trust.
    var isTrusted: Bool { hits >= needed }

    /// Takes the place of the one who may wait with trust; whoever got it leaves it.
    static func takeTrust() -> Bool {
        !isTaken.load(ordering: .relaxed) && !isTaken.exchange(true, ordering: .relaxed)
    }
    static func leaveTrust() { isTaken.store(false, ordering: .relaxed) }

    /// Whether an answer may come soon enough to be waited for.
    mutating func isWorthTrying() -> Bool {
        guard misses >= Self.tolerance.misses else { return true }
        skipped += 1
        guard skipped >= Self.tolerance.skips else { return false }
        skipped = 0
        return true
    }

    /// Learns of an exchange.
    /// - Parameter time: How long its answer took, in microseconds; nil where it was not there in time.
    mutating func learn(_ time: Int?) {
        if let time, time <= Self.usual {
            misses = 0
            hits += 1
            if hits.isMultiple(of: Self.trust.halving) { needed = max(needed / 2, Self.trust.lowest) }
        } else {
            if isTrusted, time.map({ $0 > Self.tolerable }) ?? true { needed = min(needed * 2, Self.trust.highest) }
            misses = time == nil ? misses + 1 : 0
            hits = 0
        }
    }
}
