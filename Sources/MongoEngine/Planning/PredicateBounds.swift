internal import BSON

/// What one predicate says about the values of a path.
struct PredicateBounds: Sendable {
    /// The values that may match, in order.
    let intervals: [IndexInterval]
    /// Whether a value matches exactly when it is in an interval, arrays aside.
    let isExact: Bool

    init(_ intervals: [IndexInterval], exact: Bool = true) {
        self.intervals = IntervalList.union(intervals)
        isExact = exact
    }

    /// The bounds of an operator with its argument; nil where it says nothing that an index could use.
    static func make(_ name: String, _ argument: BSONValue) -> PredicateBounds? {
        operators[name].flatMap { $0(argument) }
    }

    /// Operators that bound a path, one row each.
    private static let operators: [String: @Sendable (BSONValue) -> PredicateBounds?] = [
        "$eq": { equality($0) },
        "$gt": { range($0, above: true, inclusive: false) },
        "$gte": { range($0, above: true, inclusive: true) },
        "$lt": { range($0, above: false, inclusive: false) },
        "$lte": { range($0, above: false, inclusive: true) },
        "$in": { list($0) },
        "$exists": { $0.isTruthy ? nil : PredicateBounds([.point(.null)], exact: false) },
        "$type": { types($0) },
        "$regex": { if case .regularExpression(let regex) = $0 { RegexBounds.bounds(regex) } else { nil } },
    ]

    private static func equality(_ value: BSONValue) -> PredicateBounds {
        switch value {
        case .null, .undefined: return PredicateBounds([.point(.undefined), .point(.null)], exact: false)
        case .array(let array):
            // The array may be an element itself; as the field's value it has the keys of its elements.
            return PredicateBounds([.point(value), .point(array.document.values.first ?? .undefined)], exact: false)
        default: return PredicateBounds([.point(value)])
        }
    }

    /// The values of some types; nil where one of them has no place of its own in an index, as arrays have none.
    private static func types(_ argument: BSONValue) -> PredicateBounds? {
        guard let types = try? QueryOperators.types(argument) else { return nil }
        var intervals: [IndexInterval] = []
        for type in types {
            switch type {
            case .null: intervals.append(.point(.null))
            case .undefined: intervals.append(.point(.undefined))
            default:
                guard let bracket = TypeBracket.bracket(of: type) else { return nil }
                intervals.append(bracket)
                if type.isNumber { intervals.append(.point(.double(.nan))) }
            }
        }
        return PredicateBounds(intervals, exact: false)
    }

    private static func list(_ argument: BSONValue) -> PredicateBounds? {
        guard let values = argument.array else { return nil }
        var intervals: [IndexInterval] = []
        var exact = true
        for value in values {
            var bounds = equality(value)
            if case .regularExpression(let regex) = value { bounds = RegexBounds.bounds(regex) }
            intervals += bounds.intervals
            exact = exact && bounds.isExact
        }
        return PredicateBounds(intervals, exact: exact)
    }

    /// A comparison stays among the values of its argument's type.
    private static func range(_ value: BSONValue, above: Bool, inclusive: Bool) -> PredicateBounds? {
        if case .double(let number) = value, number.isNaN { return inclusive ? equality(value) : nil }
        if case .decimal128(let number) = value, number.isNaN { return inclusive ? equality(value) : nil }
        if value.isNull { return inclusive ? equality(value) : nil }
        guard let bracket = TypeBracket.bracket(of: value.type) else { return nil }
        return PredicateBounds([
            above
                ? IndexInterval(value, inclusive, bracket.upper, bracket.upperInclusive)
                : IndexInterval(bracket.lower, true, value, inclusive)
        ])
    }
}

/// The lowest and the highest value of a type.
enum TypeBracket {
    /// All values that compare with values of this type; nil for types whose ranges an index does not serve.
    static func bracket(of type: BSONType) -> IndexInterval? {
        switch type {
        case .double, .int32, .int64, .decimal128:
            return IndexInterval(.double(-.infinity), true, .double(.infinity), true)
        case .string, .symbol: return IndexInterval("", true, [:] as BSONValue, false)
        case .document: return IndexInterval([:] as BSONValue, true, [] as BSONValue, false)
        case .binary:
            return IndexInterval(.binary(BSONBinary(bytes: [])), true, .objectID(lowestID), false)
        case .objectID: return IndexInterval(.objectID(lowestID), true, .objectID(highestID), true)
        case .bool: return IndexInterval(false, true, true, true)
        case .date:
            return IndexInterval(
                .date(BSONDate(millisecondsSince1970: .min)), true, .date(BSONDate(millisecondsSince1970: .max)), true)
        case .timestamp:
            let highest = BSONTimestamp(rawValue: .max)
            return IndexInterval(.timestamp(BSONTimestamp(rawValue: 0)), true, .timestamp(highest), true)
        default: return nil
        }
    }

    private static let lowestID = [UInt8](repeating: 0, count: 12).withUnsafeBytes { ObjectID($0) }
    private static let highestID = [UInt8](repeating: 0xFF, count: 12).withUnsafeBytes { ObjectID($0) }
}

/// The strings that a regular expression can match.
enum RegexBounds {
    static func bounds(_ regex: BSONRegularExpression) -> PredicateBounds {
        let itself = IndexInterval.point(.regularExpression(regex))
        guard let (prefix, isWhole) = prefix(regex), !prefix.isEmpty else {
            return PredicateBounds([IndexInterval("", true, [:] as BSONValue, false), itself], exact: false)
        }
        let end: BSONValue = successor(prefix).map { .string($0) } ?? [:]
        return PredicateBounds([IndexInterval(.string(prefix), true, end, false), itself], exact: isWhole)
    }

    /// The text that all matches begin with, and whether nothing else is asked.
    private static func prefix(_ regex: BSONRegularExpression) -> (text: String, isWhole: Bool)? {
        guard regex.options.allSatisfy({ $0 == "s" || $0 == "u" }), !regex.pattern.contains("|") else { return nil }
        var rest = regex.pattern.unicodeScalars[...]
        if rest.starts(with: "\\A".unicodeScalars) {
            rest = rest.dropFirst(2)
        } else if rest.first == "^" {
            rest = rest.dropFirst()
        } else {
            return nil
        }
        var text = String.UnicodeScalarView()
        while let scalar = rest.first {
            var literal = scalar
            var length = 1
            if scalar == "\\" {
                // A backslash makes punctuation literal; before a letter or digit it means something else.
                guard let next = rest.dropFirst().first, next.isASCII, !next.properties.isAlphabetic,
                    next.properties.numericType == nil
                else { return (String(text), false) }
                (literal, length) = (next, 2)
            } else if "^$.[]|()*+?{}".unicodeScalars.contains(scalar) {
                return (String(text), false)
            }
            rest = rest.dropFirst(length)
            if let next = rest.first, "*?{".unicodeScalars.contains(next) { return (String(text), false) }
            if rest.first == "+" {
                text.append(literal)
                return (String(text), false)
            }
            text.append(literal)
        }
        return (String(text), true)
    }

    /// The first string behind all that begin with `prefix`; nil where there is none.
    private static func successor(_ prefix: String) -> String? {
        var scalars = Array(prefix.unicodeScalars)
        while let last = scalars.popLast() {
            let next = last.value == 0xD7FF ? 0xE000 : last.value &+ 1
            guard let scalar = Unicode.Scalar(next) else { continue }
            var text = String.UnicodeScalarView(scalars)
            text.append(scalar)
            return String(text)
        }
        return nil
    }
}
