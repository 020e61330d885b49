public import MongoProtocol

/// What operations use where they say nothing themselves.
public struct OperationDefaults: Sendable {
    /// How writes are acknowledged.
    public var writeConcern: WriteConcern
    /// Which members answer reads.
    public var readPreference: ReadPreference
    /// How far what reads see is acknowledged.
    public var readConcern: ReadConcern
    /// How long an operation may take as a whole; nil for no limit. A cursor's later batches, and the commands of a
    /// GridFS file, have as long each.
    public var timeout: Duration?
    /// What signs the cursors of keyset pages.
    public var cursorKey: CursorKey

    /// Makes defaults.
    public init(
        writeConcern: WriteConcern = WriteConcern(), readPreference: ReadPreference = .primary,
        readConcern: ReadConcern = ReadConcern(), timeout: Duration? = nil, cursorKey: CursorKey = .process
    ) {
        self.writeConcern = writeConcern
        self.readPreference = readPreference
        self.readConcern = readConcern
        self.timeout = timeout
        self.cursorKey = cursorKey
    }

    /// These with what is not nil in its place.
    func with(
        _ writeConcern: WriteConcern?, _ readPreference: ReadPreference?, _ timeout: Duration?,
        _ readConcern: ReadConcern? = nil
    ) -> OperationDefaults {
        OperationDefaults(
            writeConcern: writeConcern ?? self.writeConcern, readPreference: readPreference ?? self.readPreference,
            readConcern: readConcern ?? self.readConcern, timeout: timeout ?? self.timeout,
            cursorKey: cursorKey)
    }
}
