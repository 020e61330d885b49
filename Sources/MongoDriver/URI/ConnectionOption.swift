internal import BSON
internal import MongoProtocol

/// One option of connection strings: a row of ``ConnectionOptionTable``.
struct ConnectionOption: Sendable {
    /// Why a value is not taken, in words that follow the option's name.
    struct InvalidValue: Error {
        let reason: String
    }
    /// What to do where the option stands there twice.
    enum Repetition: Sendable {
        /// The last one counts, and there is a warning.
        case warns
        /// The string is refused.
        case fails
        /// All count, in order.
        case adds
    }
    typealias Reader = @Sendable (String, inout ConnectionOptions) throws(InvalidValue) -> Void
    typealias Shower = @Sendable (ConnectionOptions) -> BSONValue?

    /// The name, in the case that the specification writes.
    let name: String
    /// Other names that mean the same.
    var aliases: [String] = []
    /// Older names: they still work, with a warning.
    var deprecated: [String] = []
    /// Whether its value stays out of descriptions.
    var isSecret = false
    var repetition = Repetition.warns
    /// Whether a value that is not taken refuses the string, rather than being left out with a warning.
    var isStrict = false
    /// Takes a value, already percent-decoded.
    let read: Reader
    /// The value as given, nil where it was not.
    let show: Shower

    /// This row with other names, and its way with repetition.
    func with(
        aliases: [String] = [], deprecated: [String] = [], isSecret: Bool = false, repetition: Repetition = .warns,
        isStrict: Bool = false
    ) -> ConnectionOption {
        ConnectionOption(
            name: name, aliases: aliases, deprecated: deprecated, isSecret: isSecret, repetition: repetition,
            isStrict: isStrict, read: read, show: show)
    }
}

extension ConnectionOption {
    typealias Path<Value> = WritableKeyPath<ConnectionOptions, Value?> & Sendable

    static func text(_ name: String, _ path: any Path<String>) -> ConnectionOption {
        ConnectionOption(
            name: name,
            read: { text, options throws(InvalidValue) in
                guard !text.isEmpty else { throw InvalidValue(reason: "is empty") }
                options[keyPath: path] = text
            },
            show: { $0[keyPath: path].map { .string($0) } })
    }

    static func bool(_ name: String, _ path: any Path<Bool>) -> ConnectionOption {
        ConnectionOption(
            name: name,
            read: { text, options throws(InvalidValue) in
                switch text {
                case "true": options[keyPath: path] = true
                case "false": options[keyPath: path] = false
                default: throw InvalidValue(reason: "is true or false")
                }
            },
            show: { $0[keyPath: path].map { .bool($0) } })
    }

    static func int(_ name: String, _ path: any Path<Int>, _ range: ClosedRange<Int>) -> ConnectionOption {
        ConnectionOption(
            name: name,
            read: { text, options throws(InvalidValue) in options[keyPath: path] = try number(text, in: range) },
            show: { $0[keyPath: path].map { .int($0) } })
    }

    /// A time in milliseconds.
    static func time(_ name: String, _ path: any Path<Duration>, from least: Int = 0) -> ConnectionOption {
        ConnectionOption(
            name: name,
            read: { text, options throws(InvalidValue) in
                options[keyPath: path] = .milliseconds(try number(text, in: least...Int(Int32.max)))
            },
            show: { $0[keyPath: path].map { .int(milliseconds($0)) } })
    }

    /// One of a few words.
    static func word<Word: RawRepresentable<String> & Sendable>(
        _ name: String, _ path: any Path<Word>, _ words: String
    ) -> ConnectionOption {
        ConnectionOption(
            name: name,
            read: { text, options throws(InvalidValue) in
                guard let word = Word(rawValue: text) else { throw InvalidValue(reason: "is one of \(words)") }
                options[keyPath: path] = word
            },
            show: { $0[keyPath: path].map { .string($0.rawValue) } })
    }

    static func number(_ text: String, in range: ClosedRange<Int>) throws(InvalidValue) -> Int {
        guard let number = Int(text), range.contains(number) else {
            let upper = range.upperBound >= Int(Int32.max) ? "" : " to \(range.upperBound)"
            throw InvalidValue(reason: "is a whole number from \(range.lowerBound)\(upper)")
        }
        return number
    }

    static func milliseconds(_ time: Duration) -> Int {
        let (seconds, attoseconds) = time.components
        let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1000)
        return overflows ? .max : Int(whole) + Int(attoseconds / 1_000_000_000_000_000)
    }

    /// Reads `key:value` pairs between commas.
    static func pairs(_ text: String) throws(InvalidValue) -> [String: String] {
        var pairs: [String: String] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            // The value may have colons of its own, as an address has.
            guard let colon = part.firstIndex(of: ":"), colon != part.startIndex else {
                throw InvalidValue(reason: "is a list of key:value pairs between commas")
            }
            pairs[String(part[..<colon])] = String(part[part.index(after: colon)...])
        }
        return pairs
    }

    /// Pairs as a document, in the order of their keys.
    static func document(_ pairs: [String: String]) -> BSONValue {
        .document(BSONDocument(fields: pairs.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}
