internal import BSON
internal import MongoProtocol

extension ExpressionOperators {
    /// Arrays and sets.
    static let arrays: [String: ExpressionOperator] = [
        "$isArray": .unary { .bool($0?.array != nil) },
        "$size": .unary { value in
            guard let array = value?.array else {
                throw MongoError(
                    .init(17124), "The argument to $size must be an array, but was of type: \(typeName(value))")
            }
            return .int(array.count)
        },
        "$arrayElemAt": .binary(element),
        "$first": .unary { try end("$first", $0, 0) },
        "$last": .unary { try end("$last", $0, -1) },
        "$in": .binary { value, list in
            guard let array = list?.array else {
                throw MongoError(
                    .init(40081), "$in requires an array as a second argument, found: \(typeName(list))")
            }
            return .bool(array.contains { compare($0, value) == 0 })
        },
        "$indexOfArray": .values(2...4, indexOfArray),
        "$concatArrays": .values(any) { values in
            var result: [BSONValue] = []
            var budget = ValueBudget("$concatArrays")
            for value in values {
                if isNullish(value) { return .null }
                try budget.take(value)
                guard let array = value?.array else {
                    throw MongoError(.init(28664), "$concatArrays only supports arrays, not \(typeName(value))")
                }
                result.append(contentsOf: array)
            }
            return .array(BSONArray(result))
        },
        "$slice": .values(2...3, slice),
        "$range": .values(2...3, range),
        "$reverseArray": .unary { value in
            if isNullish(value) { return .null }
            guard let array = value?.array else {
                throw MongoError(
                    .init(34435), "The argument to $reverseArray must be an array, but was of type: \(typeName(value))")
            }
            return .array(BSONArray(array.reversed()))
        },
        "$setUnion": .values(any) { try combine("$setUnion", 17043, $0) { $0 + $1 } },
        "$setIntersection": .values(any) { values in
            try combine("$setIntersection", 17047, values) { left, right in
                let keys = Set(right.map(KeyEncoding.key))
                return left.filter { keys.contains(KeyEncoding.key(of: $0)) }
            }
        },
        "$setDifference": .binary { a, b in
            if isNullish(a) || isNullish(b) { return .null }
            let left = try operand("$setDifference", 17048, a, "First argument")
            let right = try operand("$setDifference", 17049, b, "Second argument")
            var keys = Set(right.map(KeyEncoding.key))
            return .array(BSONArray(left.filter { keys.insert(KeyEncoding.key(of: $0)).inserted }))
        },
        "$setIsSubset": .binary { a, b in
            let left = try operand("$setIsSubset", 17046, a, "First argument")
            let right = try operand("$setIsSubset", 17042, b, "Second argument")
            return .bool(Set(left.map(KeyEncoding.key)).isSubset(of: right.map(KeyEncoding.key)))
        },
        "$setEquals": .values(2...Int.max) { values in
            let sets = try values.map { Set(try operand("$setEquals", 17044, $0, "One argument").map(KeyEncoding.key)) }
            return .bool(sets.dropFirst().allSatisfy { $0 == sets[0] })
        },
        "$anyElementTrue": .unary {
            .bool(try operand("$anyElementTrue", 17041, $0, "Argument").contains(where: isTrue))
        },
        "$allElementsTrue": .unary { .bool(try operand("$allElementsTrue", 17040, $0, "Argument").allSatisfy(isTrue)) },
        "$arrayToObject": .unary(arrayToObject),
        "$objectToArray": .unary { value in
            if isNullish(value) { return .null }
            guard let document = value?.document else {
                throw MongoError(
                    .init(40390), "$objectToArray requires a document input, found: \(typeName(value))")
            }
            return .array(BSONArray(document.map { key, value in ["k": .string(key), "v": value] }))
        },
    ]

    /// More elements than this would exceed what a document can hold.
    private static let maximumElements = 4_000_000

    private static func position(_ name: String, _ value: BSONValue?, _ codes: (Int32, Int32)) throws -> Int {
        guard let value, value.isNumber else {
            throw MongoError(
                .init(codes.0), "\(name)'s second argument must be a numeric value, but is \(typeName(value))")
        }
        guard let position = value.int64.flatMap({ Int32(exactly: $0) }) else {
            throw MongoError(
                .init(codes.1), "\(name)'s second argument must be representable as a 32-bit integer: \(value)")
        }
        return Int(position)
    }

