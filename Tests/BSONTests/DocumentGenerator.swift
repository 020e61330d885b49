import BSON

/// A generator of numbers that gives the same ones for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Makes values of every type, with a liking for those that stand close together.
struct DocumentGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(state: seed) }

    static let numbers: [BSONValue] = {
        var numbers: [BSONValue] = [.double(.nan), .double(-.nan), .double(.infinity), .double(-.infinity)]
        numbers += [
            .double(-0.0), .double(0), .double(.leastNonzeroMagnitude), .double(-.leastNonzeroMagnitude),
            .double(.greatestFiniteMagnitude),
        ]
        numbers += [.double(0.1), .double(-0.1), .double(1.5), .double(0x1p-1022), .double(1e23), .double(-1e300)]
        numbers += [.int32(0), .int32(1), .int32(-1), .int32(.max), .int32(.min), .int64(0), .int64(1)]
        for shift in [31, 52, 53, 54, 62] as [Int64] {
            for offset in -2...2 as ClosedRange<Int64> {
                let near = (1 << shift) + offset
                numbers += [.int64(near), .int64(-near), .double(Double(near)), .double(-Double(near))]
                numbers += [.decimal128(Decimal128(near)), .decimal128(Decimal128(-near))]
            }
        }
        numbers += [.int64(.max), .int64(.max - 1), .int64(.min), .int64(.min + 1), .double(0x1p63), .double(-0x1p63)]
        let decimals = [
            "NaN", "Infinity", "-Infinity", "0", "-0", "0E+10", "1", "1.0", "1.00", "0.1", "-0.1",
            "0.1000000000000000055",
            "1.5", "1E-6176", "-1E-6176", "9.999999999999999999999999999999999E+6144", "-1E+6144", "1E+309", "-1E+309",
            "9007199254740992.5", "9007199254740993.5", "9223372036854775807.5", "9223372036854775808",
            "-9223372036854775808.5", "4.94E-324", "2E-324", "-2E-324", "1E+23", "100000000000000000000000",
            "99999999999999991611392", "1.7976931348623157E+308", "1.8E+308",
        ]
        numbers += decimals.compactMap { Decimal128($0).map { .decimal128($0) } }
        return numbers
    }()

    static let numbersByType = Dictionary(grouping: numbers, by: \.type)

    static let strings = [
        "", "a", "b", "a\0", "a\0b", "ab", "\u{FF}", "é", "e\u{301}", "\u{10FFFF}", "\"\\\u{1}\n", "long text of words",
    ]

    mutating func element<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &random)] }

    mutating func number() -> BSONValue { element(Self.numbers) }

    mutating func key() -> String { element(["a", "b", "ab", "", "$a", "a.b", "ü", "\u{10000}"]) }

    mutating func objectID() -> ObjectID {
        let bytes = (0..<12).map { _ in UInt8.random(in: 0...1, using: &random) &* 255 }
        return ObjectID(bytes: bytes) ?? ObjectID()
    }

    mutating func document(depth: Int = 3) -> BSONDocument {
        var fields: [(String, BSONValue)] = []
        var seen: Set<[UInt8]> = []
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let key = key()
            if seen.insert(Array(key.utf8)).inserted { fields.append((key, value(depth: depth - 1))) }
        }
        return BSONDocument(fields: fields)
    }

    mutating func value(depth: Int = 3) -> BSONValue { value(of: element(BSONType.allCases), depth: depth) }

    mutating func value(of type: BSONType, depth: Int = 3) -> BSONValue {
        switch type {
        case .double, .int32, .int64, .decimal128: return element(Self.numbersByType[type] ?? Self.numbers)
        case .string: return .string(element(Self.strings))
        case .symbol: return .symbol(element(Self.strings))
        case .javascript: return .javascript(element(Self.strings))
        case .document: return depth > 0 ? .document(document(depth: depth)) : [:]
        case .array:
            let count = depth > 0 ? Int.random(in: 0...3, using: &random) : 0
            var values: [BSONValue] = []
            for _ in 0..<count { values.append(value(depth: depth - 1)) }
            return .array(BSONArray(values))
        case .binary:
            let subtype = element([0, 2, 4, 128, 255] as [UInt8])
            let bytes = element([[], [0], [0, 255], [1, 2, 3], [255]] as [[UInt8]])
            return .binary(BSONBinary(subtype: .init(rawValue: subtype), bytes: bytes))
        case .undefined: return .undefined
        case .objectID: return .objectID(objectID())
        case .bool: return .bool(Bool.random(using: &random))
        case .date: return .date(BSONDate(millisecondsSince1970: element([0, 1, -1, .max, .min, 1_356_351_330_501])))
        case .null: return .null
        case .regularExpression:
            return .regularExpression(
                BSONRegularExpression(pattern: element(["", "a", "ab", "a/b"]), options: element(["", "i", "im"])))
        case .dbPointer: return .dbPointer(BSONDBPointer(namespace: element(["a.b", "a.c", "a"]), id: objectID()))
        case .javascriptWithScope:
            return .javascriptWithScope(code: element(Self.strings), scope: document(depth: depth - 1))
        case .timestamp: return .timestamp(BSONTimestamp(rawValue: element([0, 1, .max, 1 << 32, 1 << 63])))
        case .minKey: return .minKey
        case .maxKey: return .maxKey
        }
    }
}
