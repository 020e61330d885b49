/// Names one table of records or one index table. Numbers are never given twice in the life of a file.
package struct TableID: Hashable, Sendable {
    package let raw: Int64

    package init(raw: Int64) { self.raw = raw }

    /// Index tables have odd numbers, tables of records even ones.
    var isIndex: Bool { raw & 1 == 1 }
}

/// Names one record in its table. Later records have higher numbers.
package struct RecordID: Hashable, Comparable, Sendable {
    package let raw: Int64

    package init(raw: Int64) { self.raw = raw }

    package static func < (a: RecordID, b: RecordID) -> Bool { a.raw < b.raw }
}

/// A part of an index, in `memcmp` order of its keys. A missing bound is open.
package struct KeyRange: Hashable, Sendable {
    package var lower: [UInt8]?
    package var lowerInclusive: Bool
    package var upper: [UInt8]?
    package var upperInclusive: Bool

    package init(
        lower: [UInt8]? = nil, lowerInclusive: Bool = true, upper: [UInt8]? = nil, upperInclusive: Bool = true
    ) {
        (self.lower, self.lowerInclusive) = (lower, lowerInclusive)
        (self.upper, self.upperInclusive) = (upper, upperInclusive)
    }

    /// The whole index.
    package static let all = KeyRange()

    /// All entries of one key.
    package static func only(_ key: [UInt8]) -> KeyRange { KeyRange(lower: key, upper: key) }
}

/// What a write waits for before it returns.
package enum Durability: Sendable {
    /// Survives the end of the process at once, and power loss after the next flush (`w: 1`).
    case buffered
    /// On the disk when the write returns (`j: true`). Writers that wait together share one `fdatasync`.
    case flushed
}

/// Where a storage lives and how it behaves.
package struct StorageOptions: Sendable {
    package enum Location: Sendable {
        /// A database file, created where there is none; its directory must exist.
        case file(String)
        /// A private directory that goes away with the storage.
        case memory
    }

    package var location: Location
    /// Reads beside the process that writes, and takes no lock.
    package var readOnly: Bool
    /// The longest time from a commit to its flush.
    package var flushInterval: Duration
    /// The length of the write-ahead log, in pages, from which it is copied into the database.
    package var walLimitPages: Int
    /// The most reads that run at one time, and the most pinned snapshots.
    package var maxReaders: Int
    /// Makes a file's contents durable; tests count it and let it fail.
    var synchronize: @Sendable (_ descriptor: Int32) -> Bool = StorageFiles.synchronize

    package init(
        _ location: Location, readOnly: Bool = false, flushInterval: Duration = .milliseconds(100),
        walLimitPages: Int = 4096, maxReaders: Int = 32
    ) {
        self.location = location
        self.readOnly = readOnly
        self.flushInterval = flushInterval
        self.walLimitPages = max(1, walLimitPages)
        self.maxReaders = max(1, maxReaders)
    }
}

/// Counters of a storage, for `serverStatus` and for tests.
package struct StorageStatistics: Sendable {
    /// Bytes of the database file and of its write-ahead log.
    package var fileBytes: Int64 = 0
    package var walBytes: Int64 = 0
    /// Writes that changed something, and the SQLite transactions that they shared.
    package var commits = 0
    package var transactions = 0
    /// Flushes of the log that the disk has confirmed.
    package var fsyncs = 0
    package var checkpoints = 0
    package var readersInUse = 0
}
