internal import Hummingbird

/// A request's query parameters, each known, given once and of the right form.
struct QueryParameters {
    private let values: [String: String]

    /// Reads them.
    /// - Throws: 400 for one that the route does not have, or that comes twice.
    init(_ request: Request, allowed: Set<String>) throws {
        var values: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            guard allowed.contains(name) else {
                let known = allowed.sorted().joined(separator: ", ")
                throw Self.problem("'\(name.prefix(50))' is no parameter here; there are: \(known).")
            }
            guard values.updateValue(String(value), forKey: name) == nil else {
                throw Self.problem("'\(name)' is given twice.")
            }
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name] }

    /// A whole number in a range.
    func number(_ name: String, in range: ClosedRange<Int>, default standard: Int) throws -> Int {
        guard let text = values[name] else { return standard }
        guard let number = Int(text), range.contains(number), String(number) == text else {
            throw Self.problem("'\(name)' is a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// One of some words.
    func word(_ name: String, of words: [String]) throws -> String? {
        guard let text = values[name] else { return nil }
        guard words.contains(text) else {
            throw Self.problem("'\(name)' is one of \(words.joined(separator: ", ")).")
        }
        return text
    }

    static func problem(_ message: String) -> APIError { APIError(.badRequest, "invalid_parameter", message) }
}
