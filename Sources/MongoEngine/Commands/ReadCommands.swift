internal import BSON
internal import MongoProtocol

/// Commands that read documents, and the cursors they open.
enum ReadCommands {
    static let rows: [CommandRow] = [
        CommandRow(
            "find",
            fields: [
                "find", "filter", "sort", "projection", "hint", "skip", "limit", "batchSize", "singleBatch", "max",
                "min", "returnKey", "showRecordId", "tailable", "awaitData", "noCursorTimeout",
                "allowPartialResults", "allowDiskUse", "collation", "let", "oplogReplay", "ntoreturn",
            ],
            immediate: FindCommand.pointRead, run: FindCommand.run),
        CommandRow(
            "aggregate",
            fields: [
                "aggregate", "pipeline", "explain", "allowDiskUse", "cursor", "bypassDocumentValidation", "collation",
                "hint", "let",
            ],
            run: AggregateCommand.run),
        CommandRow(
            "count", fields: ["count", "query", "limit", "skip", "hint", "collation", "fields"],
            run: CountCommand.run),
        CommandRow(
            "distinct", fields: ["distinct", "key", "query", "collation", "hint"], run: DistinctCommand.run),
        CommandRow("getMore", fields: ["getMore", "collection", "batchSize"], run: CursorCommands.getMore),
        CommandRow("killCursors", fields: ["killCursors", "cursors"], run: CursorCommands.kill),
    ]
}

/// `find`: https://www.mongodb.com/docs/manual/reference/command/find/
enum FindCommand {
    /// The request that the command's fields make.
    static func request(_ invocation: Invocation) throws -> FindPlanRequest {
        for field in ["tailable", "returnKey", "showRecordId"] where try invocation.flag(field) {
            throw MongoError(.commandNotSupported, "\(field) is not supported by this engine yet")
        }
        for field in ["min", "max"] where try invocation.document(field) != nil {
            throw MongoError(.commandNotSupported, "find with '\(field)' is not supported by this engine yet")
        }
        try Collations.check(invocation)
        let limit = try invocation.integer("limit", atLeast: invocation.body["singleBatch"] == nil ? 0 : nil) ?? 0
        return FindPlanRequest(
            filter: try invocation.document("filter") ?? [:], sort: try invocation.document("sort") ?? [:],
            skip: try invocation.integer("skip", atLeast: 0) ?? 0,
            limit: limit == 0 ? nil : Int(clamping: limit.magnitude),
            projection: try invocation.document("projection") ?? [:], hint: invocation.body["hint"],
            variables: try Variables.of(invocation), allowDiskUse: try allowsDiskUse(invocation))
    }

    /// Whether a blocking stage may write to temporary files; it may unless the command forbids it.
    static func allowsDiskUse(_ invocation: Invocation) throws -> Bool {
        invocation.body["allowDiskUse"] == nil ? true : try invocation.flag("allowDiskUse")
    }

    @Sendable static func run(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        let request = try request(invocation)
        let collection = engine.catalog.current.collection(invocation.database, name)
        let plan = try QueryPlanner.plan(request, collection: collection, now: invocation.now)
        let single = try invocation.flag("singleBatch") || (try invocation.integer("limit") ?? 0) < 0
        return try await CursorCommands.open(
            engine, invocation, namespace: "\(invocation.database).\(name)", source: plan.makeSource(),
            collection: collection, batchSize: try invocation.integer("batchSize", atLeast: 0), singleBatch: single,
            limit: request.limit)
    }

