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
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int64(text) { return Int32(exactly: value).map { .int32($0) } ?? .int64(value) }
        guard let value = Double(text), value.isFinite else {
            throw BSONError(.invalidJSON, "a number is out of range", at: start)
        }
        return .double(value)
    }

    private mutating func digits() throws(BSONError) {
        let start = position
        while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek) { position += 1 }
        guard position > start else { throw fault("a digit was expected") }
    }

    /// Reads a string from its opening to its closing quote.
    mutating func string() throws(BSONError) -> String {
        position += 1
        let start = position
        var run = start
        var unescaped: [UInt8] = []
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let end = position
                position += 1
                if run == start { return try utf8(bytes[start..<end], from: start) }
                unescaped.append(contentsOf: bytes[run..<end])
                return try utf8(unescaped, from: start)
            case UInt8(ascii: "\\"):
                unescaped.append(contentsOf: bytes[run..<position])
                try escape(into: &unescaped)
                run = position
            case 0..<0x20: throw fault("a control character must be escaped")
            default: position += 1
            }
        }
        throw fault("the end of a string was expected")
    }

    private func utf8(_ bytes: some Collection<UInt8>, from start: Int) throws(BSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw BSONError(.invalidUTF8, "a string is not UTF-8", at: start)
        }
        return text
    }

    private mutating func escape(into text: inout [UInt8]) throws(BSONError) {
        let start = position
        position += 1
        let character = peek
        position += 1
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(character)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
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
            text.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
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
