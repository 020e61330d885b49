import CSQLite

/// The statements the storage knows. Each is prepared once for a connection and table, and kept.
enum StorageStatement: Int64, CaseIterable {
    case begin, beginWriting, commit, rollback, savepoint, release, undo, dataVersion
    case metadata, metadataFrom, setMetadata, removeMetadata, nextTable
    case record, recordsUp, recordsDown, lastRecord, countRecords, insert, replace, remove, removeAllRecords
    case keysUp, keysUpTo, keysDown, keysDownTo, restUp, restDown, firstKey, countKeys
    case insertKey, removeKey, removeAllKeys

    func sql(_ n: Int64) -> String {
        switch self {
        case .begin: "BEGIN"
        case .beginWriting: "BEGIN IMMEDIATE"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        case .savepoint: "SAVEPOINT s"
        case .release: "RELEASE s"
        case .undo: "ROLLBACK TO s"
        case .dataVersion: "PRAGMA data_version"
        case .metadata: "SELECT v FROM meta WHERE k = ?1"
        case .metadataFrom: "SELECT k, v FROM meta WHERE k >= ?1 AND k <> '' ORDER BY k"
        case .setMetadata: "INSERT INTO meta (k, v) VALUES (?1, ?2) ON CONFLICT (k) DO UPDATE SET v = ?2"
        case .removeMetadata: "DELETE FROM meta WHERE k = ?1"
        // The entry with the empty name is the storage's own: the number of tables ever made.
        case .nextTable:
            "INSERT INTO meta (k, v) VALUES ('', 1) ON CONFLICT (k) DO UPDATE SET v = v + 1 RETURNING v"
        case .record: "SELECT d FROM r\(n) WHERE id = ?1"
        case .recordsUp: "SELECT id, d FROM r\(n) WHERE id > ?1 ORDER BY id"
        case .recordsDown: "SELECT id, d FROM r\(n) WHERE id < ?1 ORDER BY id DESC"
        case .lastRecord: "SELECT max(id) FROM r\(n)"
        case .countRecords: "SELECT count(*) FROM r\(n)"
        case .insert: "INSERT INTO r\(n) (id, d) VALUES (?1, ?2)"
        case .replace: "UPDATE r\(n) SET d = ?2 WHERE id = ?1"
        case .remove: "DELETE FROM r\(n) WHERE id = ?1"
        case .removeAllRecords: "DELETE FROM r\(n)"
        case .keysUp: "SELECT k, r FROM i\(n) WHERE k >= ?1 ORDER BY k, r"
        case .keysUpTo: "SELECT k, r FROM i\(n) WHERE k >= ?1 AND k < ?2 ORDER BY k, r"
        case .keysDown: "SELECT k, r FROM i\(n) WHERE k >= ?1 ORDER BY k DESC, r DESC"
        case .keysDownTo: "SELECT k, r FROM i\(n) WHERE k >= ?1 AND k < ?2 ORDER BY k DESC, r DESC"
        case .restUp: "SELECT k, r FROM i\(n) WHERE k = ?1 AND r > ?2 ORDER BY r"
        case .restDown: "SELECT k, r FROM i\(n) WHERE k = ?1 AND r < ?2 ORDER BY r DESC"
        case .firstKey: "SELECT r FROM i\(n) WHERE k = ?1 ORDER BY r"
        case .countKeys: "SELECT count(*) FROM i\(n)"
        case .insertKey: "INSERT INTO i\(n) (k, r) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
        case .removeKey: "DELETE FROM i\(n) WHERE k = ?1 AND r = ?2"
        case .removeAllKeys: "DELETE FROM i\(n)"
        }
    }
}

/// One SQLite connection with its prepared statements. One thread uses it at a time.
final class SQLiteConnection {
    enum Role { case reader, writer, checkpointer }

    let handle: OpaquePointer
    private let path: String
    /// Statements by table and operation; an absent value is one that is lent.
    private var statements: [Int64: OpaquePointer?] = [:]
    /// Grows with each use of the connection: a cursor of an earlier use is dead.
    private(set) var scope = 0
    /// What is lent, with its keys: a few, and the last is given back first.
    private var lent: [(statement: OpaquePointer, key: Int64)] = []
    /// The failure after which SQLite may have rolled back on its own; nothing runs until `endScope`.
    private(set) var doomed: StorageError?

