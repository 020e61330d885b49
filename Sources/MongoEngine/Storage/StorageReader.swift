import CSQLite

/// Reads one snapshot of the database, on one thread, inside the `read` or `write` that gave it.
package class StorageReader {
    let connection: SQLiteConnection
    /// See `dataVersion`.
    package internal(set) var dataVersion: Int64 = 0
    /// The last `PRAGMA data_version` of this connection; it compares with no other connection's.
    var seenVersion: Int64 = -1

    init(_ connection: SQLiteConnection) { self.connection = connection }

    /// Gives `body` the bytes of a record where they lie; nil where there is no such record.
    package func record<R>(
        _ table: TableID, _ id: RecordID, _ body: (UnsafeRawBufferPointer) throws -> R
    ) throws -> R? {
        try connection.with(.record, table.raw) { statement in
            try connection.bind(id.raw, statement, 1)
            guard try connection.step(statement) else { return nil }
            return try body(SQLiteConnection.bytes(statement, 0))
        }
    }

    /// The records of a table in the order of their ids, after (or, descending, before) `from`.
    package func records(
        _ table: TableID, from: RecordID? = nil, descending: Bool = false
    ) throws -> RecordCursor {
        try RecordCursor(connection, table, from: from, descending: descending)
    }

    /// The entries of an index inside a range, ordered by key and record; `after` resumes behind an entry already
    /// seen, whether or not it is still there.
    package func keys(
        _ table: TableID, _ range: KeyRange = .all, after: (key: [UInt8], record: RecordID)? = nil,
        descending: Bool = false
    ) throws -> KeyCursor {
        try KeyCursor(connection, table, range, after: after, descending: descending)
    }

    /// The lowest record with exactly this key.
    package func firstRecord(_ table: TableID, key: UnsafeRawBufferPointer) throws -> RecordID? {
        try connection.with(.firstKey, table.raw) { statement in
            try connection.bind(key, statement, 1)
            guard try connection.step(statement) else { return nil }
            return RecordID(raw: sqlite3_column_int64(statement, 0))
        }
    }

    /// The lowest record with exactly this key.
    package func firstRecord(_ table: TableID, key: [UInt8]) throws -> RecordID? {
        try key.withUnsafeBytes { try firstRecord(table, key: $0) }
    }

    /// The number of records or of index entries; it reads every page of the table's tree.
    package func count(_ table: TableID) throws -> Int {
        try connection.with(table.isIndex ? .countKeys : .countRecords, table.raw) { statement in
            _ = try connection.step(statement)
            return Int(sqlite3_column_int64(statement, 0))
        }
    }

    /// The bytes kept under a name.
    package func metadata(_ key: String) throws -> [UInt8]? {
        try connection.with(.metadata) { statement in
            try connection.bind(key, statement, 1)
            guard try connection.step(statement) else { return nil }
            return Array(SQLiteConnection.bytes(statement, 0))
        }
    }

    /// All names that begin with `prefix`, in order, with their bytes.
    package func allMetadata(prefix: String = "") throws -> [(String, [UInt8])] {
        try connection.with(.metadataFrom) { statement in
            try connection.bind(prefix, statement, 1)
            var found: [(String, [UInt8])] = []
            while try connection.step(statement) {
                let key = String(decoding: SQLiteConnection.bytes(statement, 0), as: UTF8.self)
                guard key.utf8.starts(with: prefix.utf8) else { break }
                found.append((key, Array(SQLiteConnection.bytes(statement, 1))))
            }
            return found
        }
    }

    /// Begins the snapshot.
    func begin(countingVersions versions: VersionCounter?) throws {
        try connection.run(.begin)
        guard let versions else { return }
        let seen = try connection.with(.dataVersion) { statement in
            _ = try connection.step(statement)
            return sqlite3_column_int64(statement, 0)
        }
        dataVersion = versions.version(changed: seen != seenVersion)
        seenVersion = seen
    }

    /// Ends a read, its cursors included, but not the snapshot; false where the connection should not be used again.
    func end() -> Bool {
        let failed = connection.doomed != nil
        connection.endScope()
        return !failed
    }

    /// Ends the snapshot; false where that failed.
    func finish() -> Bool {
        if connection.inTransaction { try? connection.run(.commit) }
        return !connection.inTransaction
    }
}
