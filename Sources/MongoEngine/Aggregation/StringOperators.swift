internal import BSON
internal import MongoProtocol

extension ExpressionOperators {
    /// Strings. Upper and lower case concern ASCII alone, as in MongoDB.
    static let strings: [String: ExpressionOperator] = [
        "$concat": .values(any) { values in
            var result = ""
            var budget = ValueBudget("$concat")
            for value in values {
                if isNullish(value) { return .null }
                try budget.take(value)
                guard let text = value?.string else {
                    throw MongoError(.init(16702), "$concat only supports strings, not \(typeName(value))")
                }
                result += text
            }
            return .string(result)
        },
        "$toLower": .unary { .string(mapped(try text($0)) { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }) },
        "$toUpper": .unary { .string(upper(try text($0))) },
        "$strcasecmp": .binary { a, b in
            let (x, y) = (upper(try text(a)), upper(try text(b)))
            return .int32(x == y ? 0 : x.utf8.lexicographicallyPrecedes(y.utf8) ? -1 : 1)
        },
        "$strLenBytes": .unary { .int(try string("$strLenBytes", 34473, $0).utf8.count) },
        "$strLenCP": .unary { .int(try string("$strLenCP", 34471, $0).unicodeScalars.count) },
        "$substrBytes": .values(3...3) { try substringBytes("$substrBytes", $0) },
        "$substr": .values(3...3) { try substringBytes("$substrBytes", $0) },
        "$substrCP": .values(3...3, substringScalars),
        "$indexOfCP": .values(2...4) { values in
            try indexOf("$indexOfCP", (40093, 40094), values) { Array($0.unicodeScalars) }
        },
        "$indexOfBytes": .values(2...4) { values in
            try indexOf("$indexOfBytes", (40091, 40092), values) { Array($0.utf8) }
        },
        "$split": .binary(split),
        "$trim": .raw { try trim("$trim", $0, $1, left: true, right: true) },
        "$ltrim": .raw { try trim("$ltrim", $0, $1, left: true, right: false) },
        "$rtrim": .raw { try trim("$rtrim", $0, $1, left: false, right: true) },
        "$replaceOne": .raw { try replace("$replaceOne", $0, $1, all: false) },
        "$replaceAll": .raw { try replace("$replaceAll", $0, $1, all: true) },
    ]

    /// A value as text where MongoDB makes text of it: numbers, dates and null too.
    static func text(_ value: BSONValue?) throws -> String {
        switch value {
        case nil, .null?, .undefined?: return ""
        case .string(let text)?, .symbol(let text)?, .javascript(let text)?: return text
        case .int32(let number)?: return String(number)
        case .int64(let number)?: return String(number)
        case .double(let number)?: return doubleText(number)
        case .decimal128(let number)?: return number.description
        case .date(let date)?: return DateParts(date).isoText
        case .timestamp(let timestamp)?:
            return "Timestamp(\(timestamp.seconds), \(timestamp.increment))"
        case let value?:
            throw MongoError(.init(16007), "can't convert from BSON type \(value.type.alias) to String")
        }
    }

    /// A double as MongoDB writes it: no fraction where there is none.
    static func doubleText(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        if let integer = Int64(exactly: number), integer.magnitude < 1_000_000_000_000_000 {
            return String(integer)
        }
        return "\(number)"
    }

    private static func mapped(_ text: String, _ body: (UInt8) -> UInt8) -> String {
        String(decoding: text.utf8.map(body), as: UTF8.self)
    }

    private static func upper(_ text: String) -> String {
        mapped(text) { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }
    }

    private static func string(_ name: String, _ code: Int32, _ value: BSONValue?) throws -> String {
        guard let text = value?.string else {
            throw MongoError(.init(code), "\(name) requires a string argument, found: \(typeName(value))")
        }
        return text
    }

    private static func number(_ name: String, _ word: String, _ code: Int32, _ value: BSONValue?) throws -> Int {
        guard let number = BSONNumber(value) else {
            throw MongoError(
                .init(code), "\(name): \(word) must be a numeric type (is BSON type \(typeName(value)))")
        }
        if let integer = number.integer { return Int(clamping: integer) }
        let truncated = number.double.rounded(.towardZero)
        return Int(exactly: truncated) ?? (truncated > 0 ? .max : truncated < 0 ? .min : 0)
    }

