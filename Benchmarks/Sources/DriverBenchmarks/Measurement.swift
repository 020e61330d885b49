import Foundation

/// What a call takes, in microseconds: of time, and of the processor for this process (user and system).
struct Cost {
    var time = Double.infinity
    var processor = Double.infinity

    /// The best of several rounds, which other load disturbs least.
    mutating func improve(by other: Cost) {
        time = min(time, other.time)
        processor = min(processor, other.processor)
    }
}

/// Measures `calls` calls that `body` makes.
func measure(_ calls: Int, _ body: () async throws -> Void) async rethrows -> Cost {
    let (start, used) = (ContinuousClock.now, processorTime())
    try await body()
    let processor = processorTime() - used
    return Cost(
        time: (ContinuousClock.now - start) / .microseconds(1) / Double(calls), processor: processor / Double(calls))
}

#if canImport(Darwin)
    private let own = RUSAGE_SELF
#else
    private let own = __rusage_who_t(RUSAGE_SELF.rawValue)
#endif

/// The processor time of this process, all its threads, in microseconds.
private func processorTime() -> Double {
    var usage = rusage()
    getrusage(own, &usage)
    func microseconds(_ time: timeval) -> Double { Double(time.tv_sec) * 1e6 + Double(time.tv_usec) }
    return microseconds(usage.ru_utime) + microseconds(usage.ru_stime)
}
