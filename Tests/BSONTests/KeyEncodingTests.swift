import BSON
import Testing

@Suite("Key encoding")
struct KeyEncodingTests {
    private func order(_ a: [UInt8], _ b: [UInt8]) -> Int {
        a.lexicographicallyPrecedes(b) ? -1 : b.lexicographicallyPrecedes(a) ? 1 : 0
    }

    private func check(_ a: BSONValue, _ b: BSONValue) {
        let expected = BSONValue.compare(a, b).signum()
        #expect(BSONValue.compare(b, a).signum() == -expected, "\(a) and \(b) compare one way only")
        #expect(order(KeyEncoding.key(of: a), KeyEncoding.key(of: b)) == expected, "\(a) and \(b)")
        var left: [UInt8] = []
        var right: [UInt8] = []
        KeyEncoding.append(a, to: &left, descending: true)
        KeyEncoding.append(b, to: &right, descending: true)
        #expect(order(left, right) == -expected, "\(a) and \(b), descending")
        // A key is the beginning of no other, or what follows it would decide.
        if expected != 0 { #expect(!left.starts(with: right) && !right.starts(with: left), "\(a) and \(b)") }
        // So the place where it ends can be found in a key of several values.
        let end = (left + right).withUnsafeBytes { KeyEncoding.end(ofValueIn: $0, from: 0, descending: true) }
        #expect(end == left.count, "\(a) before \(b)")
        let plain = KeyEncoding.key(of: a)
        #expect(plain.withUnsafeBytes { KeyEncoding.end(ofValueIn: $0, from: 0) } == plain.count, "\(a)")
        #expect(plain.dropLast().withUnsafeBytes { KeyEncoding.end(ofValueIn: $0, from: 0) } == nil, "\(a) cut short")
    }

    @Test("orders all pairs of numbers by value")
    func numbers() {
        for a in DocumentGenerator.numbers { for b in DocumentGenerator.numbers { check(a, b) } }
    }

    @Test("orders random numbers near each other by value")
    func nearNumbers() {
        var random = SeededGenerator(state: 3)
        for _ in 0..<1000 {
            let integer = Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0...63, using: &random)
            let double = Double(integer)
            let digits = "\(integer).\(UInt8.random(in: 0...99, using: &random))"
            let values: [BSONValue] = [
                .int64(integer), .int64(integer &+ 1), .double(double), .double(double.nextUp),
                .double(double.nextDown),
                .decimal128(Decimal128(integer)), .decimal128(Decimal128(digits) ?? .nan),
                .decimal128(Decimal128("\(integer)E-330") ?? .nan), .decimal128(Decimal128("\(integer)E-310") ?? .nan),
            ]
            let first = Int.random(in: 0..<values.count, using: &random)
            for second in values.indices { check(values[first], values[second]) }
        }
    }

    @Test("orders values of all types as MongoDB does, ascending and descending")
    func values() {
        var generator = DocumentGenerator(seed: 11)
        for _ in 0..<10_000 { check(generator.value(), generator.value()) }
    }

    @Test("orders values of every pair of types as MongoDB does", arguments: BSONType.allCases)
    func pairsOfTypes(type: BSONType) {
        var generator = DocumentGenerator(seed: 17 + UInt64(type.rawValue))
        for other in BSONType.allCases {
            for _ in 0..<25 { check(generator.value(of: type), generator.value(of: other)) }
        }
    }

    @Test("sorts many values of all types as comparing them does")
    func sorting() {
        var generator = DocumentGenerator(seed: 19)
        let values = BSONType.allCases.flatMap { type in (0..<30).map { _ in generator.value(of: type) } }
        let compared = values.sorted { BSONValue.compare($0, $1) < 0 }
        let keys = values.map { KeyEncoding.key(of: $0) }.sorted { $0.lexicographicallyPrecedes($1) }
        // Values that are equal may come in any order, but have one key.
        #expect(compared.map { KeyEncoding.key(of: $0) } == keys)
    }

    @Test(
        "orders keys of two values by the first, then by the second, each in its direction", arguments: [false, true])
    func compound(isDescending: Bool) {
        var generator = DocumentGenerator(seed: 23)
        let values = (0..<12).map { _ in generator.value() }
        let pairs = values.flatMap { first in values.map { (first, $0) } }
        func key(_ pair: (BSONValue, BSONValue)) -> [UInt8] {
            var key: [UInt8] = []
            KeyEncoding.append(pair.0, to: &key)
            KeyEncoding.append(pair.1, to: &key, descending: isDescending)
            return key
        }
        for a in pairs {
            for b in pairs.prefix(40) {
                let first = BSONValue.compare(a.0, b.0).signum()
                let second = BSONValue.compare(a.1, b.1).signum() * (isDescending ? -1 : 1)
                #expect(order(key(a), key(b)) == (first != 0 ? first : second), "\(a) and \(b)")
            }
        }
    }

    @Test("gives equal keys to numbers that compare equal")
    func equalNumbers() {
        let ones: [BSONValue] = [.int32(1), .int64(1), .double(1), .decimal128(Decimal128("1.000") ?? .nan)]
        #expect(Set(ones.map { KeyEncoding.key(of: $0) }).count == 1)
        #expect(KeyEncoding.key(of: .int32(1)).count == 10)
    }

    @Test("starts every key of a type with the type's prefix")
    func prefixes() {
        var generator = DocumentGenerator(seed: 13)
        for _ in 0..<500 {
            let value = generator.value()
            #expect(KeyEncoding.key(of: value).first == KeyEncoding.prefix(of: value.type))
        }
    }
}
