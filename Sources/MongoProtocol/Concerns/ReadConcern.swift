package import BSON

/// How far what a read sees is acknowledged (MongoDB's manual, "Read Concern").
public struct ReadConcern: Sendable, Hashable {
    /// A level, by its name on the wire; servers may know more than those listed here.
    public struct Level: RawRepresentable, Sendable, Hashable {
        /// The name.
        public let rawValue: String
        /// Takes any name.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// What the member has, whether or not a majority has it.
        public static let local = Level(rawValue: "local")
        /// As local, and orphans of a sharded collection may show.
        public static let available = Level(rawValue: "available")
        /// What a majority of the members has.
        public static let majority = Level(rawValue: "majority")
        /// What was acknowledged by a majority before the read began.
        public static let linearizable = Level(rawValue: "linearizable")
        /// One point in time.
        public static let snapshot = Level(rawValue: "snapshot")
    }

    /// The level; nil for the deployment's default.
    public var level: Level?

    /// Makes a read concern.
    public init(_ level: Level? = nil) { self.level = level }

    /// Whether nothing is said, so that the deployment's own default counts.
    public var isServerDefault: Bool { level == nil }

    /// The fields of `readConcern` on the wire; nil for the deployment's default.
    package var document: BSONDocument? { level.map { ["level": .string($0.rawValue)] } }
}
