extension JSONReader {
    /// Reads a number: an integer as the smallest type that holds it, all else as a double.
    mutating func number() throws(BSONError) -> BSONValue {
        let start = position
        var isInteger = true
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") {
            isInteger = false
            try digits()
        }
        if take("e") || take("E") {
            isInteger = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start..<position])
        if isInteger, let value = DecimalText.integer(text) {
            return Int32(exactly: value).map { .int32($0) } ?? .int64(value)
        }
        guard let value = DecimalText.double(text), value.isFinite else {
            throw BSONError(.invalidJSON, "a number is out of range", at: start)
        }
        return .double(value)
    }

    private mutating func digits() throws(BSONError) {
        let start = position
        while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek) { position += 1 }
        guard position > start else { throw fault("a digit was expected") }
    }

    /// Reads a string from its opening to its closing quote. The bytes are UTF-8 and stay valid as long as the text.
    mutating func string() throws(BSONError) -> UnsafeRawBufferPointer {
        position += 1
        let start = position
        let text = UnsafeRawBufferPointer(bytes)
        guard let base = text.baseAddress else { throw fault("the end of a string was expected") }
        let end = TextBuffer.plainRun(base, from: start, count: text.count)
        position = end
        guard take("\"") else { return try stringWithEscapes(from: start) }
        return try utf8(UnsafeRawBufferPointer(start: base + start, count: end - start), from: start)
    }

    /// Goes on with a string whose first byte that is not plain is no quote.
    private mutating func stringWithEscapes(from start: Int) throws(BSONError) -> UnsafeRawBufferPointer {
        let first = room()
        var run = start
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                keep(run..<position)
                position += 1
                return try utf8(UnsafeRawBufferPointer(start: first, count: room() - first), from: start)
            case UInt8(ascii: "\\"):
                keep(run..<position)
                try escape()
                run = position
            case 0..<0x20: throw fault("a control character must be escaped")
            default: position += 1
            }
        }
        throw fault("the end of a string was expected")
    }

    /// Copies a run of the text behind what is unescaped.
    private mutating func keep(_ run: Range<Int>) {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return }
        room().copyMemory(from: base + run.lowerBound, byteCount: run.count)
        unescapedCount += run.count
    }

    private mutating func keep(_ byte: UInt8) {
        room().storeBytes(of: byte, as: UInt8.self)
        unescapedCount += 1
    }

    private func utf8(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(BSONError) -> UnsafeRawBufferPointer {
        if let base = bytes.baseAddress, UTF8Check.fault(base, count: bytes.count) != nil {
            throw BSONError(.invalidUTF8, "a string is not UTF-8", at: start)
        }
        return bytes
    }

    private mutating func escape() throws(BSONError) {
        let start = position
        position += 1
        let character = peek
        position += 1
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): keep(character)
        case UInt8(ascii: "b"): keep(0x08)
        case UInt8(ascii: "f"): keep(0x0C)
        case UInt8(ascii: "n"): keep(0x0A)
        case UInt8(ascii: "r"): keep(0x0D)
        case UInt8(ascii: "t"): keep(0x09)
        case UInt8(ascii: "u"):
            var code = try codeUnit()
            if (0xD800..<0xDC00).contains(code) {
                guard take("\\"), take("u"), case let low = try codeUnit(), (0xDC00..<0xE000).contains(low) else {
                    throw BSONError(.invalidJSON, "half of a surrogate pair stands alone", at: start)
                }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw BSONError(.invalidJSON, "half of a surrogate pair stands alone", at: start)
            }
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { keep(byte) }
        default: throw BSONError(.invalidJSON, "no escape begins like this", at: start)
        }
    }

    /// Reads four hexadecimal digits.
    private mutating func codeUnit() throws(BSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = peek
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - 0x30)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - 0x61 + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - 0x41 + 10)
            default: throw fault("four hexadecimal digits were expected")
            }
            position += 1
        }
        return value
    }
}
