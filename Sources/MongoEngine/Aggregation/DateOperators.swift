internal import BSON
internal import MongoProtocol

extension ExpressionOperators {
    /// Dates. Time zones are UTC and fixed offsets; names of regions are an error that says so.
    static let dates: [String: ExpressionOperator] = [
        "$year": part("$year") { .int($0.year) },
        "$month": part("$month") { .int($0.month) },
        "$dayOfMonth": part("$dayOfMonth") { .int($0.day) },
        "$hour": part("$hour") { .int($0.hour) },
        "$minute": part("$minute") { .int($0.minute) },
        "$second": part("$second") { .int($0.second) },
        "$millisecond": part("$millisecond") { .int($0.millisecond) },
        "$dayOfWeek": part("$dayOfWeek") { .int($0.dayOfWeek) },
        "$dayOfYear": part("$dayOfYear") { .int($0.dayOfYear) },
        "$week": part("$week") { .int($0.week) },
        "$isoDayOfWeek": part("$isoDayOfWeek") { .int($0.isoDayOfWeek) },
        "$isoWeek": part("$isoWeek") { .int($0.isoWeek.week) },
        "$isoWeekYear": part("$isoWeekYear") { .int64(Int64($0.isoWeek.year)) },
        "$dateToString": .raw(dateToString),
    ]

    /// The date of a date, an ObjectID or a timestamp.
    private static func date(_ value: BSONValue?) throws -> BSONDate {
        switch value {
        case .date(let date)?: return date
        case .objectID(let id)?: return BSONDate(millisecondsSince1970: Int64(id.secondsSince1970) * 1000)
        case .timestamp(let stamp)?: return BSONDate(millisecondsSince1970: Int64(stamp.seconds) * 1000)
        default: throw MongoError(.init(16006), "can't convert from BSON type \(typeName(value)) to Date")
        }
    }

    /// Minutes east of UTC; nil for null.
    private static func offset(_ name: String, _ value: BSONValue?) throws -> Int? {
        if isNullish(value) { return nil }
        guard let text = value?.string else {
            throw MongoError(
                .init(40533), "\(name) requires a string for the timezone argument, but was given a \(typeName(value))")
        }
        guard let minutes = DateText.offset(text) else {
            throw MongoError(
                .init(40485),
                "unrecognized time zone identifier: \"\(text)\" (this engine knows UTC and offsets such as +02:00)")
        }
        return minutes
    }

    private static func shifted(_ date: BSONDate, _ minutes: Int) -> DateParts {
        DateParts(BSONDate(millisecondsSince1970: date.millisecondsSince1970 &+ Int64(minutes) &* 60_000))
    }

    private static func part(
        _ name: String, _ body: @escaping @Sendable (DateParts) -> BSONValue
    ) -> ExpressionOperator {
        .raw { value, scope in
            var source = value
            var zone: CompiledExpression?
            if let document = value.document, document.keys.first?.utf8.first != UInt8(ascii: "$") {
                for key in document.keys where key != "date" && key != "timezone" {
                    throw MongoError(.init(40535), "unrecognized option to \(name): \"\(key)\"")
                }
                guard let date = document["date"] else {
                    throw MongoError(.init(40539), "missing 'date' argument to \(name), provided: \(name): \(value)")
                }
                source = date
                zone = try document["timezone"].map(scope.compile)
            } else if let array = value.array {
                guard array.count == 1, let only = array[0] else {
                    throw MongoError(
                        .init(40536),
                        "\(name) accepts exactly one argument if given an array, but was given \(array.count)")
                }
                source = only
            }
            let input = try scope.compile(source)
            let timezone = zone
            return CompiledExpression { root, variables in
                let value = try input.evaluate(root, variables)
                var minutes = 0
                if let timezone {
                    guard let found = try offset(name, timezone.evaluate(root, variables)) else { return .null }
                    minutes = found
                }
                if isNullish(value) { return .null }
                return body(shifted(try date(value), minutes))
            }
        }
    }

