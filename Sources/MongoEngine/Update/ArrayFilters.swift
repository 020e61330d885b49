internal import BSON
internal import MongoProtocol

/// The array filters of an update.
enum ArrayFilters {
    /// Reads the filters, each under its identifier.
    static func compile(
        _ filters: [BSONDocument], now: BSONDate, variables: ExpressionVariables?
    ) throws -> [String: CompiledFilter] {
        var result: [String: CompiledFilter] = [:]
        for filter in filters {
            var names: [String] = []
            collectNames(filter, &names)
            guard let name = names.first else {
                throw MongoError(
                    .failedToParse, "Cannot use an expression without a top-level field name in arrayFilters")
            }
            if let other = names.first(where: { $0 != name }) {
                throw MongoError(
                    .failedToParse,
                    "Error parsing array filter :: caused by :: Expected a single top-level field name, found "
                        + "'\(name)' and '\(other)'")
            }
            guard isIdentifier(name) else {
                throw MongoError(
                    .badValue,
                    "Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric "
                        + "string beginning with a lowercase letter, found '\(name)'")
            }
            guard result[name] == nil else {
                throw MongoError(
                    .failedToParse, "Found multiple array filters with the same top-level field name \(name)")
            }
            result[name] = try CompiledFilter.compile(filter, now: now, variables: variables)
        }
        return result
    }

    /// Checks that the filters have all identifiers of a path, and notes them as used.
    static func check(
        _ path: UpdatePath, _ filters: [String: CompiledFilter], used: inout Set<String>
    ) throws {
        for case .elements(let identifier) in path.parts where !identifier.isEmpty {
            guard filters[identifier] != nil else {
                throw MongoError(
                    .badValue, "No array filter found for identifier '\(identifier)' in path '\(path.text)'")
            }
            used.insert(identifier)
        }
    }

    private static func collectNames(_ filter: BSONDocument, _ names: inout [String]) {
        for (key, value) in filter {
            if key.hasPrefix("$") {
                for inner in value.array ?? [] {
                    if let document = inner.document { collectNames(document, &names) }
                }
            } else {
                names.append(String(key.prefix { $0 != "." }))
            }
        }
    }

    private static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first, first >= 0x61, first <= 0x7A else { return false }
        return name.utf8.allSatisfy {
            ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x61 && $0 <= 0x7A)
        }
    }
}
