extension BSONValue {
    /// Copies a value out of memory that may go away.
    package init(copying raw: RawValue) {
        self.init(raw, owner: nil)
    }

    /// Takes a value out of `owner`'s memory; documents and arrays stay slices of it.
    package init(_ raw: RawValue, owner: BSONBuffer?) {
        self = Self.read(raw, owner: owner)
    }

    /// Does what ``init(_:owner:)`` does. An initializer would take a reference to `owner` of its own, for every value.
    @inline(__always)
    static func read(_ raw: RawValue, owner: BSONBuffer?) -> BSONValue {
        // Most values are text, and the branch is mostly foreseen where a jump through a table is not.
        if raw.type == .string { return .string(raw.string) }
        if raw.type == .int32 { return .int32(raw.int32) }
        if raw.type == .double { return .double(raw.double) }
        return readOther(raw, owner: owner)
    }

    private static func readOther(_ raw: RawValue, owner: BSONBuffer?) -> BSONValue {
        switch raw.type {
        case .double: return .double(raw.double)
        case .string: return .string(raw.string)
        case .document: return .document(BSONDocument(raw.document, owner: owner))
        case .array: return .array(BSONArray(BSONDocument(raw.document, owner: owner)))
        case .binary:
            let (subtype, bytes) = raw.binary
            return .binary(BSONBinary(subtype: .init(rawValue: subtype), bytes: [UInt8](bytes)))
        case .undefined: return .undefined
        case .objectID: return .objectID(ObjectID(raw.bytes))
        case .bool: return .bool(raw.bool)
        case .date: return .date(BSONDate(millisecondsSince1970: raw.int64))
        case .null: return .null
        case .regularExpression:
            let (pattern, options) = raw.regularExpression
            return .regularExpression(
                BSONRegularExpression(pattern: _ShortText.string(pattern), options: _ShortText.string(options)))
        case .dbPointer:
            let name = RawValue(type: .string, base: raw.base, count: max(raw.count - 12, 0))
            let id = UnsafeRawBufferPointer(start: raw.base + name.count, count: raw.count - name.count)
            return .dbPointer(BSONDBPointer(namespace: name.string, id: ObjectID(id)))
        case .javascript: return .javascript(raw.string)
        case .symbol: return .symbol(raw.string)
        case .javascriptWithScope:
            let (code, scope) = raw.javascriptWithScope
            return .javascriptWithScope(code: code.string, scope: BSONDocument(scope, owner: owner))
        case .int32: return .int32(raw.int32)
        case .timestamp: return .timestamp(BSONTimestamp(rawValue: UInt64(bitPattern: raw.int64)))
        case .int64: return .int64(raw.int64)
        case .decimal128: return .decimal128(raw.decimal128)
        case .minKey: return .minKey
        case .maxKey: return .maxKey
        }
    }

    /// Calls `body` with the value's bytes as they stand in a document.
    package func withRawValue<R, E: Error>(_ body: (RawValue) throws(E) -> R) throws(E) -> R {
        switch self {
        case .document(let document): return try document.withRaw { raw throws(E) in try body(raw.value(.document)) }
        case .array(let array): return try array.document.withRaw { raw throws(E) in try body(raw.value(.array)) }
        default:
            var writer = BSONWriter(capacity: 64)
            writer.append("", self)
            let document = writer.finish()
            return try document.withRaw { raw throws(E) in
                // Length, type byte and the empty key's terminator stand before the value, one byte behind it.
                try body(RawValue(type: type, base: raw.base + 6, count: raw.count - 7))
            }
        }
    }
}

extension RawDocument {
    /// This document as a value of an outer one.
    package func value(_ type: BSONType) -> RawValue { RawValue(type: type, base: base, count: count) }
}
