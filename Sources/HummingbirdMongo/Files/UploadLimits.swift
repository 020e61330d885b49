/// The most that an upload may take, in bytes and in time.
public struct UploadLimits: Sendable {
    /// Bytes of one file; 64 MiB by default.
    public var fileBytes: Int
    /// Bytes of the whole body, other fields included; 256 MiB by default.
    public var bytes: Int
    /// Files of one form; 20 by default.
    public var files: Int
    /// Bytes of one field that is no file; 1 MiB by default.
    public var fieldBytes: Int
    /// Parts of a form, files included; 100 by default.
    public var parts: Int
    /// Bytes a second that a client must keep up on average once ``grace`` is over; 1 KiB by default. Slower bodies only
    /// hold connections.
    public var bytesPerSecond: Int
    /// How long a client may be slow at first; 30 seconds by default.
    public var grace: Duration

    /// Makes limits.
    public init(
        fileBytes: Int = 64 << 20, bytes: Int = 256 << 20, files: Int = 20, fieldBytes: Int = 1 << 20,
        parts: Int = 100, bytesPerSecond: Int = 1 << 10, grace: Duration = .seconds(30)
    ) {
        self.fileBytes = fileBytes
        self.bytes = bytes
        self.files = files
        self.fieldBytes = fieldBytes
        self.parts = parts
        self.bytesPerSecond = bytesPerSecond
        self.grace = grace
    }
}
