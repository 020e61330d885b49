internal import BSON
internal import MongoProtocol

/// The dotted path of an update, with its positional parts told apart from names.
struct UpdatePath: Sendable {
    /// One part of a path.
    enum Part: Sendable, Equatable {
        /// A field's name or an array's index.
        case name(String)
        /// `$`: the element that the filter found.
        case matched
        /// `$[]`, with an empty identifier, or `$[identifier]`.
        case elements(String)

        var text: String {
            switch self {
            case .name(let name): name
            case .matched: "$"
            case .elements(let identifier): "$[\(identifier)]"
            }
        }
    }

    /// The path as the update has it.
    let text: String
    /// The parts between the dots.
    let parts: [Part]

    /// Reads a path.
    /// - Throws: ``MongoError`` 56 for an empty part, 2 for a positional part where none may stand, 15 for too many parts.
    init(_ text: String) throws {
        guard !text.isEmpty else { throw MongoError(.emptyFieldName, "An empty update path is not valid.") }
        var parts: [Part] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            guard !part.isEmpty else {
                throw MongoError(
                    .emptyFieldName, "The update path '\(text)' contains an empty field name, which is not allowed.")
            }
            if part == "$" {
                parts.append(.matched)
            } else if part.hasPrefix("$["), part.hasSuffix("]") {
                parts.append(.elements(String(part.dropFirst(2).dropLast())))
            } else {
                parts.append(.name(String(part)))
            }
        }
        guard parts.count <= UpdateLimits.depth else { throw UpdateLimits.tooDeep }
        switch parts.first {
        case .matched:
            throw MongoError(
                .badValue, "Cannot have positional (i.e. '$') element in the first position in path '\(text)'")
        case .elements:
            throw MongoError(
                .badValue,
                "Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '\(text)'")
        default: break
        }
        guard parts.count(where: { $0 == .matched }) <= 1 else {
            throw MongoError(.badValue, "Too many positional (i.e. '$') elements found in path '\(text)'")
        }
        self.text = text
        self.parts = parts
    }

    /// Whether the path has a part that only a document can resolve.
    var isDynamic: Bool {
        parts.contains { if case .name = $0 { false } else { true } }
    }

    /// The names of a path without positional parts.
    var names: [String] { parts.map(\.text) }

    /// The first `count` parts as a path.
    func prefix(_ count: Int) -> String { parts.prefix(count).map(\.text).joined(separator: ".") }

    /// The index that a part names in an array, or nil where it names none.
    static func index(_ part: String) -> Int? {
        let digits = part.utf8
        guard let first = digits.first, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        if first == 0x30, digits.count > 1 { return nil }
        return Int(part)
    }

    /// Whether one field is changed before another: by number where both are numbers, by bytes elsewhere.
    static func precedes(_ a: String, _ b: String) -> Bool {
        if let x = index(a), let y = index(b) { return x < y }
        return a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}