    /// A read of one document by its `_id` and nothing else, answered on the caller's thread.
    @Sendable static func pointRead(_ engine: Engine, _ invocation: Invocation) throws -> BSONDocument? {
        guard !engine.configuration.readOnly, let name = invocation.body["find"]?.string else { return nil }
        var id: BSONValue?
        for (key, value) in invocation.body {
            switch key {
            case "find", "$db", "lsid", "limit", "singleBatch", "batchSize", "$readPreference", "$clusterTime":
                if key == "limit" || key == "batchSize", (value.int64 ?? -1) < 1 { return nil }
            case "filter":
                guard let filter = value.document else { return nil }
                var fields = filter.makeIterator()
                guard let field = fields.next(), field.key == "_id", fields.next() == nil else { return nil }
                switch field.value.type {
                case .objectID, .string, .int32, .int64, .double, .binary, .date: id = field.value
                default: return nil
                }
            default: return nil
            }
        }
        guard let id else { return nil }
        try Namespaces.check(database: invocation.database, collection: name)
        let batch = ReplyBatch("firstBatch", "\(invocation.database).\(name)")
        if let collection = engine.catalog.current.collection(invocation.database, name) {
            let key = KeyEncoding.key(of: id)
            do {
                try engine.storage.read { reader in
                    guard let record = try reader.firstRecord(collection.idIndex.table, key: key) else { return }
                    _ = try reader.record(collection.records, record) { batch.append(RawDocument($0)) }
                }
            } catch let error as StorageError where error.kind == .missing {
                return nil  // Dropped just now: the way of all other reads knows what to do.
            }
        }
        return batch.reply(0)
    }
}

/// `aggregate`: https://www.mongodb.com/docs/manual/reference/command/aggregate/
enum AggregateCommand {
    @Sendable static func run(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        if try invocation.flag("explain") { return try await ExplainCommand.run(engine, invocation, of: invocation) }
        guard let stages = invocation.body["pipeline"]?.array else {
            throw MongoError(.typeMismatch, "'pipeline' option must be specified as an array")
        }
        guard let cursor = invocation.body["cursor"]?.document else {
            throw MongoError(
                .failedToParse,
                "The 'cursor' option is required, except for aggregate with the explain argument")
        }
        try Collations.check(invocation)
        let name = try collectionName(invocation)
        let collection = name.flatMap { engine.catalog.current.collection(invocation.database, $0) }
        let (plan, pipeline) = try plan(invocation, stages, collection)
        let source = pipeline.makeSource(over: plan.makeSource(), skipping: pipeline.leadingSkip)
        if let output = pipeline.output {
            return try await OutputCommand.run(engine, invocation, source, output)
        }
        var batchSize: Int?
        if let value = cursor["batchSize"] {
            guard let size = value.int, size >= 0 else {
                throw MongoError(.badValue, "cursor.batchSize must be a number that is not negative")
            }
            batchSize = size
        }
        return try await CursorCommands.open(
            engine, invocation, namespace: "\(invocation.database).\(name ?? "$cmd.aggregate")", source: source,
            collection: collection, batchSize: batchSize, singleBatch: false)
    }

    /// The collection that the command names; nil for `{aggregate: 1}`.
    private static func collectionName(_ invocation: Invocation) throws -> String? {
        if let number = invocation.body["aggregate"], number.isNumber {
            guard number.int64 == 1 else {
                throw MongoError(
                    .failedToParse,
                    "Invalid command format: the 'aggregate' field must specify a collection name or 1")
            }
            return nil
        }
        return try invocation.collectionName()
    }

    /// The pipeline, and the plan of what its first stages ask of the collection.
    static func plan(
        _ invocation: Invocation, _ stages: BSONArray, _ collection: CollectionDefinition?
    ) throws -> (QueryPlan, Pipeline) {
        let allowDiskUse = try FindCommand.allowsDiskUse(invocation)
        let pipeline = try Pipeline.compile(
            stages, now: invocation.now, variables: try invocation.document("let") ?? [:],
            allowDiskUse: allowDiskUse, isCollectionless: invocation.body["aggregate"]?.isNumber ?? false)
        let request = FindPlanRequest(
            filter: pipeline.leadingMatch ?? [:], sort: pipeline.leadingSort ?? [:],
            limit: pipeline.leadingLimit.map { Int(clamping: $0) }, hint: invocation.body["hint"],
            variables: try Variables.of(invocation), allowDiskUse: allowDiskUse)
        return (try QueryPlanner.plan(request, collection: collection, now: invocation.now), pipeline)
    }
}

