/// An instant in milliseconds since 1970 UTC, leap seconds not counted, as BSON keeps dates.
public struct BSONDate: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    public var millisecondsSince1970: Int64
    /// Makes an instant of milliseconds since 1970 UTC.
    public init(millisecondsSince1970: Int64) { self.millisecondsSince1970 = millisecondsSince1970 }
    /// Orders instants in time.
    public static func < (a: BSONDate, b: BSONDate) -> Bool { a.millisecondsSince1970 < b.millisecondsSince1970 }
}

/// Binary data with the subtype that says what it holds.
public struct BSONBinary: Sendable, Hashable {
    /// What the bytes hold (https://bsonspec.org/spec.html).
    public struct Subtype: RawRepresentable, Sendable, Hashable {
        /// The subtype's byte.
        public let rawValue: UInt8
        /// Makes a subtype; 128 to 255 are the application's own.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Bytes without further meaning.
        public static let generic = Subtype(rawValue: 0)
        /// A function.
        public static let function = Subtype(rawValue: 1)
        /// Bytes in the layout of old drivers.
        public static let binaryOld = Subtype(rawValue: 2)
        /// A UUID in a byte order of old drivers.
        public static let uuidOld = Subtype(rawValue: 3)
        /// A UUID in RFC 4122's byte order.
        public static let uuid = Subtype(rawValue: 4)
        /// An MD5 digest.
        public static let md5 = Subtype(rawValue: 5)
        /// Encrypted fields.
        public static let encrypted = Subtype(rawValue: 6)
        /// A compressed time-series column.
        public static let column = Subtype(rawValue: 7)
        /// Data that logs leave out.
        public static let sensitive = Subtype(rawValue: 8)
        /// A vector of numbers.
        public static let vector = Subtype(rawValue: 9)
    }
    /// What the bytes hold.
    public var subtype: Subtype
    /// The payload, without any inner length.
    public var bytes: [UInt8]
    /// Makes binary data.
    public init(subtype: Subtype = .generic, bytes: [UInt8]) {
        self.subtype = subtype
        self.bytes = bytes
    }
}

/// A regular expression as BSON stores it; the options stand in alphabetical order.
public struct BSONRegularExpression: Sendable, Hashable {
    /// The pattern, in PCRE's syntax.
    public var pattern: String
    /// The options: `i`, `m`, `s`, `x`, `u`.
    public var options: String
    /// Makes a regular expression and sorts its options.
    public init(pattern: String, options: String = "") {
        self.pattern = pattern
        self.options = Self.sorted(options)
    }

    /// The options in the order that BSON keeps them in: by their scalars, so that text stays text.
    static func sorted(_ options: String) -> String {
        // Almost all options come sorted, which is seen much faster than sorted again.
        var last: Unicode.Scalar = "\0"
        for scalar in options.unicodeScalars {
            guard scalar >= last else {
                return String(String.UnicodeScalarView(options.unicodeScalars.sorted()))
            }
            last = scalar
        }
        return options
    }
}

/// A moment of a replica set's log: seconds since 1970 and a counter within the second.
public struct BSONTimestamp: Sendable, Hashable, Comparable {
    /// Seconds in the high half, the counter in the low.
    public var rawValue: UInt64
    /// Makes a timestamp of its 64 bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// Makes a timestamp of seconds since 1970 and a counter.
    public init(seconds: UInt32, increment: UInt32) { rawValue = UInt64(seconds) << 32 | UInt64(increment) }
    /// Seconds since 1970.
    public var seconds: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
    /// The counter within the second.
    public var increment: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
    /// Orders timestamps in time.
    public static func < (a: BSONTimestamp, b: BSONTimestamp) -> Bool { a.rawValue < b.rawValue }
}

/// A reference of very old databases: a namespace and an id. Read and written, never made anew.
public struct BSONDBPointer: Sendable, Hashable {
    /// The namespace, `database.collection`.
    public var namespace: String
    /// The id of the document meant.
    public var id: ObjectID
    /// Makes a reference.
    public init(namespace: String, id: ObjectID) {
        self.namespace = namespace
        self.id = id
    }
}
