/// An image of a type that every browser shows and none runs as a program.
struct CoverImage: Sendable {
    /// The largest cover that is taken, in bytes.
    static let limit = 4 << 20

    let contentType: String
    let bytes: [UInt8]

    /// How files of each type begin.
    private static let signatures: [(contentType: String, offset: Int, bytes: [UInt8])] = [
        ("image/png", 0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
        ("image/jpeg", 0, [0xFF, 0xD8, 0xFF]),
        ("image/gif", 0, Array("GIF8".utf8)),
        ("image/webp", 8, Array("WEBP".utf8)),
    ]

    /// Takes an upload by what it holds, whatever its name says; nil for anything but PNG, JPEG, GIF and WebP.
    init?(upload bytes: [UInt8]) {
        guard bytes.count <= Self.limit,
            let match = Self.signatures.first(where: { bytes.dropFirst($0.offset).starts(with: $0.bytes) })
        else { return nil }
        contentType = match.contentType
        self.bytes = bytes
    }

    /// A cover drawn by the application itself.
    init(svg: String) {
        contentType = "image/svg+xml"
        bytes = Array(svg.utf8)
    }
}