    private static func element(_ list: BSONValue?, _ place: BSONValue?) throws -> BSONValue? {
        if isNullish(list) || isNullish(place) { return .null }
        guard let array = list?.array else {
            throw MongoError(
                .init(28689), "$arrayElemAt's first argument must be an array, but is \(typeName(list))")
        }
        let index = try position("$arrayElemAt", place, (28690, 28691))
        return array[index >= 0 ? index : array.count + index]
    }

    private static func end(_ name: String, _ value: BSONValue?, _ index: Int) throws -> BSONValue? {
        if isNullish(value) { return .null }
        guard let array = value?.array else {
            throw MongoError(.init(28689), "\(name)'s argument must be an array, but is \(typeName(value))")
        }
        return array[index >= 0 ? index : array.count + index]
    }

    private static func slice(_ values: [BSONValue?]) throws -> BSONValue? {
        if values.contains(where: isNullish) { return .null }
        guard let array = values[0]?.array else {
            throw MongoError(
                .init(28724), "First argument to $slice must be an array, but is of type: \(typeName(values[0]))")
        }
        func integer(_ index: Int, _ word: String, _ codes: (Int32, Int32)) throws -> Int {
            guard let value = values[index], value.isNumber else {
                throw MongoError(
                    .init(codes.0),
                    "\(word) argument to $slice must be numeric, but is of type: \(typeName(values[index]))")
            }
            guard let number = value.int64.flatMap({ Int32(exactly: $0) }) else {
                throw MongoError(
                    .init(codes.1), "\(word) argument to $slice can't be represented as a 32-bit integer: \(value)")
            }
            return Int(number)
        }
        let elements = Array(array)
        let first = try integer(1, "Second", (28725, 28726))
        if values.count == 2 {
            return .array(BSONArray(first >= 0 ? elements.prefix(first) : elements.suffix(-first)))
        }
        let count = try integer(2, "Third", (28727, 28728))
        guard count > 0 else {
            throw MongoError(.init(28729), "Third argument to $slice must be positive: \(count)")
        }
        let start = min(first >= 0 ? first : max(elements.count + first, 0), elements.count)
        return .array(BSONArray(elements[start...].prefix(count)))
    }

    private static func range(_ values: [BSONValue?]) throws -> BSONValue? {
        let codes: [(String, Int32, Int32)] = [
            ("starting value", 34443, 34444), ("ending value", 34445, 34446), ("step value", 34447, 34448),
        ]
        var numbers: [Int] = [0, 0, 1]
        for (index, value) in values.enumerated() {
            let (word, type, size) = codes[index]
            guard let value, value.isNumber else {
                throw MongoError(
                    .init(type), "$range requires a numeric \(word), found value of type: \(typeName(value))")
            }
            guard let number = value.int64.flatMap({ Int32(exactly: $0) }) else {
                throw MongoError(
                    .init(size),
                    "$range requires a \(word) that can be represented as a 32-bit integer, found value: \(value)")
            }
            numbers[index] = Int(number)
        }
        let (start, end, step) = (numbers[0], numbers[1], numbers[2])
        guard step != 0 else { throw MongoError(.init(34449), "$range requires a non-zero step value") }
        // The bounds have 32 bits: nothing here overflows an Int.
        guard (end - start) / step <= maximumElements else {
            throw MongoError(.exceededMemoryLimit, "$range would use too much memory")
        }
        return .array(BSONArray(stride(from: start, to: end, by: step).map { .int32(Int32(truncatingIfNeeded: $0)) }))
    }

    private static func indexOfArray(_ values: [BSONValue?]) throws -> BSONValue? {
        if isNullish(values[0]) { return .null }
        guard let array = values[0]?.array else {
            throw MongoError(
                .init(40090), "$indexOfArray requires an array as a first argument, found: \(typeName(values[0]))")
        }
        let elements = Array(array)
        let (start, end) = try bounds("$indexOfArray", values, elements.count)
        guard start < end else { return -1 }
        return .int(elements[start..<end].firstIndex { compare($0, values[1]) == 0 } ?? -1)
    }