    private static func substringBytes(_ name: String, _ values: [BSONValue?]) throws -> BSONValue? {
        let bytes = Array(try text(values[0]).utf8)
        let start = try number(name, "starting index", 16034, values[1])
        let length = try number(name, "length", 16035, values[2])
        guard start >= 0 else {
            throw MongoError(.init(50752), "\(name): starting index must be non-negative (got: \(start))")
        }
        func isContinuation(_ index: Int) -> Bool { index < bytes.count && bytes[index] & 0xC0 == 0x80 }
        if isContinuation(start) {
            throw MongoError(.init(28656), "\(name):  Invalid range, starting index is a UTF-8 continuation byte.")
        }
        guard start < bytes.count else { return "" }
        let end = length < 0 || length > bytes.count - start ? bytes.count : start + length
        if isContinuation(end) {
            throw MongoError(
                .init(28657), "\(name):  Invalid range, ending index is in the middle of a UTF-8 character.")
        }
        return .string(String(decoding: bytes[start..<end], as: UTF8.self))
    }

    private static func substringScalars(_ values: [BSONValue?]) throws -> BSONValue? {
        let scalars = try text(values[0]).unicodeScalars
        func integer(_ index: Int, _ word: String, _ codes: (Int32, Int32, Int32)) throws -> Int {
            guard let value = values[index], value.isNumber else {
                throw MongoError(
                    .init(codes.0),
                    "$substrCP: \(word) must be a numeric type (is BSON type \(typeName(values[index])))")
            }
            guard let number = value.int64.flatMap({ Int32(exactly: $0) }) else {
                throw MongoError(
                    .init(codes.1), "$substrCP: \(word) cannot be represented as a 32-bit integral value: \(value)")
            }
            guard number >= 0 else {
                throw MongoError(.init(codes.2), "$substrCP: \(word) must be a nonnegative integer.")
            }
            return Int(number)
        }
        let start = try integer(1, "starting index", (34450, 34451, 34455))
        let length = try integer(2, "length", (34452, 34453, 34454))
        return .string(String(String.UnicodeScalarView(scalars.dropFirst(start).prefix(length))))
    }

    private static func indexOf<Unit: Equatable>(
        _ name: String, _ codes: (Int32, Int32), _ values: [BSONValue?], _ units: (String) -> [Unit]
    ) throws -> BSONValue? {
        if isNullish(values[0]) { return .null }
        guard let text = values[0]?.string else {
            throw MongoError(
                .init(codes.0), "\(name) requires a string as the first argument, found: \(typeName(values[0]))")
        }
        guard let token = values[1]?.string else {
            throw MongoError(
                .init(codes.1), "\(name) requires a string as the second argument, found: \(typeName(values[1]))")
        }
        let haystack = units(text)
        let needle = units(token)
        let (start, end) = try bounds(name, values, haystack.count)
        guard start <= haystack.count, end - needle.count >= start else { return -1 }
        for place in start...(end - needle.count) where haystack[place...].starts(with: needle) { return .int(place) }
        return -1
    }

    private static func split(_ a: BSONValue?, _ b: BSONValue?) throws -> BSONValue? {
        if isNullish(a) || isNullish(b) { return .null }
        guard let text = a?.string else {
            throw MongoError(
                .init(40085),
                "$split requires an expression that evaluates to a string as a first argument, found: \(typeName(a))")
        }
        guard let separator = b?.string else {
            throw MongoError(
                .init(40086),
                "$split requires an expression that evaluates to a string as a second argument, found: \(typeName(b))")
        }
        if separator.isEmpty { throw MongoError(.init(40087), "$split requires a non-empty separator") }
        let parts = try pieces(Array(text.utf8), Array(separator.utf8), most: .max)
        var budget = ValueBudget("$split")
        try budget.take(bytes: parts.count * approximateSize(.null))
        return .array(BSONArray(parts.map { .string(String(decoding: $0, as: UTF8.self)) }))
    }

