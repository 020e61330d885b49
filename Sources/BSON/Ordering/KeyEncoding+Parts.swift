extension KeyEncoding {
    /// Where the value ends whose bytes begin at `start` in a key of several values; nil where the bytes are no key.
    package static func end(
        ofValueIn key: UnsafeRawBufferPointer, from start: Int, descending: Bool = false
    ) -> Int? {
        var reader = KeyReader(key: key, place: start, mask: descending ? 0xFF : 0)
        guard let order = reader.next(), reader.skipBody(order) else { return nil }
        return reader.place
    }
}

/// Goes over a key value by value.
private struct KeyReader {
    let key: UnsafeRawBufferPointer
    var place: Int
    /// What turns the bytes of a descending part back.
    let mask: UInt8

    mutating func next() -> UInt8? {
        guard place < key.count else { return nil }
        defer { place += 1 }
        return key[place] ^ mask
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard count <= key.count - place else { return false }
        place += count
        return true
    }

    /// Passes over what stands behind the byte of a value's type.
    mutating func skipBody(_ order: UInt8) -> Bool {
        switch order {
        case Self.number: return skipNumber()
        case Self.text, Self.code: return skipText()
        case Self.document: return skipFields(names: true)
        case Self.array: return skipFields(names: false)
        case Self.binary:
            // The length, a subtype and the bytes.
            guard let count = length() else { return false }
            return skip(count) && skip(1)
        case Self.pointer:
            guard let count = length() else { return false }
            return skip(count)
        case Self.objectID: return skip(12)
        case Self.bool: return skip(1)
        case Self.date, Self.timestamp: return skip(8)
        case Self.regex: return skipText() && skipText()
        case Self.scopedCode: return skipText() && skipFields(names: true)
        default: return true
        }
    }

    private mutating func length() -> Int? {
        var count = 0
        for _ in 0..<4 {
            guard let byte = next() else { return nil }
            count = count << 8 | Int(byte)
        }
        return count
    }

    /// Eight bytes of a double, and the digits of a number that is none.
    private mutating func skipNumber() -> Bool {
        guard skip(8), let marker = next() else { return false }
        if marker == 0 { return true }
        guard skip(2) else { return false }
        var terminator: UInt8?
        while let byte = next() {
            // Digits are 1 to 10 and end with 0; those of negative numbers are inverted.
            let end = terminator ?? (byte <= 10 ? 0 : 0xFF)
            terminator = end
            if byte == end { return true }
        }
        return false
    }

    private mutating func skipText() -> Bool {
        while let byte = next() {
            guard byte == 0 else { continue }
            guard let second = next() else { return false }
            if second == 0 { return true }
        }
        return false
    }

    private mutating func skipFields(names: Bool) -> Bool {
        while let order = next() {
            if order == 0 { return true }
            guard !names || skipText(), skipBody(order) else { return false }
        }
        return false
    }

    private static let number = BSONType.double.canonicalOrder
    private static let text = BSONType.string.canonicalOrder
    private static let code = BSONType.javascript.canonicalOrder
    private static let document = BSONType.document.canonicalOrder
    private static let array = BSONType.array.canonicalOrder
    private static let binary = BSONType.binary.canonicalOrder
    private static let pointer = BSONType.dbPointer.canonicalOrder
    private static let objectID = BSONType.objectID.canonicalOrder
    private static let bool = BSONType.bool.canonicalOrder
    private static let date = BSONType.date.canonicalOrder
    private static let timestamp = BSONType.timestamp.canonicalOrder
    private static let regex = BSONType.regularExpression.canonicalOrder
    private static let scopedCode = BSONType.javascriptWithScope.canonicalOrder
}
