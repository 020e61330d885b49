/// Checks bytes from outside once, where they enter; everything behind it may read without fear.
///
/// Follows https://bsonspec.org/spec.html: lengths that fit, terminators in place, known types, UTF-8 in strings and
/// keys, booleans of 0 or 1, and nesting and size below MongoDB's limits.
public enum BSONValidator {
    /// The deepest nesting that MongoDB takes, in levels.
    public static let maximumDepth = 100
    /// The largest document that MongoDB stores, in bytes.
    public static let maximumDocumentSize = 16 * 1024 * 1024

    /// Checks that `bytes` are exactly one document.
    /// - Parameters:
    ///   - bytes: The document, from its length to its terminator.
    ///   - maximumDepth: How many levels may be nested, the outermost counted.
    /// - Throws: ``BSONError`` with the offset of the first fault.
    public static func validate(
        _ bytes: UnsafeRawBufferPointer, maximumDepth: Int = Self.maximumDepth
    ) throws(BSONError) {
        guard let base = bytes.baseAddress, bytes.count >= 5 else {
            throw BSONError(.malformed, "a document has at least 5 bytes, these are \(bytes.count)", at: 0)
        }
        try Pass(origin: base, maximumDepth: maximumDepth).document(base, count: bytes.count, depth: 1)
    }

    /// One walk over the bytes. What throws stands apart from it, so that the walk itself stays short.
    struct Pass {
        let origin: UnsafeRawPointer
        let maximumDepth: Int

        func document(_ base: UnsafeRawPointer, count: Int, depth: Int) throws(BSONError) {
            guard depth <= maximumDepth else {
                throw fault("documents are nested deeper than \(maximumDepth) levels", at: base, .tooDeep)
            }
            let length = Int(Int32(littleEndian: base.loadUnaligned(as: Int32.self)))
            guard length == count else {
                throw fault("the document says \(length) bytes and has \(count)", at: base)
            }
            let end = base + (count - 1)
            guard end.load(as: UInt8.self) == 0 else {
                throw fault("the document does not end with a zero byte", at: end)
            }
            var cursor = base + 4
            while cursor < end {
                let byte = cursor.load(as: UInt8.self)
                let start = try key(cursor + 1, limit: end - cursor - 1)
                // Text first: most values are text, and a branch is foreseen where a jump through a table is not.
                if byte == BSONType.string.rawValue {
                    guard let count = RawValue.prefixed(start, 4, atLeast: 1, limit: end - start) else {
                        throw unreadable(byte, at: cursor, start)
                    }
                    try string(start, count: count)
                    cursor = start + count
                    continue
                }
                let size = RawValue.fixedSize(byte)
                if size == RawValue.variable || byte > 0x13 || byte == 0 || byte == BSONType.bool.rawValue {
                    cursor = try value(byte, at: cursor, start, end: end, depth: depth)
                } else {
                    guard size <= end - start else { throw unreadable(byte, at: cursor, start) }
                    cursor = start + size
                }
            }
        }

        /// Checks a value of which not only the size is checked, and gives the place behind it.
        private func value(
            _ byte: UInt8, at place: UnsafeRawPointer, _ start: UnsafeRawPointer, end: UnsafeRawPointer, depth: Int
        ) throws(BSONError) -> UnsafeRawPointer {
            guard let value = RawValue.read(byte, start, limit: end - start) else {
                throw unreadable(byte, at: place, start)
            }
            try check(value, depth: depth)
            return start + value.count
        }

        /// Checks the contents of a value that fits its document.
        func check(_ value: RawValue, depth: Int) throws(BSONError) {
            let start = value.base
            switch value.type {
            case .double, .int32, .int64, .date, .timestamp, .objectID, .decimal128, .null, .undefined, .minKey,
                .maxKey:
                break
            case .string: try string(start, count: value.count)
            case .document, .array: try document(start, count: value.count, depth: depth + 1)
            case .bool: guard start.load(as: UInt8.self) <= 1 else { throw fault("a boolean is 0 or 1", at: start) }
            default: try rare(value, depth: depth)
            }
        }

        /// Checks a key and gives the place behind its terminator.
        @inline(__always)
        func key(_ start: UnsafeRawPointer, limit: Int) throws(BSONError) -> UnsafeRawPointer {
            // One load sees the end of a short key, and whether all that stands before is ASCII.
            var index = 0
            while index &+ 8 <= limit {
                let word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let zeros = ZeroScan.zeros(in: word)
                let before = zeros == 0 ? word : word & ((zeros & (0 &- zeros)) &- 1)
                if before & 0x8080_8080_8080_8080 != 0 { break }
                if zeros != 0 { return start + (index &+ zeros.trailingZeroBitCount &>> 3 &+ 1) }
                index &+= 8
            }
            guard let length = ZeroScan.length(start, limit: limit) else {
                throw fault("a key has no terminator", at: start)
            }
            try utf8(start, count: length)
            return start + (length + 1)
        }

        @inline(__always)
        private func string(_ base: UnsafeRawPointer, count: Int) throws(BSONError) {
            let last = base + (count - 1)
            guard last.load(as: UInt8.self) == 0 else {
                throw fault("a string does not end with a zero byte", at: last)
            }
            try utf8(base + 4, count: count - 5)
        }

        @inline(__always)
        private func utf8(_ base: UnsafeRawPointer, count: Int) throws(BSONError) {
            if let offset = UTF8Check.fault(base, count: count) {
                throw fault("a string is not UTF-8", at: base + offset, .invalidUTF8)
            }
        }

        /// Types that few documents have.
        @inline(never)
        private func rare(_ value: RawValue, depth: Int) throws(BSONError) {
            switch value.type {
            case .binary:
                guard value.base.load(fromByteOffset: 4, as: UInt8.self) == 2 else { return }
                let inner = value.count >= 9 ? Int((value.base + 5).loadUnaligned(as: Int32.self).littleEndian) : -1
                guard inner == value.count - 9 else {
                    throw fault("the inner length of binary subtype 2 does not fit", at: value.base)
                }
            case .regularExpression:
                let (pattern, options) = value.regularExpression
                try utf8(value.base, count: pattern.count)
                try utf8(value.base + (pattern.count + 1), count: options.count)
            case .javascript, .symbol: try string(value.base, count: value.count)
            case .dbPointer: try string(value.base, count: value.count - 12)
            case .javascriptWithScope:
                let code = Int((value.base + 4).loadUnaligned(as: Int32.self).littleEndian)
                guard code >= 1, code <= value.count - 4 - 4 - 5 else {
                    throw fault("the code does not fit its scope", at: value.base)
                }
                try string(value.base + 4, count: 4 + code)
                try document(value.base + (8 + code), count: value.count - 8 - code, depth: depth + 1)
            default: break
            }
        }

        /// Why there is no value at `start`.
        @inline(never)
        func unreadable(_ number: UInt8, at place: UnsafeRawPointer, _ start: UnsafeRawPointer) -> BSONError {
            guard let type = BSONType(rawValue: number) else {
                return fault("no BSON type has the number \(number)", at: place)
            }
            return fault("the \(type.alias) does not fit its document", at: start)
        }

        @inline(never)
        func fault(
            _ message: @autoclosure () -> String, at place: UnsafeRawPointer, _ code: BSONError.Code = .malformed
        ) -> BSONError {
            BSONError(code, message(), at: place - origin)
        }
    }
}
