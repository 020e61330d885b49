import CSQLite

/// A kept statement while a cursor uses it.
private struct LentStatement {
    let connection: SQLiteConnection
    let handle: OpaquePointer
    private let scope: Int

    init(_ connection: SQLiteConnection, _ operation: StorageStatement, _ table: TableID) throws(StorageError) {
        handle = try connection.lend(operation, table.raw)
        (self.connection, scope) = (connection, connection.scope)
    }

    /// Whether the `read` or `write` that it belongs to is still running.
    var isAlive: Bool { scope == connection.scope }

    /// The statement where its row may be read: behind the end of the read it may be another cursor's.
    var row: OpaquePointer? { isAlive ? handle : nil }

    func step() throws(StorageError) -> Bool {
        guard isAlive else {
            throw StorageError(.closed, "A cursor was used after the end of its read. Resume from its position.")
        }
        return try connection.step(handle)
    }

    func giveBack() {
        if isAlive { connection.takeBack(handle) }
    }
}

/// Walks over records in the order of their ids.
package final class RecordCursor {
    private var statement: LentStatement?

    init(_ connection: SQLiteConnection, _ table: TableID, from: RecordID?, descending: Bool) throws(StorageError) {
        let statement = try LentStatement(connection, descending ? .recordsDown : .recordsUp, table)
        self.statement = statement
        try connection.bind(from?.raw ?? (descending ? .max : .min), statement.handle, 1)
    }

    deinit { statement?.giveBack() }

    /// Moves to the next record; false at the end, and from then on.
    package func next() throws -> Bool {
        guard let statement else { return false }
        if try statement.step() { return true }
        self.statement = nil
        statement.giveBack()
        return false
    }

    /// The record's id. Call it after a `next` that was true.
    package var id: RecordID { RecordID(raw: statement?.row.map { sqlite3_column_int64($0, 0) } ?? 0) }

    /// The record's bytes, valid until the next call of `next`.
    package var bytes: UnsafeRawBufferPointer {
        statement?.row.map { SQLiteConnection.bytes($0, 1) } ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }
}

/// Walks over the entries of an index in the order of key and record.
///
/// Do not change the index under the cursor: collect first, then write.
package final class KeyCursor {
    private let connection: SQLiteConnection
    private let table: TableID
    private let descending: Bool
    /// Keys from `lower` up to, and without, `upper`. An inclusive upper bound, or an exclusive lower one, is its key
    /// with a zero byte behind it, which is the next key in the order.
    private var lower: [UInt8]
    private var upper: [UInt8]?
    private var statement: LentStatement?
    /// Whether the statement walks over the rest of the key that the scan resumes in.
    private var resuming = false
    private var positioned = false

    init(
        _ connection: SQLiteConnection, _ table: TableID, _ range: KeyRange,
        after: (key: [UInt8], record: RecordID)?, descending: Bool
    ) throws(StorageError) {
        (self.connection, self.table, self.descending) = (connection, table, descending)
        lower = range.lower.map { range.lowerInclusive ? $0 : $0 + [0] } ?? []
        upper = range.upper.map { range.upperInclusive ? $0 + [0] : $0 }
        if let after, !after.key.precedes(lower), upper.map({ after.key.precedes($0) }) ?? true {
            let statement = try LentStatement(connection, descending ? .restDown : .restUp, table)
            (self.statement, resuming) = (statement, true)
            try connection.bind(after.key, statement.handle, 1)
            try connection.bind(after.record.raw, statement.handle, 2)
            if descending { upper = after.key } else { lower = after.key + [0] }
        } else if let after, after.key.precedes(lower) == descending {
            return  // The position lies behind the range's end.
        } else {
            try open()
        }
    }

    deinit { statement?.giveBack() }

    /// Moves to the next entry; false at the end, and from then on.
    package func next() throws -> Bool {
        guard let statement else { return false }
        positioned = try statement.step()
        if positioned { return true }
        self.statement = nil
        statement.giveBack()
        guard resuming else { return false }
        try open()
        return try next()
    }

    /// Jumps forward in the cursor's direction: the following `next` comes to the first entry at or behind `key`.
    /// It never goes back, nor out of the range.
    package func seek(to key: [UInt8]) throws {
        guard let statement, statement.isAlive else { return }
        if positioned {
            let order = self.key.comparison(key)
            guard descending ? order > 0 : order < 0 else { return }
        }
        if descending {
            let bound = key + [0]
            guard upper.map({ bound.precedes($0) }) ?? true else { return }
            upper = bound
        } else {
            guard lower.precedes(key) else { return }
            lower = key
        }
        self.statement = nil
        statement.giveBack()
        try open()
    }

    /// The entry's key, valid until the next call of `next` or `seek`.
    package var key: UnsafeRawBufferPointer {
        statement?.row.map { SQLiteConnection.bytes($0, 0) } ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// The entry's record. Call it after a `next` that was true.
    package var record: RecordID { RecordID(raw: statement?.row.map { sqlite3_column_int64($0, 1) } ?? 0) }

    private func open() throws(StorageError) {
        let operation: StorageStatement =
            upper == nil ? (descending ? .keysDown : .keysUp) : (descending ? .keysDownTo : .keysUpTo)
        let statement = try LentStatement(connection, operation, table)
        (self.statement, resuming, positioned) = (statement, false, false)
        try connection.bind(lower, statement.handle, 1)
        if let upper { try connection.bind(upper, statement.handle, 2) }
    }
}

extension [UInt8] {
    fileprivate func precedes(_ other: [UInt8]) -> Bool { withUnsafeBytes { $0.comparison(other) < 0 } }
}

extension UnsafeRawBufferPointer {
    /// Below, at or above zero, in `memcmp` order.
    fileprivate func comparison(_ other: [UInt8]) -> Int {
        other.withUnsafeBytes { other in
            for (a, b) in zip(self, other) where a != b { return a < b ? -1 : 1 }
            return count - other.count
        }
    }
}
