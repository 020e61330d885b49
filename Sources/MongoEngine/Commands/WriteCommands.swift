internal import BSON
internal import MongoProtocol

/// Commands that write documents.
enum WriteCommands {
    static let rows: [CommandRow] = [
        CommandRow(
            "insert", fields: ["insert", "documents", "ordered", "bypassDocumentValidation"], writes: true,
            run: InsertCommand.run),
        CommandRow(
            "update", fields: ["update", "updates", "ordered", "bypassDocumentValidation", "let"], writes: true,
            run: UpdateCommand.run),
        CommandRow("delete", fields: ["delete", "deletes", "ordered", "let"], writes: true, run: DeleteCommand.run),
        CommandRow(
            "findAndModify", "findandmodify",
            fields: [
                "findAndModify", "findandmodify", "query", "sort", "remove", "update", "new", "fields", "upsert",
                "bypassDocumentValidation", "collation", "arrayFilters", "hint", "let",
            ],
            writes: true, run: FindAndModifyCommand.run),
    ]

    /// The most writes that one command may hold.
    static let maximumBatch = 100_000

    /// - Throws: ``MongoError`` `InvalidLength` for an empty or too long list.
    static func check(count: Int) throws {
        guard (1...maximumBatch).contains(count) else {
            throw MongoError(
                .invalidLength,
                "Write batch sizes must be between 1 and \(maximumBatch). Got \(count) operations.")
        }
    }

    /// The reply of a write command with the failures of single writes.
    static func reply(_ fields: [(String, BSONValue)], _ errors: [BSONDocument]) -> BSONDocument {
        var all = fields
        if !errors.isEmpty { all.append(("writeErrors", .array(BSONArray(errors.map { .document($0) })))) }
        all.append(("ok", 1.0))
        return BSONDocument(fields: all)
    }

    /// One entry of `writeErrors`.
    static func entry(_ index: Int, _ error: MongoError) -> BSONDocument {
        var fields: [(String, BSONValue)] = [
            ("index", .int(index)), ("code", .int32((error.code ?? .internalError).rawValue)),
        ]
        fields += error.details.map { ($0.key, $0.value) }
        fields.append(("errmsg", .string(error.message)))
        return BSONDocument(fields: fields)
    }

    /// Runs the writes of a command one after the other; ordered ones end at the first failure.
    static func each(
        _ invocation: Invocation, count: Int, _ write: (Int) async throws -> Void
    ) async throws -> [BSONDocument] {
        try check(count: count)
        let ordered = invocation.body["ordered"].map(\.isTruthy) ?? true
        var errors: [BSONDocument] = []
        for index in 0..<count {
            do {
                try await write(index)
            } catch let error as MongoError where error.code != .interrupted && error.code != .maxTimeMSExpired {
                errors.append(entry(index, error))
                if ordered { break }
            }
        }
        return errors
    }

    /// Whether an update or delete asks for a collation, which is refused rather than ignored.
    static func checkStatement(_ statement: BSONDocument) throws {
        guard let locale = statement["collation"]?.document?["locale"]?.string, locale != "simple" else { return }
        throw MongoError(.commandNotSupported, "collation '\(locale)' is not supported by this engine yet")
    }
}

/// `insert`: https://www.mongodb.com/docs/manual/reference/command/insert/
enum InsertCommand {
    /// How many documents one transaction takes; other writers get their turn in between.
    private static let chunk = 1_000

    @Sendable static func run(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        let documents = try invocation.documents("documents")
        try WriteCommands.check(count: documents.count)
        let ordered = invocation.body["ordered"].map(\.isTruthy) ?? true
        return try await engine.retried.once(invocation) {
            var inserted = 0
            var errors: [BSONDocument] = []
            var start = 0
            while start < documents.count, errors.isEmpty || !ordered {
                let range = start..<min(start + chunk, documents.count)
                let (count, failed) = try await engine.write(invocation) { transaction in
                    try insert(documents, range, into: name, ordered: ordered, transaction)
                }
                inserted += count
                errors += failed
                start = range.upperBound
            }
            return WriteCommands.reply([("n", .int(inserted))], errors)
        }
    }

    private static func insert(
        _ documents: [BSONDocument], _ range: Range<Int>, into name: String, ordered: Bool,
        _ transaction: WriteTransaction
    ) throws -> (Int, [BSONDocument]) {
        var inserted = 0
        var errors: [BSONDocument] = []
        for index in range {
            do {
                // Read each time: a document before may have changed the definition (multikey).
                let collection = try transaction.collectionOrNew(name)
                try transaction.insert(DocumentRules.withID(documents[index]), into: collection)
                inserted += 1
            } catch let error as MongoError {
                errors.append(WriteCommands.entry(index, error))
                if ordered { break }
            }
        }
        return (inserted, errors)
    }
}

/// `delete`: https://www.mongodb.com/docs/manual/reference/command/delete/
enum DeleteCommand {
    @Sendable static func run(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        // All are read before the first runs: a command with a malformed one deletes nothing.
        let statements = try invocation.documents("deletes").map { try statement($0) }
        return try await engine.retried.once(invocation) {
            var count = 0
            let errors = try await WriteCommands.each(invocation, count: statements.count) { index in
                let statement = statements[index]
                try WriteCommands.checkStatement(statement.document)
                let target = WriteTarget(
                    collection: name,
                    request: FindPlanRequest(
                        filter: statement.query, hint: statement.document["hint"],
                        variables: try Variables.of(invocation)))
                count += try await engine.modify(invocation, target, multi: !statement.justOne) { transaction, match in
                    try transaction.remove(match.record, match.document, from: match.collection)
                }
            }
            return WriteCommands.reply([("n", .int(count))], errors)
        }
    }

    private static func statement(
        _ document: BSONDocument
    ) throws -> (document: BSONDocument, query: BSONDocument, justOne: Bool) {
        func field(_ name: String) throws -> BSONValue {
            guard let value = document[name] else {
                throw MongoError(.missingField, "BSON field 'delete.deletes.\(name)' is missing but a required field")
            }
            return value
        }
        let (query, limit) = (try field("q"), try field("limit"))
        guard let filter = query.document else {
            throw MongoError(
                .typeMismatch,
                "BSON field 'delete.deletes.q' is the wrong type '\(query.type.alias)', expected type 'object'")
        }
        guard let count = limit.int, count == 0 || count == 1 else {
            throw MongoError(
                .failedToParse, "The limit field in delete objects must be 0 or 1. Got \(limit.shellText)")
        }
        return (document, filter, count == 1)
    }
}
