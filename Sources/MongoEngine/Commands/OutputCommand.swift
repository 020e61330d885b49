internal import BSON
internal import MongoProtocol

/// Runs pipelines that end in `$out` or `$merge`: reads in slices, writes in transactions of some hundred documents.
enum OutputCommand {
    /// The documents and bytes that one transaction takes, about.
    private static let chunk = (documents: 500, bytes: 4 << 20)

    static func run(
        _ engine: Engine, _ invocation: Invocation, _ source: any DocumentSource, _ output: PipelineOutput
    ) async throws -> BSONDocument {
        let target = output.target
        let database = target.database ?? invocation.database
        try Namespaces.check(database: database, collection: target.collection)
        // Writes go to the target's database, whatever the command's is.
        let writing = Invocation(
            MongoCommand(invocation.body, database: database), invocation.context)
        let variables = try Variables.of(invocation)
        let writer: any OutputWriter =
            switch output {
            case .replacement: ReplacingWriter(target.collection)
            case .merge(let specification): try MergingWriter(specification, variables)
            }
        do {
            try await engine.write(writing) { try writer.begin($0) }
            let work = SlicedWork(source)
            var isFirst = true
            while true {
                let (documents, isLast) = try await next(engine, invocation, work, isFirst: isFirst)
                isFirst = false
                if !documents.isEmpty {
                    try await engine.write(writing) { transaction in
                        for document in documents { try writer.write(document, transaction) }
                    }
                }
                if isLast { break }
            }
            try await engine.write(writing) { try writer.finish($0) }
        } catch {
            try? await engine.write(writing) { writer.abandon($0) }
            throw error
        }
        return [
            "cursor": ["firstBatch": [], "id": .int64(0), "ns": .string("\(database).\(target.collection)")], "ok": 1.0,
        ]
    }

    private static func next(
        _ engine: Engine, _ invocation: Invocation, _ work: SlicedWork<any DocumentSource>, isFirst: Bool
    ) async throws -> ([BSONDocument], isLast: Bool) {
        do {
            return try await next(engine, invocation, work)
        } catch let outdated as PlanOutdated where !isFirst {
            // Documents are written already: the command must not be run again.
            throw outdated.error
        }
    }

    private static func next(
        _ engine: Engine, _ invocation: Invocation, _ work: SlicedWork<any DocumentSource>
    ) async throws -> ([BSONDocument], isLast: Bool) {
        let gathered = SlicedWork((source: work.state, documents: [BSONDocument](), bytes: 0))
        return try await engine.slices(invocation, gathered) { state, context in
            while state.documents.count < chunk.documents, state.bytes < chunk.bytes {
                switch try state.source.next(context) {
                case .document(let document):
                    state.documents.append(document)
                    state.bytes += document.byteCount
                case .pause: return nil
                case .end: return (state.documents, isLast: true)
                }
            }
            return (state.documents, isLast: false)
        }
    }
}

/// Takes the documents of a pipeline, each inside a write transaction.
protocol OutputWriter: Sendable {
    func begin(_ transaction: WriteTransaction) throws
    func write(_ document: BSONDocument, _ transaction: WriteTransaction) throws
    func finish(_ transaction: WriteTransaction) throws
    /// Cleans up behind a failure.
    func abandon(_ transaction: WriteTransaction)
}

/// `$out`: fills a collection beside the target, with the target's indexes, and puts it in the target's place at the end.
struct ReplacingWriter: OutputWriter {
    private let name: String
    private let temporary: String

    init(_ name: String) {
        self.name = name
        temporary = "tmp.agg_out." + String(UInt64.random(in: 0 ... .max), radix: 16)
    }

    func begin(_ transaction: WriteTransaction) throws {
        let made = try transaction.collectionOrNew(temporary, options: transaction.collection(name)?.options ?? [:])
        guard let existing = transaction.collection(name) else { return }
        let more = try existing.readyIndexes.dropFirst().map { index in
            IndexDefinition(
                specification: index.specification,
                table: try transaction.writer.createIndexTable(unique: index.isUnique))
        }
        if !more.isEmpty { transaction.draft.set(made.with(indexes: made.indexes + more)) }
    }

    func write(_ document: BSONDocument, _ transaction: WriteTransaction) throws {
        guard let collection = transaction.collection(temporary) else {
            throw MongoError(.namespaceNotFound, "the collection that $out writes to was dropped meanwhile")
        }
        try transaction.insert(DocumentRules.withID(document), into: collection)
    }

    func finish(_ transaction: WriteTransaction) throws {
        guard let collection = transaction.collection(temporary) else {
            throw MongoError(.namespaceNotFound, "the collection that $out writes to was dropped meanwhile")
        }
        if let existing = transaction.collection(name) { transaction.draft.remove(existing) }
        transaction.draft.rename(collection, to: name)
    }

