#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Types that have a BSON type of their own.
///
/// A generic value's type is told by comparing metatypes, which costs a comparison of pointers each; casts at run time cost
/// more than writing the value.
extension EncodingState {
    /// Writes an element whose type has a fixed size in BSON, without a frame; false for all other types.
    @inline(__always)
    func encodeFixed<T>(_ value: T, _ serial: Int, _ name: String?) throws -> Bool {
        if T.self == ObjectID.self {
            try encode(unsafeBitCast(value, to: ObjectID.self).words, .objectID, serial, name)
        } else if T.self == Date.self {
            guard case .date = options.dateEncodingStrategy else { return false }
            let milliseconds = try milliseconds(unsafeBitCast(value, to: Date.self), serial, name)
            try encode(milliseconds, .date, serial, name)
        } else if T.self == UUID.self {
            guard case .binary(.standard) = options.uuidEncodingStrategy else { return false }
            let place = try enter(serial)
            let mark = writer.count
            header(BSONType.binary.rawValue, name, place)
            writer.fixed(16 as Int32)
            writer.fixed(BSONBinary.Subtype.uuid.rawValue)
            writer.fixed(unsafeBitCast(value, to: UUID.self).uuid)
            complete(place, from: mark)
        } else if T.self == BSONDate.self {
            try encode(unsafeBitCast(value, to: BSONDate.self).millisecondsSince1970, .date, serial, name)
        } else {
            return false
        }
        return true
    }

    /// Writes the value of the frame at the top where its type has a BSON type of its own; false for all other types.
    func encodeNative<T: Encodable>(_ value: T, _ serial: Int) throws -> Bool {
        if T.self == [String].self {
            try encodeArray(unsafeBitCast(value, to: [String].self), .string, serial) { $1.string($0) }
        } else if T.self == [Int].self {
            try encodeArray(unsafeBitCast(value, to: [Int].self), serial)
        } else if T.self == [Double].self {
            try encodeArray(unsafeBitCast(value, to: [Double].self), .double, serial) { $1.fixed($0) }
        } else if T.self == [Int32].self {
            try encodeArray(unsafeBitCast(value, to: [Int32].self), .int32, serial) { $1.fixed($0) }
        } else if T.self == [Int64].self {
            try encodeArray(unsafeBitCast(value, to: [Int64].self), .int64, serial) { $1.fixed($0) }
        } else if T.self == [Bool].self {
            try encodeArray(unsafeBitCast(value, to: [Bool].self), .bool, serial) { $1.fixed($0 ? 1 as UInt8 : 0) }
        } else if T.self == [ObjectID].self {
            try encodeArray(unsafeBitCast(value, to: [ObjectID].self), .objectID, serial) { $1.fixed($0.words) }
        } else if T.self == Date.self {
            try encodeDate(unsafeBitCast(value, to: Date.self), serial)
        } else if T.self == Data.self {
            try encodeData(unsafeBitCast(value, to: Data.self), serial)
        } else if T.self == UUID.self {
            let uuid = unsafeBitCast(value, to: UUID.self)
            switch options.uuidEncodingStrategy {
            case .binary(let representation):
                try encodeInPlace(.binary(BSONBinary(uuid, representation: representation)), serial)
            case .string: try encodeInPlace(.string(uuid.uuidString), serial)
            }
        } else if T.self == URL.self, let url = value as? URL {
            try encodeInPlace(.string(url.absoluteString), serial)
        } else if T.self == Decimal.self, let decimal = value as? Decimal {
            guard let number = Decimal128(decimal.description) else {
                throw unfit(decimal, serial, nil, "\(decimal) does not fit into a decimal128")
            }
            try encodeInPlace(.decimal128(number), serial)
        } else {
            return false
        }
        return true
    }

    /// Writes an array's elements, which are all of one BSON type.
    @inline(__always)
    private func encodeArray<Element>(
        _ values: [Element], _ type: BSONType, _ serial: Int, _ write: (Element, inout BSONWriter) -> Void
    ) throws {
        try decide(.array, serial)
        let start = writer.openLength()
        for index in values.indices {
            writer.header(type.rawValue, index: index)
            write(values[index], &writer)
        }
        writer.closeLength(start)
    }

    private func encodeArray(_ values: [Int], _ serial: Int) throws {
        try decide(.array, serial)
        let start = writer.openLength()
        for index in values.indices {
            if let small = Int32(exactly: values[index]) {
                writer.header(BSONType.int32.rawValue, index: index)
                writer.fixed(small)
            } else {
                writer.header(BSONType.int64.rawValue, index: index)
                writer.fixed(Int64(values[index]))
            }
        }
        writer.closeLength(start)
    }

    private func encodeDate(_ date: Date, _ serial: Int) throws {
        switch options.dateEncodingStrategy {
        case .date:
            try encodeInPlace(.date(BSONDate(millisecondsSince1970: milliseconds(date, serial, nil))), serial)
        case .millisecondsSince1970: try encodeInPlace(.int64(milliseconds(date, serial, nil)), serial)
        case .secondsSince1970: try encodeInPlace(.double(date.timeIntervalSince1970), serial)
        case .iso8601:
            let date = BSONDate(millisecondsSince1970: try milliseconds(date, serial, nil))
            try encodeInPlace(.string(date.iso8601), serial)
        case .custom(let encode): try encode(date, ValueEncoder(state: self, serial: serial))
        }
    }

    private func encodeData(_ data: Data, _ serial: Int) throws {
        switch options.dataEncodingStrategy {
        case .binary:
            guard let count = Int32(exactly: data.count) else {
                throw unfit(data, serial, nil, "\(data.count) bytes are more than BSON can hold")
            }
            try decide(.binary, serial)
            writer.fixed(count)
            writer.fixed(BSONBinary.Subtype.generic.rawValue)
            data.withUnsafeBytes { writer.raw($0) }
        case .base64:
            try encodeInPlace(.string(Base64.encode([UInt8](data))), serial)
        case .custom(let encode): try encode(data, ValueEncoder(state: self, serial: serial))
        }
    }

    private func milliseconds(_ date: Date, _ serial: Int, _ name: String?) throws -> Int64 {
        // A date keeps a fraction of a second in binary: what came as milliseconds is the nearest number of them.
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        guard let milliseconds = Int64(exactly: milliseconds) else {
            // Not the date itself: Foundation cannot print those that are no numbers.
            throw unfit(
                date.timeIntervalSince1970, serial, name, "the date is not within the range of 64-bit milliseconds")
        }
        return milliseconds
    }
}
