import CSQLite

/// Reads and changes the database, inside the `write` that gave it.
package final class StorageWriter: StorageReader {
    /// The highest record id given in each table, so that the id of a removed record is not given again.
    private var highest: [TableID: Int64] = [:]
    /// Tables dropped since the last commit or rollback.
    private var dropped: [TableID] = []
    /// How many records each table gained or lost since then.
    var changes: [TableID: Int] = [:]

    /// Adds a record and returns its id, which is higher than all before it.
    package func insert(_ table: TableID, _ bytes: UnsafeRawBufferPointer) throws -> RecordID {
        let last = try highest[table] ?? lastRecord(table)
        guard last < .max else { throw StorageError(.full, "The collection has used up its record ids.") }
        try connection.with(.insert, table.raw) { statement in
            try connection.bind(last + 1, statement, 1)
            try connection.bind(bytes, statement, 2)
            _ = try connection.step(statement)
        }
        highest[table] = last + 1
        changes[table, default: 0] += 1
        return RecordID(raw: last + 1)
    }

    /// Changes a record's bytes.
    package func replace(_ table: TableID, _ id: RecordID, _ bytes: UnsafeRawBufferPointer) throws {
        try connection.with(.replace, table.raw) { statement in
            try connection.bind(id.raw, statement, 1)
            try connection.bind(bytes, statement, 2)
            _ = try connection.step(statement)
        }
        guard sqlite3_changes(connection.handle) > 0 else {
            throw StorageError(.missing, "There is no record \(id.raw) to replace; it was removed before.")
        }
    }

    /// Removes a record, if it is there.
    package func remove(_ table: TableID, _ id: RecordID) throws {
        try connection.with(.remove, table.raw) { statement in
            try connection.bind(id.raw, statement, 1)
            _ = try connection.step(statement)
        }
        if sqlite3_changes(connection.handle) > 0 { changes[table, default: 0] -= 1 }
    }

    /// Adds an entry to an index. Nil says that it is there now; otherwise nothing is written, and it is the other
    /// record that holds the key of a unique index.
    package func insertKey(
        _ index: TableID, unique: Bool, key: UnsafeRawBufferPointer, _ record: RecordID
    ) throws -> RecordID? {
        try connection.with(.insertKey, index.raw) { statement in
            try connection.bind(key, statement, 1)
            try connection.bind(record.raw, statement, 2)
            _ = try connection.step(statement)
        }
        guard unique, sqlite3_changes(connection.handle) == 0 else { return nil }
        let holder = try firstRecord(index, key: key)
        return holder == record ? nil : holder
    }

    /// Removes an entry from an index, if it is there.
    package func removeKey(_ index: TableID, key: UnsafeRawBufferPointer, _ record: RecordID) throws {
        try connection.with(.removeKey, index.raw) { statement in
            try connection.bind(key, statement, 1)
            try connection.bind(record.raw, statement, 2)
            _ = try connection.step(statement)
        }
    }

    /// Makes a table for records.
    package func createRecordTable() throws -> TableID {
        let table = try nextTable(isIndex: false)
        try connection.execute("CREATE TABLE r\(table.raw) (id INTEGER PRIMARY KEY, d BLOB NOT NULL)")
        return table
    }

    /// Makes a table for index entries; in a unique one a key has one record.
    package func createIndexTable(unique: Bool) throws -> TableID {
        let table = try nextTable(isIndex: true)
        let columns =
            unique
            ? "k BLOB NOT NULL PRIMARY KEY, r INTEGER NOT NULL"
            : "k BLOB NOT NULL, r INTEGER NOT NULL, PRIMARY KEY (k, r)"
        try connection.execute("CREATE TABLE i\(table.raw) (\(columns)) WITHOUT ROWID")
        return table
    }

    /// Removes a table with all it holds.
    package func drop(_ table: TableID) throws {
        connection.forgetStatements(of: table)
        try connection.execute("DROP TABLE IF EXISTS \(table.isIndex ? "i" : "r")\(table.raw)")
        dropped.append(table)
    }

    /// Removes all records or entries of a table.
    package func truncate(_ table: TableID) throws {
        if !table.isIndex, highest[table] == nil { highest[table] = try lastRecord(table) }
        try connection.with(table.isIndex ? .removeAllKeys : .removeAllRecords, table.raw) { statement in
            _ = try connection.step(statement)
        }
        if !table.isIndex { changes[table, default: 0] -= Int(sqlite3_changes64(connection.handle)) }
    }

    /// Keeps bytes under a name, or with nil forgets them. The empty name is the storage's own.
    package func setMetadata(_ key: String, _ bytes: [UInt8]?) throws {
        guard !key.isEmpty else { throw StorageError(.other, "Metadata needs a name that is not empty.") }
        try connection.with(bytes == nil ? .removeMetadata : .setMetadata) { statement in
            try connection.bind(key, statement, 1)
            if let bytes { try connection.bind(bytes, statement, 2) }
            _ = try connection.step(statement)
        }
    }

    /// Ends the transaction, and gives the tables that it dropped to a commit.
    func finish(_ operation: StorageStatement) throws(StorageError) -> [TableID] {
        try connection.run(operation)
        defer {
            dropped.removeAll()
            changes.removeAll(keepingCapacity: true)
        }
        guard operation == .commit else { return [] }
        for table in dropped { highest[table] = nil }
        return dropped
    }

    private func lastRecord(_ table: TableID) throws -> Int64 {
        try connection.with(.lastRecord, table.raw) { statement in
            _ = try connection.step(statement)
            return sqlite3_column_int64(statement, 0)
        }
    }

    private func nextTable(isIndex: Bool) throws -> TableID {
        try connection.with(.nextTable) { statement in
            _ = try connection.step(statement)
            return TableID(raw: sqlite3_column_int64(statement, 0) &* 2 &+ (isIndex ? 1 : 0))
        }
    }
}
