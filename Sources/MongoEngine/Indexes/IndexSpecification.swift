internal import BSON
internal import MongoProtocol

/// Checks what `createIndexes` asks for, and compares it with the indexes that are there.
enum IndexSpecification {
    /// Options that an index may have; for those refused, what to say.
    private enum Option {
        case taken
        case ignored
        /// Only the value that changes nothing is taken.
        case refused(unless: @Sendable (BSONValue) -> Bool)
    }

    private static let options: [String: Option] = [
        "key": .taken, "name": .taken, "unique": .taken, "v": .taken, "ns": .ignored, "background": .ignored,
        "dropDups": .ignored, "storageEngine": .ignored, "clustered": .ignored,
        "collation": .refused { $0.document?["locale"]?.string == "simple" },
        "expireAfterSeconds": .refused { _ in false },
        "hidden": .refused { !$0.isTruthy },
        "partialFilterExpression": .refused { _ in false },
        "prepareUnique": .refused { !$0.isTruthy },
        "sparse": .refused { !$0.isTruthy },
        "bits": .refused { _ in false }, "max": .refused { _ in false }, "min": .refused { _ in false },
        "2dsphereIndexVersion": .refused { _ in false }, "textIndexVersion": .refused { _ in false },
        "weights": .refused { _ in false }, "default_language": .refused { _ in false },
        "language_override": .refused { _ in false }, "wildcardProjection": .refused { _ in false },
    ]

    /// The specification in full, as `listIndexes` shows it: `v`, `key`, `name`, and `unique` where it is set.
    /// - Throws: `CannotCreateIndex`, `InvalidIndexSpecificationOption` and their like.
    static func parse(_ asked: BSONDocument) throws -> BSONDocument {
        guard let key = asked["key"] else {
            throw MongoError(
                .failedToParse,
                "Error in specification \(asked) :: caused by :: The 'key' field is a required property "
                    + "of an index specification")
        }
        guard case .document(let pattern) = key else {
            throw MongoError(
                .typeMismatch,
                "Error in specification \(asked) :: caused by :: The field 'key' must be an object, but "
                    + "got \(key.type.alias)")
        }
        for (name, value) in asked {
            guard let option = options[name] else {
                throw MongoError(
                    .invalidIndexSpecificationOption,
                    "Error in specification \(asked) :: caused by :: The field '\(name)' is not valid for an index "
                        + "specification. Specification: \(asked)")
            }
            if case .refused(let isHarmless) = option, !isHarmless(value) {
                throw MongoError(.cannotCreateIndex, "the index option '\(name)' is not supported yet by this engine")
            }
        }
        let checked = try check(pattern)
        let name = try name(asked, pattern)
        let isID = checked.count == 1 && pattern.keys == ["_id"]
        try checkVersion(asked["v"])
        if let unique = asked["unique"] {
            guard unique.type == .bool || unique.isNumber else {
                throw MongoError(
                    .typeMismatch,
                    "Error in specification \(asked) :: caused by :: The field 'unique' has value unique: "
                        + "\(unique), which is not convertible to bool")
            }
        }
        var writer = BSONWriter()
        writer.append("v", 2)
        writer.append("key", .document(pattern))
        writer.append("name", .string(isID ? "_id_" : name))
        // The index on _id is unique by its nature and does not say so.
        if !isID, asked["unique"]?.isTruthy == true { writer.append("unique", true) }
        return writer.finish()
    }

