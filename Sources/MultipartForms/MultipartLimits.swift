/// The most that a form may hold.
public struct MultipartLimits: Sendable {
    /// Bytes of the whole body.
    public var bytes: Int
    /// Parts.
    public var parts: Int
    /// Bytes of the headers of one part.
    public var headerBytes: Int
    /// Bytes of one part that is no file.
    public var fieldBytes: Int
    /// Bytes of one file.
    public var fileBytes: Int

    /// Makes limits.
    public init(
        bytes: Int = 8 << 20, parts: Int = 100, headerBytes: Int = 8 << 10, fieldBytes: Int = .max,
        fileBytes: Int = .max
    ) {
        self.bytes = bytes
        self.parts = parts
        self.headerBytes = headerBytes
        self.fieldBytes = fieldBytes
        self.fileBytes = fileBytes
    }
}
