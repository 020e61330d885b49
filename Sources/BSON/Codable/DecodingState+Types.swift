#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Values of the types that have a BSON type of their own.
extension DecodingState {
    /// Reads a value of any type.
    @inline(__always)
    func decode<T: Decodable>(_ type: T.Type, _ value: RawValue, depth: Int) throws -> T {
        // Of the same type, so that the bits are those of the type asked for; a cast at run time would cost more than the
        // reading.
        if T.self == ObjectID.self { return unsafeBitCast(try objectID(value), to: T.self) }
        if T.self == Date.self { return unsafeBitCast(try date(value, depth), to: T.self) }
        if T.self == UUID.self { return unsafeBitCast(try uuid(value), to: T.self) }
        if T.self == BSONDate.self { return unsafeBitCast(try bsonDate(value), to: T.self) }
        return try decodeOther(type, value, depth: depth)
    }

    private func decodeOther<T: Decodable>(_ type: T.Type, _ value: RawValue, depth: Int) throws -> T {
        if T.self == [String].self { return unsafeBitCast(try array(value) { try self.string($0) }, to: T.self) }
        if T.self == [Int].self {
            return unsafeBitCast(try array(value) { try self.integer($0, Int.self) }, to: T.self)
        }
        if T.self == [Double].self { return unsafeBitCast(try array(value) { try self.double($0) }, to: T.self) }
        if T.self == [Int32].self {
            return unsafeBitCast(try array(value) { try self.integer($0, Int32.self) }, to: T.self)
        }
        if T.self == [Int64].self {
            return unsafeBitCast(try array(value) { try self.integer($0, Int64.self) }, to: T.self)
        }
        if T.self == [Bool].self { return unsafeBitCast(try array(value) { try self.bool($0) }, to: T.self) }
        if T.self == [ObjectID].self { return unsafeBitCast(try array(value) { try self.objectID($0) }, to: T.self) }
        if T.self == Data.self { return unsafeBitCast(try data(value, depth), to: T.self) }
        if T.self == URL.self { return unsafeBitCast(try url(value), to: T.self) }
        if T.self == Decimal.self { return unsafeBitCast(try decimal(value), to: T.self) }
        guard depth < CodingLimits.depth else { throw tooDeep(value) }
        return try T(from: ValueDecoder(state: self, value: value, depth: depth))
    }

    /// Nil where the type is optional: a missing field is nil for every way of asking.
    @inline(never)
    func none<T>(_ type: T.Type) -> T? {
        func none<N: ExpressibleByNilLiteral>(_ same: N.Type) -> T { unsafeBitCast(N(nilLiteral: ()), to: T.self) }
        guard let optional = type as? any ExpressibleByNilLiteral.Type else { return nil }
        return none(optional)
    }

    @inline(__always)
    func string(_ value: RawValue) throws -> String {
        guard value.type == .string || value.type == .symbol else { throw mismatch(String.self, value) }
        return value.string
    }

    @inline(__always)
    func bool(_ value: RawValue) throws -> Bool {
        guard value.type == .bool else { throw mismatch(Bool.self, value) }
        return value.bool
    }

    @inline(__always)
    func integer<T: FixedWidthInteger>(_ value: RawValue, _ type: T.Type) throws -> T {
        if value.type == .int32, let number = T(exactly: value.int32) { return number }
        if value.type == .int64, let number = T(exactly: value.int64) { return number }
        return try otherInteger(value, type)
    }

    @inline(never)
    private func otherInteger<T: FixedWidthInteger>(_ value: RawValue, _ type: T.Type) throws -> T {
        guard value.type.isNumber else { throw mismatch(type, value) }
        if value.type == .double, let number = T(exactly: value.double) { return number }
        if value.type == .decimal128, let number = T(exactly: value.decimal128) { return number }
        throw unfit(type, value)
    }

    @inline(__always)
    func double(_ value: RawValue) throws -> Double {
        switch value.type {
        case .double: return value.double
        case .int32: return Double(value.int32)
        case .int64: return Double(value.int64)
        case .decimal128: return value.decimal128.toDouble()
        default: throw mismatch(Double.self, value)
        }
    }