    /// Whether the same index is there already.
    /// - Throws: `IndexOptionsConflict` or `IndexKeySpecsConflict` where another index stands in its way.
    static func isPresent(_ specification: BSONDocument, among indexes: [IndexDefinition]) throws -> Bool {
        guard case .document(let pattern)? = specification["key"], let name = specification["name"]?.string else {
            return false
        }
        let isUnique = specification["unique"]?.isTruthy ?? false
        let parts = parts(of: pattern)
        for index in indexes {
            let hasSameKey = index.parts == parts
            let hasSameOptions = hasSameKey && (index.isIDIndex || index.isUnique == isUnique)
            if index.name == name {
                if hasSameOptions { return true }
                throw MongoError(
                    .indexKeySpecsConflict,
                    "An existing index has the same name as the requested index. When index names are not specified, they "
                        + "are auto generated and can cause conflicts. Please refer to our documentation. Requested "
                        + "index: \(specification), existing index: \(index.specification)")
            }
            guard hasSameKey else { continue }
            if hasSameOptions {
                throw MongoError(
                    .indexOptionsConflict, "Index already exists with a different name: \(index.name)")
            }
            throw MongoError(
                .indexOptionsConflict,
                "An equivalent index already exists with the same name but different options. Requested index: "
                    + "\(specification), existing index: \(index.specification)")
        }
        return false
    }

    /// The parts of a key pattern that was checked.
    static func parts(of pattern: BSONDocument) -> [IndexDefinition.Part] {
        pattern.map { IndexDefinition.Part(path: $0.key, descending: ($0.value.double ?? 1) < 0) }
    }

    private static func check(_ pattern: BSONDocument) throws -> [IndexDefinition.Part] {
        guard !pattern.isEmpty else { throw MongoError(.cannotCreateIndex, "Index keys cannot be an empty object") }
        var seen: Set<String> = []
        for (path, direction) in pattern {
            func fail(_ reason: String) -> MongoError {
                MongoError(.cannotCreateIndex, reason)
            }
            if let type = direction.string {
                let known: Set<String> = ["text", "2d", "2dsphere", "hashed", "geoHaystack"]
                guard known.contains(type) else { throw fail("Unknown index plugin '\(type)'") }
                throw fail("\(type) indexes are not supported yet by this engine")
            }
            guard direction.isNumber else {
                throw fail(
                    "Values in v:2 index key pattern cannot be of type \(direction.type.alias). Only numbers > 0, "
                        + "numbers < 0, and strings are allowed.")
            }
            guard let number = direction.double, !number.isNaN else {
                throw fail("Values in the index key pattern cannot be NaN.")
            }
            guard number != 0 else {
                throw fail("Values in the index key pattern cannot be 0.")
            }
            guard !path.isEmpty else { throw fail("Index keys cannot be an empty field.") }
            if path == "$**" || path.hasSuffix(".$**") {
                throw fail("wildcard indexes are not supported yet by this engine")
            }
            for part in path.split(separator: ".", omittingEmptySubsequences: false) {
                guard !part.isEmpty else { throw fail("Index keys cannot contain an empty field.") }
                if part.hasPrefix("$"), !["$ref", "$id", "$db"].contains(part) {
                    throw fail("Index key contains an illegal field name: field name starts with '$'.")
                }
            }
            guard seen.insert(path).inserted else {
                throw fail("Index key pattern has the field '\(path)' twice.")
            }
        }
        let parts = parts(of: pattern)
        guard parts.count <= 32 else { throw MongoError(ServerErrorCode(13103), "too many compound keys") }
        return parts
    }

    private static func name(_ asked: BSONDocument, _ pattern: BSONDocument) throws -> String {
        guard let value = asked["name"] else {
            return pattern.map { key, direction in
                "\(key)_\(direction.int64.map(String.init) ?? direction.double.map { "\($0)" } ?? "1")"
            }.joined(separator: "_")
        }
        guard let name = value.string else {
            throw MongoError(
                .typeMismatch,
                "Error in specification \(asked) :: caused by :: The field 'name' must be a string, but got "
                    + value.type.alias)
        }
        guard !name.isEmpty else { throw MongoError(.cannotCreateIndex, "Cannot create index with an empty name") }
        guard name != "*" else { throw MongoError(.badValue, "The index name '*' is not valid.") }
        return name
    }

    private static func checkVersion(_ version: BSONValue?) throws {
        guard let version else { return }
        guard let number = version.int64 else {
            throw MongoError(.typeMismatch, "The field 'v' must be a number, but got \(version.type.alias)")
        }
        guard number == 1 || number == 2 else {
            throw MongoError(.cannotCreateIndex, "Invalid index specification; cannot create an index with v=\(number)")
        }
    }
}
