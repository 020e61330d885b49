internal import BSON
internal import MongoProtocol

extension ExpressionOperators {
    /// Regular expressions.
    static let regexes: [String: ExpressionOperator] = [
        "$regexMatch": .raw { value, scope in
            try search("$regexMatch", value, scope, otherwise: false) { text, regex in
                .bool(try regex.firstMatch(in: text) != nil)
            }
        },
        "$regexFind": .raw { value, scope in
            try search("$regexFind", value, scope, otherwise: .null) { text, regex in
                try regex.firstMatch(in: text).map { found(text, $0) } ?? .null
            }
        },
        "$regexFindAll": .raw { value, scope in
            try search("$regexFindAll", value, scope, otherwise: []) { text, regex in
                var results: [BSONValue] = []
                var start = 0
                while start <= text.count, let match = try regex.firstMatch(in: text, from: start),
                    let whole = match[0]
                {
                    results.append(found(text, match))
                    start = whole.upperBound
                    if whole.isEmpty {
                        // Behind an empty match the search goes on at the next character.
                        start += 1
                        while start < text.count, text[start] & 0xC0 == 0x80 { start += 1 }
                    }
                }
                return .array(BSONArray(results))
            }
        },
    ]

    private typealias Search = @Sendable (UnsafeRawBufferPointer, RegexPattern) throws -> BSONValue

    /// A match as an object: the text, its place in code points and the groups.
    private static func found(_ text: UnsafeRawBufferPointer, _ match: [Range<Int>?]) -> BSONValue {
        let whole = match[0] ?? 0..<0
        let index = text[..<whole.lowerBound].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
        let captures: [BSONValue] = match.dropFirst().map { range in
            // A group that took no part has no place in the text.
            guard let range, range.lowerBound >= 0, range.upperBound <= text.count else { return .null }
            return .string(String(decoding: text[range], as: UTF8.self))
        }
        return [
            "match": .string(String(decoding: text[whole], as: UTF8.self)), "idx": .int(index),
            "captures": .array(BSONArray(captures)),
        ]
    }

    private static func search(
        _ name: String, _ value: BSONValue, _ scope: ExpressionScope, otherwise: BSONValue, _ body: @escaping Search
    ) throws -> CompiledExpression {
        let parts = try parts(name, value, ["input", "regex", "options"], notObject: 51103, unknown: 31024)
        let input = try scope.compile(try required(name, parts, "input", 31022))
        let pattern = try scope.compile(try required(name, parts, "regex", 31023))
        let options = try parts["options"].map(scope.compile)
        // A pattern that no document changes is compiled once.
        var ready: RegexPattern?
        if case .constant(let source) = pattern.form {
            switch options?.form {
            case nil: ready = try regex(name, source, nil)
            case .constant(let flags): ready = try regex(name, source, flags)
            default: break
            }
        }
        let prepared = ready
        return CompiledExpression { root, variables in
            let text = try input.evaluate(root, variables)
            guard isNullish(text) || text?.string != nil else {
                throw MongoError(.init(51104), "\(name) needs 'input' to be of type string")
            }
            let compiled =
                try prepared
                ?? regex(
                    name, pattern.evaluate(root, variables), options.map { try $0.evaluate(root, variables) } ?? nil)
            guard let compiled, var text = text?.string else { return otherwise }
            return try text.withUTF8 { try body(UnsafeRawBufferPointer($0), compiled) }
        }
    }

    /// The compiled pattern; nil for null.
    private static func regex(_ name: String, _ pattern: BSONValue?, _ options: BSONValue?) throws -> RegexPattern? {
        guard isNullish(options) || options?.string != nil else {
            throw MongoError(.init(51106), "\(name) needs 'options' to be of type string")
        }
        switch pattern {
        case nil, .null?, .undefined?: return nil
        case .string(let text)?:
            if text.utf8.contains(0) {
                throw MongoError(.init(51109), "\(name): regular expression cannot contain an embedded null byte")
            }
            return try RegexPattern(text, options: options?.string ?? "")
        case .regularExpression(let expression)?:
            if let given = options?.string, !given.isEmpty, !expression.options.isEmpty {
                throw MongoError(
                    .init(51107), "\(name): found regex option(s) specified in both 'regex' and 'option' fields")
            }
            let given = options?.string ?? ""
            return try RegexPattern(expression.pattern, options: given.isEmpty ? expression.options : given)
        default: throw MongoError(.init(51105), "\(name) needs 'regex' to be of type string or regex")
        }
    }
}
