internal import BSON
internal import MongoProtocol
internal import Synchronization

/// `update`: https://www.mongodb.com/docs/manual/reference/command/update/
enum UpdateCommand {
    @Sendable static func run(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        let statements = try invocation.documents("updates").map { try UpdateStatement($0, invocation) }
        return try await engine.retried.once(invocation) {
            var matched = 0
            var modified = 0
            var upserted: [BSONValue] = []
            let errors = try await WriteCommands.each(invocation, count: statements.count) { index in
                let outcome = try await update(engine, invocation, name, statements[index])
                matched += outcome.matched
                modified += outcome.modified
                if let id = outcome.upserted {
                    upserted.append(["index": .int(index), "_id": id])
                    matched += 1
                }
            }
            var fields: [(String, BSONValue)] = [("n", .int(matched)), ("nModified", .int(modified))]
            if !upserted.isEmpty { fields.append(("upserted", .array(BSONArray(upserted)))) }
            return WriteCommands.reply(fields, errors)
        }
    }

    struct Outcome: Sendable {
        var matched = 0
        var modified = 0
        var upserted: BSONValue?
    }

    private static func update(
        _ engine: Engine, _ invocation: Invocation, _ name: String, _ statement: UpdateStatement
    ) async throws -> Outcome {
        let (query, upsert) = (statement.query, statement.isUpsert)
        let variables = try Variables.of(invocation)
        let update = try CompiledUpdate.compile(
            statement.change, arrayFilters: statement.arrayFilters, now: invocation.now, variables: variables)
        if statement.isMulti, update.isReplacement {
            throw MongoError(
                .failedToParse, "multi update is not supported for replacement-style update")
        }
        let target = WriteTarget(
            collection: name,
            request: FindPlanRequest(
                filter: query, sort: statement.sort, hint: statement.hint, variables: variables))
        if statement.isMulti {
            let modified = Counter()
            let matched = try await engine.modify(invocation, target, multi: true) { transaction, match in
                if try apply(update, to: match, transaction) != nil { modified.increment() }
            }
            if matched > 0 || !upsert { return Outcome(matched: matched, modified: modified.value) }
        }
        return try await Upsert.retryingDuplicates(upsert) {
            try await engine.modifyFirst(invocation, target) { transaction, match in
                if let match {
                    let new = try apply(update, to: match, transaction)
                    return Outcome(matched: 1, modified: new == nil ? 0 : 1)
                }
                guard upsert else { return Outcome() }
                let document = try Upsert.insert(update, query, into: name, transaction)
                return Outcome(upserted: document["_id"] ?? .null)
            }
        }
    }

    /// Changes a matched document.
    /// - Returns: The new document, or nil where no operator changed anything.
    static func apply(
        _ update: CompiledUpdate, to match: WriteMatch, _ transaction: WriteTransaction
    ) throws -> BSONDocument? {
        guard let new = try update.apply(to: match.document, arrayIndex: match.arrayIndex, isUpsertInsert: false)
        else { return nil }
        try transaction.replace(match.record, match.document, with: new, in: match.collection)
        return new
    }
}

/// Inserting what an update would have changed.
enum Upsert {
    static func insert(
        _ update: CompiledUpdate, _ query: BSONDocument, into name: String, _ transaction: WriteTransaction
    ) throws -> BSONDocument {
        let document = DocumentRules.withID(try update.newDocument(fromFilter: query))
        try transaction.insert(document, into: try transaction.collectionOrNew(name))
        return document
    }

    /// Two upserts of one key may both find nothing; the second then finds what the first inserted.
    static func retryingDuplicates<R>(_ upsert: Bool, _ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as MongoError where upsert && error.isDuplicateKey {
            return try await body()
        }
    }
}

/// A count that write transactions add to.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .relaxed) }
    func increment() { count.wrappingAdd(1, ordering: .relaxed) }
}

/// `findAndModify`: https://www.mongodb.com/docs/manual/reference/command/findAndModify/
enum FindAndModifyCommand {
    @Sendable static func run(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        let query = try invocation.document("query") ?? [:]
        let remove = try invocation.flag("remove")
        let upsert = try invocation.flag("upsert")
        let returnsNew = try invocation.flag("new")
        try Collations.check(invocation)
        let variables = try Variables.of(invocation)
        let change = invocation.body["update"]
        let fields = try invocation.document("fields") ?? [:]
        let sort = try invocation.document("sort") ?? [:]
        let arrayFilters = try UpdateStatement.arrayFilters(
            invocation.body["arrayFilters"], "arrayFilters", invocation)
        guard remove != (change != nil) else {
            throw MongoError(
                .failedToParse,
                remove
                    ? "Cannot specify both an update and remove=true"
                    : "Either an update or remove=true must be specified"
            )
        }
        if remove, upsert { throw MongoError(.failedToParse, "Cannot specify both upsert=true and remove=true") }
        if remove, returnsNew {
            throw MongoError(
                .failedToParse,
                "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document")
        }
        let update = try change.map {
            try CompiledUpdate.compile(
                $0, arrayFilters: arrayFilters, now: invocation.now, variables: variables)
        }
        let filter = try CompiledFilter.compile(query, now: invocation.now, variables: variables)
        let projection = try Projection.compile(fields, filter: filter, variables: variables)
        let target = WriteTarget(
            collection: name,
            request: FindPlanRequest(
                filter: query, sort: sort, hint: invocation.body["hint"], variables: variables))
        return try await engine.retried.once(invocation) {
            let result = try await Upsert.retryingDuplicates(upsert) {
                try await engine.modifyFirst(invocation, target) { transaction, match -> Result in
                    guard let match else {
                        guard upsert, let update else { return Result() }
                        let new = try Upsert.insert(update, query, into: name, transaction)
                        return Result(value: returnsNew ? new : nil, count: 1, upserted: new["_id"])
                    }
                    guard let update else {
                        try transaction.remove(match.record, match.document, from: match.collection)
                        return Result(value: match.document, count: 1)
                    }
                    let new = try UpdateCommand.apply(update, to: match, transaction)
                    return Result(
                        value: returnsNew ? new ?? match.document : match.document, count: 1, updated: true)
                }
            }
            var last: [(String, BSONValue)] = [("n", .int(result.count))]
            if !remove { last.append(("updatedExisting", .bool(result.updated))) }
            if let id = result.upserted { last.append(("upserted", id)) }
            let value = try result.value.map { BSONValue.document(try projection.apply($0)) }
            return ["lastErrorObject": .document(BSONDocument(fields: last)), "value": value ?? .null, "ok": 1.0]
        }
    }

    private struct Result: Sendable {
        var value: BSONDocument?
        var count = 0
        var updated = false
        var upserted: BSONValue?
    }
}
