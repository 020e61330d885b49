import Synchronization

/// How many records each collection has, kept exact in memory.
///
/// A table is counted when somebody asks for the first time; from then on every commit brings its changes. Nothing of it
/// is stored, so that a crash cannot make it wrong.
final class RecordCounts: Sendable {
    private struct State {
        /// The sum of all changes committed since the storage was opened.
        var changes: [TableID: Int] = [:]
        /// What was counted, without the changes from before the counting.
        var base: [TableID: Int] = [:]
    }
    private let state = Mutex(State())

    /// The number of records; nil where they were not counted yet.
    func count(_ table: TableID) -> Int? {
        state.withLock { state in state.base[table].map { $0 + (state.changes[table] ?? 0) } }
    }

    /// The sum of a table's changes until now.
    func changes(_ table: TableID) -> Int { state.withLock { $0.changes[table] ?? 0 } }

    /// Takes what was counted on a snapshot, with the sum of the changes that were in it.
    func counted(_ table: TableID, _ count: Int, with changes: Int) {
        state.withLock { $0.base[table] = count - changes }
    }

    /// Takes the changes of a commit.
    func apply(_ changes: [TableID: Int], dropped: [TableID]) {
        guard !changes.isEmpty || !dropped.isEmpty else { return }
        state.withLock { state in
            for (table, change) in changes { state.changes[table, default: 0] += change }
            for table in dropped {
                state.changes[table] = nil
                state.base[table] = nil
            }
        }
    }
}
