internal import BSON
internal import MongoProtocol

/// Bounds what one operator makes of its operands. A `$reduce` that doubles its value is a short text and would
/// otherwise take the process's whole memory, or its time.
struct ValueBudget {
    /// The most bytes that a value inside an expression may have: four times those of a document that is stored.
    static let maximumBytes = 64 << 20

    private let name: String
    private var bytes = 0
    private var steps = 0

    /// - Parameter name: The operator, for the error.
    init(_ name: String) { self.name = name }

    /// Counts a part of the value to be made.
    /// - Throws: `ExceededMemoryLimit` (146) where the value becomes too large.
    mutating func take(_ part: BSONValue?) throws {
        if let part { try take(bytes: approximateSize(part)) }
    }

    /// Counts bytes of the value to be made.
    /// - Throws: `ExceededMemoryLimit` (146) where the value becomes too large.
    mutating func take(bytes more: Int) throws {
        bytes += more
        guard bytes <= Self.maximumBytes else {
            throw MongoError(
                .exceededMemoryLimit,
                "\(name) would use too much memory: a value may have at most \(Self.maximumBytes) bytes")
        }
    }

    /// Counts a turn of a loop, and looks now and then whether the command may still run.
    /// - Throws: `MaxTimeMSExpired` (50) or `Interrupted` (11601).
    mutating func step() throws {
        steps &+= 1
        if steps & 0xF == 0 { try CurrentWork.limits?.check() }
    }
}
