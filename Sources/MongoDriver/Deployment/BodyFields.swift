internal import BSON

/// Which of the fields that a driver adds to commands a command's body has already, seen in one walk over it.
struct BodyFields: OptionSet {
    let rawValue: UInt16

    static let database = Self(rawValue: 1 << 0)
    static let session = Self(rawValue: 1 << 1)
    static let transactionNumber = Self(rawValue: 1 << 2)
    static let startTransaction = Self(rawValue: 1 << 3)
    static let autocommit = Self(rawValue: 1 << 4)
    static let readPreference = Self(rawValue: 1 << 5)
    static let maxTime = Self(rawValue: 1 << 6)
    static let writeConcern = Self(rawValue: 1 << 7)

    init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Looks at a command's body.
    init(_ body: BSONDocument) {
        var bits: UInt16 = 0
        body.withRaw { raw in
            for element in raw {
                // By the lengths of the names, most are none of these.
                let (name, field): (StaticString, Self)
                switch element.key.count {
                case 3: (name, field) = ("$db", .database)
                case 4: (name, field) = ("lsid", .session)
                case 9 where element.hasKey("maxTimeMS"): (name, field) = ("maxTimeMS", .maxTime)
                case 9: (name, field) = ("txnNumber", .transactionNumber)
                case 10: (name, field) = ("autocommit", .autocommit)
                case 12: (name, field) = ("writeConcern", .writeConcern)
                case 15: (name, field) = ("$readPreference", .readPreference)
                case 16: (name, field) = ("startTransaction", .startTransaction)
                default: continue
                }
                if element.hasKey(name) { bits |= field.rawValue }
            }
        }
        self.init(rawValue: bits)
    }
}