    /// - Parameter synchronous: whether checkpoints and new logs are synced.
    init(path: String, role: Role, readOnly: Bool, synchronous: Bool) throws(StorageError) {
        let access = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        let flags = access | (role == .writer ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let detail = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw StorageError(code: code, detail: detail, path: path)
        }
        (handle, self.path) = (opened, path)
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, role == .checkpointer ? 250 : 5000)
        try execute(
            """
            PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = \(role == .reader ? "OFF" : "ON"); PRAGMA temp_store = MEMORY;
            PRAGMA mmap_size = \(1 << 30); PRAGMA cache_size = \(role == .writer ? -32_000 : -16_000);
            PRAGMA synchronous = \(synchronous ? "NORMAL" : "OFF"); PRAGMA wal_autocheckpoint = 0;
            PRAGMA secure_delete = OFF;
            """)
    }

    deinit {
        while let statement = sqlite3_next_stmt(handle, nil) { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    // MARK: Running

    /// Runs statements that give no rows and are not worth keeping.
    func execute(_ sql: String) throws(StorageError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// The first column of the first row of a statement that is not worth keeping.
    func text(_ sql: String) throws(StorageError) -> String {
        let statement = try prepare(sql, keep: false)
        defer { sqlite3_finalize(statement) }
        guard try step(statement), let text = sqlite3_column_text(statement, 0) else { return "" }
        return String(cString: text)
    }

    /// Runs a kept statement that gives no rows.
    func run(_ operation: StorageStatement) throws(StorageError) {
        let statement = try lend(operation)
        defer { takeBack(statement) }
        _ = try step(statement)
    }

    /// Lends a kept statement to `body`, which binds and steps it.
    func with<R>(
        _ operation: StorageStatement, _ table: Int64 = 0, _ body: (OpaquePointer) throws -> R
    ) throws -> R {
        let statement = try lend(operation, table)
        defer { takeBack(statement) }
        return try body(statement)
    }

    /// Whether the statement has come to a row.
    func step(_ statement: OpaquePointer) throws(StorageError) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    var inTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// The error of a result code, remembered where SQLite may have ended the transaction.
    func failure(_ code: Int32) -> StorageError {
        let error = StorageError(code: code, detail: String(cString: sqlite3_errmsg(handle)), path: path)
        switch code & 0xff {
        case SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_INTERRUPT:
            doomed = doomed ?? error
        default: break
        }
        return error
    }

    // MARK: Statements

    /// A statement for the caller alone; `takeBack` must follow.
    func lend(_ operation: StorageStatement, _ table: Int64 = 0) throws(StorageError) -> OpaquePointer {
        if let doomed { throw doomed }
        let key = table &* 64 &+ operation.rawValue
        if let index = statements.index(forKey: key), let statement = statements.values[index] {
            statements.values[index] = nil
            lent.append((statement, key))
            return statement
        }
        let statement = try prepare(operation.sql(table), keep: true)
        lent.append((statement, key))
        return statement
    }

    /// Keeps a lent statement for the next use. One that the scope's end has taken back already is not touched.
    func takeBack(_ statement: OpaquePointer) {
        guard let index = lent.lastIndex(where: { $0.statement == statement }) else { return }
        keep(lent.remove(at: index))
    }

    private func keep(_ loan: (statement: OpaquePointer, key: Int64)) {
        let (statement, key) = loan
        sqlite3_reset(statement)
        if let index = statements.index(forKey: key) {
            if statements.values[index] == nil {
                statements.values[index] = statement
            } else {
                sqlite3_finalize(statement)
            }
        } else {
            if statements.count >= 1000 { forgetStatements() }
            statements[key] = .some(statement)
        }
    }

    /// Drops the kept statements of one table, or of all.
    func forgetStatements(of table: TableID? = nil) {
        let keys =
            table.map { table in StorageStatement.allCases.map { table.raw &* 64 &+ $0.rawValue } }
            ?? Array(statements.keys)
        for key in keys {
            if let kept = statements.removeValue(forKey: key), let statement = kept { sqlite3_finalize(statement) }
        }
    }

    /// Ends one use of the connection: cursors that were left open are dead from here on.
    func endScope() {
        scope += 1
        doomed = nil
        // Statements of dead cursors are kept like others: prepared anew for each, they would gather.
        while let loan = lent.popLast() { keep(loan) }
    }

    /// How many statements are prepared.
    var statementCount: Int {
        var (count, next) = (0, sqlite3_next_stmt(handle, nil))
        while let statement = next {
            count += 1
            next = sqlite3_next_stmt(handle, statement)
        }
        return count
    }

    private func prepare(_ sql: String, keep: Bool) throws(StorageError) -> OpaquePointer {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, keep ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0, &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code) }
        return statement
    }

    // MARK: Binding

    func bind(_ number: Int64, _ statement: OpaquePointer, _ index: Int32) throws(StorageError) {
        let code = sqlite3_bind_int64(statement, index, number)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// Binds without a copy: the bytes must stay until the statement is taken back.
    func bind(_ bytes: UnsafeRawBufferPointer, _ statement: OpaquePointer, _ index: Int32) throws(StorageError) {
        let code =
            bytes.isEmpty
            ? sqlite3_bind_zeroblob(statement, index, 0)
            : sqlite3_bind_blob64(statement, index, bytes.baseAddress, UInt64(bytes.count), nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// Binds a copy.
    func bind(_ bytes: [UInt8], _ statement: OpaquePointer, _ index: Int32) throws(StorageError) {
        let code =
            bytes.isEmpty
            ? sqlite3_bind_zeroblob(statement, index, 0)
            : sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), Self.copied)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    func bind(_ text: String, _ statement: OpaquePointer, _ index: Int32) throws(StorageError) {
        let code = sqlite3_bind_text(statement, index, text, -1, Self.copied)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// The bytes of a column, valid until the statement moves.
    static func bytes(_ statement: OpaquePointer, _ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(
            start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, column)))
    }

    /// SQLITE_TRANSIENT, which the importer leaves out.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