    /// What stands between the places of a separator.
    private static func pieces(_ text: [UInt8], _ separator: [UInt8], most: Int) throws -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index + separator.count <= text.count, parts.count < most {
            if index & 0xFFFF == 0xFFFF { try CurrentWork.limits?.check() }
            if text[index] == separator[0], text[index...].starts(with: separator) {
                parts.append(text[start..<index])
                index += separator.count
                start = index
            } else {
                index += 1
            }
        }
        parts.append(text[start...])
        return parts
    }

    // What MongoDB's manual lists as whitespace for $trim.
    private static let whitespace: Set<Unicode.Scalar> = [
        "\0", " ", "\t", "\n", "\u{0B}", "\u{0C}", "\r", "\u{A0}", "\u{1680}", "\u{2000}", "\u{2001}", "\u{2002}",
        "\u{2003}", "\u{2004}", "\u{2005}", "\u{2006}", "\u{2007}", "\u{2008}", "\u{2009}", "\u{200A}",
    ]

    private static func trim(
        _ name: String, _ value: BSONValue, _ scope: ExpressionScope, left: Bool, right: Bool
    ) throws -> CompiledExpression {
        let parts = try parts(name, value, ["input", "chars"], notObject: 50696, unknown: 50694)
        let input = try scope.compile(try required(name, parts, "input", 50695))
        let characters = try parts["chars"].map(scope.compile)
        return CompiledExpression { root, variables in
            let value = try input.evaluate(root, variables)
            if isNullish(value) { return .null }
            guard let text = value?.string else {
                throw MongoError(
                    .init(50699),
                    "\(name) requires its input to be a string, got \(value ?? .null) (of type \(typeName(value))) instead."
                )
            }
            var set = whitespace
            if let characters {
                let chars = try characters.evaluate(root, variables)
                if isNullish(chars) { return .null }
                guard let given = chars?.string else {
                    throw MongoError(
                        .init(50700),
                        "\(name) requires 'chars' to be a string, got \(chars ?? .null) (of type \(typeName(chars))) instead."
                    )
                }
                set = Set(given.unicodeScalars)
            }
            var scalars = text.unicodeScalars[...]
            if left { scalars = scalars.drop { set.contains($0) } }
            while right, let last = scalars.last, set.contains(last) { scalars.removeLast() }
            return .string(String(String.UnicodeScalarView(scalars)))
        }
    }

    private static func replace(
        _ name: String, _ value: BSONValue, _ scope: ExpressionScope, all: Bool
    ) throws -> CompiledExpression {
        let parts = try parts(name, value, ["input", "find", "replacement"], notObject: 51751, unknown: 51750)
        let keys: [(key: String, missing: Int32, type: Int32)] = [
            ("input", 51749, 51746), ("find", 51748, 51745), ("replacement", 51747, 51744),
        ]
        let compiled = try keys.map { try scope.compile(try required(name, parts, $0.key, $0.missing)) }
        return CompiledExpression { root, variables in
            var texts: [String] = []
            var hasNull = false
            for (part, key) in zip(compiled, keys) {
                let value = try part.evaluate(root, variables)
                if isNullish(value) {
                    hasNull = true
                    continue
                }
                guard let text = value?.string else {
                    throw MongoError(
                        .init(key.type), "\(name) requires that '\(key.key)' be a string, found: \(value ?? .null)")
                }
                texts.append(text)
            }
            if hasNull { return .null }
            let replacement = Array(texts[2].utf8)
            var budget = ValueBudget(name)
            try budget.take(bytes: texts[0].utf8.count)
            if texts[1].isEmpty {
                guard all else { return .string(texts[2] + texts[0]) }
                try budget.take(bytes: (texts[0].unicodeScalars.count + 1) * replacement.count)
                let spread = texts[0].unicodeScalars.reduce(into: texts[2]) { result, scalar in
                    result.unicodeScalars.append(scalar)
                    result += texts[2]
                }
                return .string(spread)
            }
            let between = try pieces(Array(texts[0].utf8), Array(texts[1].utf8), most: all ? .max : 1)
            try budget.take(bytes: between.count * replacement.count)
            return .string(String(decoding: Array(between.joined(separator: replacement)), as: UTF8.self))
        }
    }
}
