import Foundation

/// Nanoseconds of the processor a call of each of several works, measured turn by turn: the best round of each, which
/// other load disturbs least.
package func best(rounds: Int = 6, of works: [(Int) throws -> UInt64]) throws -> [Double] {
    func time(_ work: (Int) throws -> UInt64, _ calls: Int) throws -> Double {
        let start = processorTime()
        sink &+= try work(calls)
        return processorTime() - start
    }
    var calls: [Int] = []
    for work in works {
        var count = 1
        while try time(work, count) < 10_000_000 { count *= 2 }
        calls.append(count)
    }
    var fastest = [Double](repeating: .infinity, count: works.count)
    for _ in 0..<rounds {
        for (index, work) in works.enumerated() {
            fastest[index] = min(fastest[index], try time(work, calls[index]) / Double(calls[index]))
        }
    }
    return fastest
}

/// The sum of what `rounds` calls give.
@inlinable
package func repeated(_ rounds: Int, _ body: () throws -> UInt64) rethrows -> UInt64 {
    var sum: UInt64 = 0
    for _ in 0..<rounds { sum &+= try body() }
    return sum
}

private func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Takes every result, so that no work is left out.
nonisolated(unsafe) private var sink: UInt64 = 0
