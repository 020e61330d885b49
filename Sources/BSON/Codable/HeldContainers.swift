internal import Synchronization

/// The keyed containers that types hold beyond their decoding, with what they read.
///
/// A container does not count a reference to what it reads (see ``KeyedReader``), so somebody must. Few types keep one; those that
/// nobody holds any more are found when there are twice as many as the last time.
final class HeldContainers: Sendable {
    /// What is nobody's at the moment, or only its holders'.
    private struct Record: @unchecked Sendable {
        var containers: [KeyedContainerCache<KeyedReaderScope>.Entry]
        let state: DecodingState

        mutating func isHeld() -> Bool {
            for index in containers.indices where !containers[index].isFree() { return true }
            return false
        }
    }

    private struct Records: Sendable {
        var all: [Record] = []
        var limit = 16
    }

    static let shared = HeldContainers()

    private let records = Mutex(Records())

    /// Keeps containers of one decoding, and the state that they read with.
    func add(_ containers: [KeyedContainerCache<KeyedReaderScope>.Entry], _ state: DecodingState) {
        let record = Record(containers: containers, state: state)
        // States that end may have containers to leave here: they end when the lock is free.
        let ended = records.withLock { records in
            var ended: [Record] = []
            if records.all.count >= records.limit {
                var held: [Record] = []
                for index in records.all.indices {
                    if records.all[index].isHeld() {
                        held.append(records.all[index])
                    } else {
                        ended.append(records.all[index])
                    }
                }
                records.all = held
                records.limit = max(16, held.count * 2)
            }
            records.all.append(record)
            return ended
        }
        withExtendedLifetime(ended) {}
    }
}
