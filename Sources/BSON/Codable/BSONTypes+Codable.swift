// The types of this module are what they are in the coders of this module, and Extended JSON in all others: see
// `ForeignCoding`. A document that a `JSONDecoder` reads has its fields in no particular order, since that decoder keeps none.

/// What a type of this module does to be `Codable`.
protocol BSONCodable: Codable {
    /// The value of this.
    var bsonValue: BSONValue { get }
    /// This of a value; nil for a value of another type.
    init?(bsonValue: BSONValue)
    /// This of a text that stands for it in JSON, where it is not Extended JSON.
    init?(jsonText: String)
}

extension BSONCodable {
    init?(jsonText: String) { return nil }

    fileprivate init(reading decoder: any Decoder) throws {
        if let native = decoder as? ValueDecoder {
            guard let value = Self(bsonValue: native.state.bsonValue(native.value)) else {
                throw native.state.mismatch(Self.self, native.value)
            }
            self = value
            return
        }
        let value = try ForeignCoding.decode(from: decoder)
        if let value = Self(bsonValue: value) {
            self = value
        } else if let value = value.string.flatMap({ Self(jsonText: $0) }) {
            self = value
        } else {
            let text = "expected \(Self.self), found \(value.type.words)"
            throw DecodingError.typeMismatch(
                Self.self,
                .init(codingPath: decoder.codingPath, debugDescription: decoder.codingPath.pathPrefix + text))
        }
    }

    fileprivate func write(to encoder: any Encoder) throws {
        if let native = encoder as? ValueEncoder {
            try native.encode(native: bsonValue)
        } else {
            try ForeignCoding.encode(bsonValue, to: encoder)
        }
    }
}

extension BSONValue: BSONCodable {
    /// Reads a value of any type from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes a value of any type as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        self = bsonValue
    }

    var bsonValue: BSONValue { self }
}

extension BSONDocument: BSONCodable {
    /// Reads a document from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes a document as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        guard let value = bsonValue.document else { return nil }
        self = value
    }

    var bsonValue: BSONValue { .document(self) }
}

extension BSONArray: BSONCodable {
    /// Reads an array from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes an array as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        guard let value = bsonValue.array else { return nil }
        self = value
    }

    var bsonValue: BSONValue { .array(self) }
}

extension ObjectID: BSONCodable {
    /// Reads an ObjectID from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes an ObjectID as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        guard let value = bsonValue.objectID else { return nil }
        self = value
    }

    var bsonValue: BSONValue { .objectID(self) }

    init?(jsonText: String) { self.init(jsonText) }
}

extension BSONDate: BSONCodable {
    /// Reads a date from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes a date as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        guard let value = bsonValue.date else { return nil }
        self = value
    }

    var bsonValue: BSONValue { .date(self) }

    init?(jsonText: String) { self.init(iso8601: jsonText) }
}

extension Decimal128: BSONCodable {
    /// Reads a decimal from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes a decimal as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        switch bsonValue {
        case .decimal128(let value): self = value
        case .int32(let value): self.init(Int64(value))
        case .int64(let value): self.init(value)
        case .double(let value): self.init(nearest: value)
        default: return nil
        }
    }

    var bsonValue: BSONValue { .decimal128(self) }

    init?(jsonText: String) { self.init(jsonText) }
}

extension BSONBinary: BSONCodable {
    /// Reads binary data from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes binary data as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        guard let value = bsonValue.binary else { return nil }
        self = value
    }

    var bsonValue: BSONValue { .binary(self) }
}

extension BSONTimestamp: BSONCodable {
    /// Reads a timestamp from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes a timestamp as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        guard let value = bsonValue.timestamp else { return nil }
        self = value
    }

    var bsonValue: BSONValue { .timestamp(self) }
}

extension BSONRegularExpression: BSONCodable {
    /// Reads a regular expression from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes a regular expression as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        guard case .regularExpression(let value) = bsonValue else { return nil }
        self = value
    }

    var bsonValue: BSONValue { .regularExpression(self) }
}

extension BSONDBPointer: BSONCodable {
    /// Reads a reference from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes a reference as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        guard case .dbPointer(let value) = bsonValue else { return nil }
        self = value
    }

    var bsonValue: BSONValue { .dbPointer(self) }
}

extension BSONVector: BSONCodable {
    /// Reads a vector from BSON, or from Extended JSON by other decoders.
    public init(from decoder: any Decoder) throws { try self.init(reading: decoder) }

    /// Writes a vector as it is into BSON, and as Extended JSON by other encoders.
    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }

    init?(bsonValue: BSONValue) {
        guard let value = bsonValue.vector else { return nil }
        self = value
    }

    var bsonValue: BSONValue { .vector(self) }
}