    func float(_ value: RawValue) throws -> Float {
        let double = try double(value)
        let float = Float(double)
        guard float.isFinite || !double.isFinite else { throw unfit(Float.self, value) }
        return float
    }

    @inline(__always)
    private func objectID(_ value: RawValue) throws -> ObjectID {
        guard value.type == .objectID else { throw mismatch(ObjectID.self, value) }
        return ObjectID(value.base.loadUnaligned(as: ObjectID.Words.self))
    }

    private func bsonDate(_ value: RawValue) throws -> BSONDate {
        guard value.type == .date else { throw mismatch(BSONDate.self, value) }
        return BSONDate(millisecondsSince1970: value.int64)
    }

    private func date(_ value: RawValue, _ depth: Int) throws -> Date {
        switch options.dateDecodingStrategy {
        case .date:
            guard value.type == .date else { throw mismatch(Date.self, value, wanted: "a date") }
            return Date(timeIntervalSince1970: Double(value.int64) / 1000)
        case .millisecondsSince1970: return Date(timeIntervalSince1970: try double(value) / 1000)
        case .secondsSince1970: return Date(timeIntervalSince1970: try double(value))
        case .iso8601:
            let text = try string(value)
            guard let date = BSONDate(iso8601: text) else {
                throw corrupted(value, "expected a date in ISO 8601, found \"\(text)\"")
            }
            return Date(timeIntervalSince1970: Double(date.millisecondsSince1970) / 1000)
        case .custom(let decode): return try decode(ValueDecoder(state: self, value: value, depth: depth))
        }
    }

    private func data(_ value: RawValue, _ depth: Int) throws -> Data {
        switch options.dataDecodingStrategy {
        case .binary:
            guard value.type == .binary else { throw mismatch(Data.self, value, wanted: "a binData") }
            return Data(value.binary.bytes)
        case .base64:
            guard let bytes = Base64.decode(try string(value)) else {
                throw corrupted(value, "expected base64, found another string")
            }
            return Data(bytes)
        case .custom(let decode): return try decode(ValueDecoder(state: self, value: value, depth: depth))
        }
    }

    private func uuid(_ value: RawValue) throws -> UUID {
        guard case .binary(let representation) = options.uuidDecodingStrategy else {
            let text = try string(value)
            if let uuid = UUID(uuidString: text) { return uuid }
            throw corrupted(value, "expected a UUID, found \"\(text)\"")
        }
        guard value.type == .binary else { throw mismatch(UUID.self, value, wanted: "a binData with a UUID") }
        let (subtype, bytes) = value.binary
        // Subtype 4 is never in doubt: collections that an old driver began have both.
        for representation in [representation, .standard] {
            if let uuid = UUID(bytes, subtype: .init(rawValue: subtype), representation) { return uuid }
        }
        let found = "a binData of \(bytes.count) bytes of subtype \(subtype)"
        let hint = subtype == 3 && bytes.count == 16 ? ", which needs a representation of old drivers," : ""
        throw corrupted(value, "expected a UUID, found \(found)\(hint)")
    }

    private func url(_ value: RawValue) throws -> URL {
        let text = try string(value)
        guard let url = URL(string: text) else { throw corrupted(value, "expected a URL, found \"\(text)\"") }
        return url
    }

    private func decimal(_ value: RawValue) throws -> Decimal {
        guard value.type.isNumber else { throw mismatch(Decimal.self, value, wanted: "a number") }
        let text = value.type == .decimal128 ? value.decimal128.description : bsonValue(value).description
        if text == "NaN" { return .nan }
        guard let decimal = Decimal(string: text) else { throw unfit(Decimal.self, value) }
        return decimal
    }

    @inline(__always)
    private func array<Element>(_ value: RawValue, _ read: (RawValue) throws -> Element) throws -> [Element] {
        guard value.type == .array else { throw mismatch([Element].self, value, wanted: "an array") }
        var elements: [Element] = []
        // An element takes seven bytes at least; strings take more.
        if value.count > 5 { elements.reserveCapacity(max(4, value.count / 16)) }
        for element in value.document { elements.append(try read(element.value)) }
        return elements
    }
}
