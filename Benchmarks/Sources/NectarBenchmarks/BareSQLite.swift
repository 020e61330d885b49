import CBareSQLite
import Nectar

/// The same work on SQLite alone, with the engine's settings and layout: records by number and an index by key.
final class BareSQLite {
    private var database: OpaquePointer?
    private var insertRecord: OpaquePointer?
    private var insertKey: OpaquePointer?
    private var selectKey: OpaquePointer?
    private var selectRecord: OpaquePointer?
    private var scan: OpaquePointer?

    init(path: String) {
        sqlite3_open_v2(
            path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        for statement in [
            "PRAGMA page_size = 8192", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF",
            "PRAGMA wal_autocheckpoint = 4096", "PRAGMA mmap_size = 1073741824",
            "CREATE TABLE r (id INTEGER PRIMARY KEY, d BLOB NOT NULL)",
            "CREATE TABLE i (k BLOB PRIMARY KEY, r INTEGER NOT NULL) WITHOUT ROWID",
        ] { execute(statement) }
        insertRecord = prepare("INSERT INTO r (id, d) VALUES (?1, ?2)")
        insertKey = prepare("INSERT INTO i (k, r) VALUES (?1, ?2)")
        selectKey = prepare("SELECT r FROM i WHERE k = ?1")
        selectRecord = prepare("SELECT d FROM r WHERE id = ?1")
        scan = prepare("SELECT d FROM r")
    }

    deinit {
        for statement in [insertRecord, insertKey, selectKey, selectRecord, scan] { sqlite3_finalize(statement) }
        sqlite3_close(database)
    }

    func execute(_ sql: String) { sqlite3_exec(database, sql, nil, nil, nil) }

    func insert(_ number: Int, _ bytes: [UInt8]) {
        bytes.withUnsafeBytes {
            sqlite3_bind_int64(insertRecord, 1, Int64(number))
            sqlite3_bind_blob(insertRecord, 2, $0.baseAddress, Int32($0.count), nil)
            sqlite3_step(insertRecord)
            sqlite3_reset(insertRecord)
        }
        withUnsafeBytes(of: number.bigEndian) {
            sqlite3_bind_blob(insertKey, 1, $0.baseAddress, 8, nil)
            sqlite3_bind_int64(insertKey, 2, Int64(number))
            sqlite3_step(insertKey)
            sqlite3_reset(insertKey)
        }
    }

    func get(_ number: Int) -> Int {
        withUnsafeBytes(of: number.bigEndian) {
            sqlite3_bind_blob(selectKey, 1, $0.baseAddress, 8, nil)
            sqlite3_step(selectKey)
            sqlite3_bind_int64(selectRecord, 1, sqlite3_column_int64(selectKey, 0))
            sqlite3_step(selectRecord)
            let count = Int(sqlite3_column_bytes(selectRecord, 0))
            sqlite3_reset(selectKey)
            sqlite3_reset(selectRecord)
            return count
        }
    }

    func scanAll() -> Int {
        var bytes = 0
        while sqlite3_step(scan) == SQLITE_ROW { bytes += Int(sqlite3_column_bytes(scan, 0)) }
        sqlite3_reset(scan)
        return bytes
    }

    private func prepare(_ sql: String) -> OpaquePointer? {
        var statement: OpaquePointer?
        sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        return statement
    }
}