    func abandon(_ transaction: WriteTransaction) {
        if let collection = transaction.collection(temporary) { transaction.draft.remove(collection) }
    }
}

/// `$merge`: looks each document up by the fields of `on`.
struct MergingWriter: OutputWriter {
    private let specification: MergeSpecification
    private let variables: ExpressionVariables

    init(_ specification: MergeSpecification, _ variables: ExpressionVariables) throws {
        (self.specification, self.variables) = (specification, variables)
        // A pipeline is checked even where no document comes.
        if case .pipeline(let stages) = specification.matched { _ = try update(stages, with: [:]) }
    }

    func begin(_ transaction: WriteTransaction) throws {
        let fields = Set(specification.fields)
        if fields == ["_id"] { return }
        let indexes = transaction.collection(specification.target.collection)?.indexes ?? []
        guard indexes.contains(where: { $0.isUnique && Set($0.parts.map(\.path)) == fields }) else {
            throw MongoError(.init(51183), "Cannot find index to verify that join fields will be unique")
        }
    }

    func write(_ document: BSONDocument, _ transaction: WriteTransaction) throws {
        let name = specification.target.collection
        var document = document
        if specification.fields.contains("_id") { document = DocumentRules.withID(document) }
        let filter = BSONDocument(
            fields: try specification.fields.map { ($0, ["$eq": try joinValue($0, document)]) })
        guard let collection = transaction.collection(name),
            let (record, existing) = try find(filter, collection, transaction)
        else {
            switch specification.unmatched {
            case .insert:
                try transaction.insert(DocumentRules.withID(document), into: try transaction.collectionOrNew(name))
            case .discard: break
            case .fail:
                throw MongoError(
                    .init(13113),
                    "$merge could not find a matching document in the target collection for at least one document in "
                        + "the source collection")
            }
            return
        }
        guard let new = try changed(existing, by: document) else { return }
        try transaction.replace(record, existing, with: new, in: collection)
    }

    func finish(_ transaction: WriteTransaction) {}
    func abandon(_ transaction: WriteTransaction) {}

    /// The document that takes the place of an existing one; nil where that stays.
    private func changed(_ existing: BSONDocument, by document: BSONDocument) throws -> BSONDocument? {
        switch specification.matched {
        case .keepExisting: return nil
        case .fail:
            throw MongoError(
                .duplicateKey,
                "$merge with whenMatched: fail found an existing document with the same values for the 'on' fields")
        case .replace:
            return try CompiledUpdate.compile(.document(document), arrayFilters: [], now: variables.now)
                .apply(to: existing, arrayIndex: nil, isUpsertInsert: false)
        case .merge:
            let merged = existing.merging(document)
            if let old = existing["_id"], let new = merged["_id"], BSONValue.compare(old, new) != 0 {
                throw MongoError(
                    .immutableField,
                    "$merge failed to update the matching document, did you attempt to modify the _id or the shard key?"
                )
            }
            return merged
        case .pipeline(let stages):
            return try update(stages, with: document).apply(to: existing, arrayIndex: nil, isUpsertInsert: false)
        }
    }

    private func update(_ stages: BSONArray, with document: BSONDocument) throws -> CompiledUpdate {
        var inner = variables
        for (name, expression) in specification.bindings {
            inner = inner.binding(name, try expression.evaluate(document, variables))
        }
        return try CompiledUpdate.compile(.array(stages), arrayFilters: [], now: variables.now, variables: inner)
    }

    private func joinValue(_ path: String, _ document: BSONDocument) throws -> BSONValue {
        let value = document[path: path]
        switch value {
        case nil, .null?, .undefined?:
            throw MongoError(
                .init(51132), "$merge write error: 'on' field '\(path)' cannot be missing, null, undefined or an array")
        case .array? where path != "_id":
            throw MongoError(
                .init(51185), "$merge write error: 'on' field '\(path)' cannot be missing, null, undefined or an array")
        case let value?: return value
        }
    }

    private func find(
        _ filter: BSONDocument, _ collection: CollectionDefinition, _ transaction: WriteTransaction
    ) throws -> (RecordID, BSONDocument)? {
        let context = transaction.context
        let source = try QueryPlanner.plan(
            FindPlanRequest(filter: filter), collection: collection, now: variables.now
        ).makeRecordSource()
        while true {
            switch try source.next(context) {
            case .record(let record, _):
                return try transaction.document(record, in: collection).map { (record, $0) }
            case .pause: continue
            case .end: return nil
            }
        }
    }
}
