import CSQLite

/// Why the storage could not do its work, and what to do about it.
package struct StorageError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// Another process, or another storage of this one, writes to the file.
        case locked
        /// The file is no Nectar database, or one of a later version.
        case format
        case corrupt
        case full
        case readOnly
        case io
        /// All readers stayed in use.
        case busy
        /// The table or record is not, or no longer, there.
        case missing
        case duplicateKey
        case closed
        case other
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) { (self.kind, self.message) = (kind, message) }

    package var description: String { message }

    static let closed = StorageError(.closed, "The storage is closed. Open the database again to use it.")

    /// The error of a SQLite result code, with SQLite's own words for it.
    init(code: Int32, detail: String, path: String) {
        let (kind, advice): (Kind, String) =
            switch code & 0xff {
            case SQLITE_NOTADB: (.format, "It is no Nectar database. Give the path of another file.")
            case SQLITE_CORRUPT:
                (.corrupt, "The file is damaged. Restore it from a backup, or export what is readable.")
            case SQLITE_FULL: (.full, "The disk is full. Free some space and repeat the write.")
            case SQLITE_READONLY: (.readOnly, "The file cannot be written to. Check its permissions.")
            case SQLITE_IOERR, SQLITE_NOLFS: (.io, "Reading or writing failed. Check the disk and the system's log.")
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
                (.io, "The file cannot be opened. Check that its directory exists and its permissions.")
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL:
                (.busy, "The database stayed busy. Repeat the operation; end programs that hold long transactions.")
            case SQLITE_CONSTRAINT: (.duplicateKey, "The entry is there already.")
            case SQLITE_TOOBIG: (.other, "The value is too large to be stored.")
            case SQLITE_NOMEM: (.other, "There is not enough memory.")
            case SQLITE_ERROR where detail.hasPrefix("no such table"):
                (.missing, "The collection or index was dropped meanwhile.")
            default: (.other, "This is an error inside the storage.")
            }
        self.init(kind, "\(path): \(advice) (SQLite \(code): \(detail))")
    }
}