    private static func dateToString(_ value: BSONValue, _ scope: ExpressionScope) throws -> CompiledExpression {
        let parts = try parts(
            "$dateToString", value, ["date", "format", "timezone", "onNull"], notObject: 18629, unknown: 18534)
        let input = try scope.compile(try required("$dateToString", parts, "date", 18628))
        let format = try parts["format"].map(scope.compile)
        let timezone = try parts["timezone"].map(scope.compile)
        let onNull = try parts["onNull"].map(scope.compile)
        if case .constant(let value)? = format?.form, let text = value?.string { try check(format: text) }
        return CompiledExpression { root, variables in
            let value = try input.evaluate(root, variables)
            var pattern: String?
            if let format {
                let given = try format.evaluate(root, variables)
                if isNullish(given) { return .null }
                guard let text = given?.string else {
                    throw MongoError(
                        .init(18533),
                        "$dateToString requires that 'format' be a string, found: \(typeName(given)) with value \(given ?? .null)"
                    )
                }
                try check(format: text)
                pattern = text
            }
            var minutes = 0
            if let timezone {
                guard let found = try offset("$dateToString", timezone.evaluate(root, variables)) else { return .null }
                minutes = found
            }
            if isNullish(value) { return try onNull.map { try $0.evaluate(root, variables) } ?? .null }
            let usual = timezone == nil || minutes == 0 ? "%Y-%m-%dT%H:%M:%S.%LZ" : "%Y-%m-%dT%H:%M:%S.%L"
            return .string(text(shifted(try date(value), minutes), pattern ?? usual, minutes))
        }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// What each letter behind a `%` writes.
    private static let formats: [Character: @Sendable (DateParts, Int) -> String] = [
        "Y": { parts, _ in DateParts.padded(parts.year, 4) },
        "m": { parts, _ in DateParts.padded(parts.month, 2) },
        "d": { parts, _ in DateParts.padded(parts.day, 2) },
        "H": { parts, _ in DateParts.padded(parts.hour, 2) },
        "M": { parts, _ in DateParts.padded(parts.minute, 2) },
        "S": { parts, _ in DateParts.padded(parts.second, 2) },
        "L": { parts, _ in DateParts.padded(parts.millisecond, 3) },
        "j": { parts, _ in DateParts.padded(parts.dayOfYear, 3) },
        "w": { parts, _ in String(parts.dayOfWeek) },
        "u": { parts, _ in String(parts.isoDayOfWeek) },
        "U": { parts, _ in DateParts.padded(parts.week, 2) },
        "V": { parts, _ in DateParts.padded(parts.isoWeek.week, 2) },
        "G": { parts, _ in DateParts.padded(parts.isoWeek.year, 4) },
        "B": { parts, _ in months[parts.month - 1] },
        "b": { parts, _ in String(months[parts.month - 1].prefix(3)) },
        "z": { _, minutes in
            (minutes < 0 ? "-" : "+") + DateParts.padded(abs(minutes) / 60, 2) + DateParts.padded(abs(minutes) % 60, 2)
        },
        "Z": { _, minutes in String(minutes) },
        "%": { _, _ in "%" },
    ]

    private static func check(format: String) throws {
        var characters = format.makeIterator()
        while let character = characters.next() {
            guard character == "%" else { continue }
            guard let letter = characters.next() else {
                throw MongoError(.init(18535), "Unmatched '%' at end of format string")
            }
            guard formats[letter] != nil else {
                throw MongoError(.init(18536), "Invalid format character '%\(letter)' in format string")
            }
        }
    }

    private static func text(_ parts: DateParts, _ format: String, _ minutes: Int) -> String {
        var result = ""
        var characters = format.makeIterator()
        while let character = characters.next() {
            if character == "%", let letter = characters.next() {
                result += formats[letter]?(parts, minutes) ?? ""
            } else {
                result.append(character)
            }
        }
        return result
    }
}