    /// The bounds of a search, from the third and fourth argument.
    static func bounds(_ name: String, _ values: [BSONValue?], _ count: Int) throws -> (start: Int, end: Int) {
        func bound(_ index: Int, _ word: String, _ fallback: Int) throws -> Int {
            guard values.count > index else { return fallback }
            guard let number = values[index]?.int64.flatMap({ Int32(exactly: $0) }) else {
                throw MongoError(
                    .init(40096),
                    "\(name)requires an integral \(word) index, found a value of type: \(typeName(values[index]))")
            }
            guard number >= 0 else {
                throw MongoError(.init(40097), "\(name) requires a nonnegative \(word) index, found: \(number)")
            }
            return min(Int(number), fallback == 0 ? Int.max : count)
        }
        return (try bound(2, "starting", 0), try bound(3, "ending", count))
    }

    private static func operand(
        _ name: String, _ code: Int32, _ value: BSONValue?, _ word: String
    ) throws -> [BSONValue] {
        guard let array = value?.array else {
            throw MongoError(
                .init(code), "All operands of \(name) must be arrays. \(word) is of type: \(typeName(value))")
        }
        return Array(array)
    }

    /// Folds arrays as sets; the result has each value once, in MongoDB's order.
    private static func combine(
        _ name: String, _ code: Int32, _ values: [BSONValue?], _ body: ([BSONValue], [BSONValue]) -> [BSONValue]
    ) throws -> BSONValue? {
        if values.contains(where: isNullish) { return .null }
        var budget = ValueBudget(name)
        for value in values { try budget.take(value) }
        let sets = try values.map { try operand(name, code, $0, "One argument") }
        let all = sets.dropFirst().reduce(sets.first ?? [], body)
        var keys: Set<[UInt8]> = []
        let unique = all.filter { keys.insert(KeyEncoding.key(of: $0)).inserted }
        return .array(BSONArray(unique.sorted { compareValues($0, $1) < 0 }))
    }

    private static func arrayToObject(_ value: BSONValue?) throws -> BSONValue? {
        if isNullish(value) { return .null }
        guard let array = value?.array else {
            throw MongoError(.init(40386), "$arrayToObject requires an array input, found: \(typeName(value))")
        }
        var result: [(String, BSONValue)] = []
        var places: [String: Int] = [:]
        var takesPairs: Bool?
        for element in array {
            let (key, value) = try pair(element, &takesPairs)
            if key.utf8.contains(0) {
                throw MongoError(.init(4_940_401), "Key field cannot contain an embedded null byte")
            }
            if let place = places[key] {
                result[place].1 = value
            } else {
                places[key] = result.count
                result.append((key, value))
            }
        }
        return .document(BSONDocument(fields: result))
    }

    private static func pair(_ element: BSONValue, _ takesPairs: inout Bool?) throws -> (String, BSONValue) {
        if let pair = element.array {
            if takesPairs == false {
                throw MongoError(
                    .init(40391),
                    "$arrayToObject requires a consistent input format. Elements must all be arrays or all be "
                        + "objects. Object was detected, now found: array")
            }
            takesPairs = true
            guard pair.count == 2, let value = pair[1] else {
                throw MongoError(
                    .init(40397), "$arrayToObject requires an array of size 2 arrays,found array of size: \(pair.count)"
                )
            }
            guard let key = pair[0]?.string else {
                throw MongoError(
                    .init(40395),
                    "$arrayToObject requires an array of key-value pairs, where the key must be of type string. "
                        + "Found key type: \(typeName(pair[0]))")
            }
            return (key, value)
        }
        guard let object = element.document else {
            throw MongoError(
                .init(takesPairs == true ? 40396 : takesPairs == false ? 40391 : 40398),
                "Unrecognised input type format for $arrayToObject: \(typeName(element))")
        }
        if takesPairs == true {
            throw MongoError(
                .init(40396),
                "$arrayToObject requires a consistent input format. Elements must all be arrays or all be objects. "
                    + "Array was detected, now found: object")
        }
        takesPairs = false
        guard object.keys.count == 2 else {
            throw MongoError(
                .init(40392),
                "$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:\(object.keys.count)"
            )
        }
        guard let key = object["k"], let value = object["v"] else {
            throw MongoError(
                .init(40393),
                "$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys from: \(object)")
        }
        guard let name = key.string else {
            throw MongoError(
                .init(40394),
                "$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type "
                    + "string. Found type: \(typeName(key))")
        }
        return (name, value)
    }
}
