#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How a UUID's 16 bytes stand in binary data.
///
/// All drivers write ``standard`` today. Before subtype 4 existed each wrote subtype 3 in a byte order of its own, which the
/// bytes do not tell: databases of that age need the representation of the driver that filled them. The names are PyMongo's.
public enum UUIDRepresentation: Sendable, Hashable, CaseIterable {
    /// Subtype 4, in the byte order of RFC 4122.
    case standard
    /// Subtype 3, in the byte order of RFC 4122, as old versions of PyMongo wrote.
    case pythonLegacy
    /// Subtype 3, each half of eight bytes reversed, as old versions of the Java driver wrote.
    case javaLegacy
    /// Subtype 3, the first three groups in little-endian order, as old versions of the C# driver wrote.
    case cSharpLegacy

    /// The subtype that binary data of this representation has.
    public var subtype: BSONBinary.Subtype { self == .standard ? .uuid : .uuidOld }

    /// For each byte as stored, which byte of RFC 4122's order it is. Each order undoes itself.
    var order: [Int] {
        switch self {
        case .standard, .pythonLegacy: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
        case .javaLegacy: [7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8]
        case .cSharpLegacy: [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
        }
    }
}

extension BSONBinary {
    /// Makes binary data of a UUID.
    public init(_ uuid: UUID, representation: UUIDRepresentation = .standard) {
        let bytes = withUnsafeBytes(of: uuid.uuid) { [UInt8]($0) }
        self.init(
            subtype: representation.subtype,
            bytes: representation == .standard ? bytes : representation.order.map { bytes[$0] })
    }

    /// The UUID that the data holds; nil for other subtypes than the representation's own, and for other lengths than 16
    /// bytes (the driver specification "UUID", "explicit decoding").
    public func uuid(_ representation: UUIDRepresentation = .standard) -> UUID? {
        bytes.withUnsafeBytes { UUID($0, subtype: subtype, representation) }
    }
}

extension UUID {
    /// Reads the payload of binary data; nil for what is no UUID in the representation.
    init?(_ bytes: UnsafeRawBufferPointer, subtype: BSONBinary.Subtype, _ representation: UUIDRepresentation) {
        guard bytes.count == 16 else { return nil }
        switch (subtype, representation) {
        case (.uuid, .standard), (.uuidOld, .pythonLegacy): self.init(uuid: bytes.loadUnaligned(as: uuid_t.self))
        case (.uuidOld, .javaLegacy), (.uuidOld, .cSharpLegacy):
            let ordered = representation.order.map { bytes[$0] }
            self.init(uuid: ordered.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) })
        default: return nil
        }
    }
}

extension BSONValue {
    /// A UUID as binary data of subtype 4.
    public static func uuid(_ value: UUID) -> BSONValue { .binary(BSONBinary(value)) }

    /// The UUID, or nil for anything but binary data of subtype 4.
    public var uuid: UUID? { binary?.uuid() }
}