/// `count`: https://www.mongodb.com/docs/manual/reference/command/count/
enum CountCommand {
    @Sendable static func run(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        let query = try invocation.document("query") ?? [:]
        let skip = try invocation.integer("skip", atLeast: 0) ?? 0
        let limit = try invocation.integer("limit").map { Int(clamping: $0.magnitude) } ?? 0
        try Collations.check(invocation)
        guard let collection = engine.catalog.current.collection(invocation.database, name) else {
            _ = try CompiledFilter.compile(query, now: invocation.now)
            return ["n": 0, "ok": 1.0]
        }
        let count: Int
        if query.isEmpty {
            count = max(0, try await engine.count(invocation, collection) - skip)
        } else {
            let request = FindPlanRequest(filter: query, skip: skip, hint: invocation.body["hint"])
            let plan = try QueryPlanner.plan(request, collection: collection, now: invocation.now)
            count = try await engine.slices(invocation, SlicedWork((plan.makeSource(), 0))) { state, context in
                while limit == 0 || state.1 < limit {
                    switch try state.0.next(context) {
                    case .document: state.1 += 1
                    case .pause: return nil
                    case .end: return state.1
                    }
                }
                return state.1
            }
        }
        return ["n": .int(limit > 0 ? min(limit, count) : count), "ok": 1.0]
    }
}

/// `distinct`: https://www.mongodb.com/docs/manual/reference/command/distinct/
enum DistinctCommand {
    @Sendable static func run(_ engine: Engine, _ invocation: Invocation) async throws -> BSONDocument {
        let name = try invocation.collectionName()
        guard let path = try invocation.string("key") else {
            throw MongoError(.missingField, "BSON field 'distinct.key' is missing but a required field")
        }
        try Collations.check(invocation)
        let request = FindPlanRequest(
            filter: try invocation.document("query") ?? [:], hint: invocation.body["hint"])
        let collection = engine.catalog.current.collection(invocation.database, name)
        let plan = try QueryPlanner.plan(request, collection: collection, now: invocation.now)
        let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let found = try await engine.slices(
            invocation, SlicedWork((plan.makeSource(), DistinctValues()))
        ) { state, context -> [BSONValue]? in
            while true {
                switch try state.0.next(context) {
                case .document(let document): try state.1.add(.document(document), parts[...], isLeafArray: true)
                case .pause: return nil
                case .end: return state.1.values
                }
            }
        }
        return ["values": .array(BSONArray(found)), "ok": 1.0]
    }
}

/// The values at a path, each once, in the order first seen.
struct DistinctValues {
    private(set) var values: [BSONValue] = []
    private var seen: Set<[UInt8]> = []
    private var bytes = 0

    /// Adds what stands at `path` in `value`; arrays are entered, at the path's end too.
    mutating func add(_ value: BSONValue, _ path: ArraySlice<String>, isLeafArray: Bool) throws {
        guard let field = path.first else {
            if isLeafArray, let array = value.array {
                for element in array { try add(element, path, isLeafArray: false) }
                return
            }
            let key = KeyEncoding.key(of: value)
            guard seen.insert(key).inserted else { return }
            bytes += key.count
            guard bytes < BSONValidator.maximumDocumentSize else {
                throw MongoError(ServerErrorCode(17217), "distinct too big, 16mb cap")
            }
            values.append(value)
            return
        }
        switch value {
        case .document(let document):
            if let inner = document[field] { try add(inner, path.dropFirst(), isLeafArray: true) }
        case .array(let array):
            if let index = Int(field), let element = array[index] {
                try add(element, path.dropFirst(), isLeafArray: true)
            }
            for case .document(let document) in array {
                try add(.document(document), path, isLeafArray: true)
            }
        default: break
        }
    }
}

/// Only the simple collation is there; others are refused rather than ignored.
enum Collations {
    static func check(_ invocation: Invocation) throws {
        guard let collation = try invocation.document("collation"), let locale = collation["locale"]?.string,
            locale != "simple"
        else { return }
        throw MongoError(.commandNotSupported, "collation '\(locale)' is not supported by this engine yet")
    }
}

/// The variables of a command's `let`.
enum Variables {
    static func of(_ invocation: Invocation) throws -> ExpressionVariables {
        try ExpressionScope.evaluate(commandLet: try invocation.document("let") ?? [:], now: invocation.now)
    }
}
