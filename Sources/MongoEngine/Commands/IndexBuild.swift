internal import BSON
internal import MongoProtocol

/// Builds the indexes of one `createIndexes` while others read and write.
///
/// The indexes enter the catalog as building: from then on writes maintain them, and no plan uses them. Short write
/// transactions then add the keys of the records that were there before, and the last one makes the indexes ready. All
/// indexes of a command become ready together, or none stays.
///
/// A unique index takes a key once, from a write as from the build, so that at the end nothing is left to check. A
/// write that brings a second record for a key succeeds, as in MongoDB, and the build fails.
struct IndexBuild: Sendable {
    /// What the first transaction found and made.
    private struct Start: Sendable {
        var existed = true
        var before = 0
        var after = 0
        var collectionID: [UInt8] = []
        /// The tables of the indexes to build.
        var tables: [TableID] = []
        /// The last record that was there before writes maintained the indexes.
        var last: RecordID?
    }

    /// How long one transaction keeps writers waiting, about.
    private static let batchTime = Duration.milliseconds(5)

    private let engine: Engine
    private let invocation: Invocation
    private let name: String
    private let specifications: [BSONDocument]
    /// Comes before each batch; tests do there what others may do during a build.
    private let pause: @Sendable () async -> Void

    init(
        _ engine: Engine, _ invocation: Invocation, _ name: String, _ specifications: [BSONDocument],
        pause: @escaping @Sendable () async -> Void = { await Task.yield() }
    ) {
        (self.engine, self.invocation, self.name, self.specifications) = (engine, invocation, name, specifications)
        self.pause = pause
    }

    /// Builds the indexes that are not there yet.
    /// - Returns: The reply of `createIndexes`.
    func run() async throws -> BSONDocument {
        let start = try await begin()
        if let last = start.last {
            do {
                try await fill(start, to: last)
                try await finish(start)
            } catch {
                await abandon(start)
                throw described(error, start)
            }
        }
        var reply: [(String, BSONValue)] = [
            ("numIndexesBefore", .int(start.existed ? start.before : 1)), ("numIndexesAfter", .int(start.after)),
            ("createdCollectionAutomatically", .bool(!start.existed)),
        ]
        if start.after == start.before { reply.append(("note", "all indexes already exist")) }
        return BSONDocument(fields: reply + [("ok", 1.0)])
    }

    // MARK: The steps

    /// Puts the indexes into the catalog: as building, or ready where there is nothing to fill them from.
    private func begin() async throws -> Start {
        let (name, specifications) = (name, specifications)
        return try await engine.write(invocation) { transaction in
            var start = Start()
            start.existed = transaction.collection(name) != nil
            let before = try transaction.collectionOrNew(name)
            start.collectionID = before.uuid
            start.before = before.indexes.count
            let records = try transaction.writer.records(before.records, descending: true)
            let last = try records.next() ? records.id : nil
            var indexes = before.indexes
            for specification in specifications {
                if try IndexSpecification.isPresent(specification, among: indexes) { continue }
                guard indexes.count < 64 else {
                    throw MongoError(.cannotCreateIndex, "add index fails, too many indexes for \(before.namespace)")
                }
                let unique = specification["unique"]?.isTruthy ?? false
                let table = try transaction.writer.createIndexTable(unique: unique)
                indexes.append(
                    IndexDefinition(
                        specification: specification, table: table, state: last == nil ? .ready : .building))
                start.tables.append(table)
            }
            start.after = indexes.count
            guard !start.tables.isEmpty else { return start }
            start.last = last
            transaction.draft.set(before.with(indexes: indexes))
            return start
        }
    }

    /// Adds the keys of all records up to `last`, in batches between which other writers get their turn.
    private func fill(_ start: Start, to last: RecordID) async throws {
        var place: RecordID?
        repeat {
            await pause()
            let from = place
            place = try await engine.write(invocation, durability: .buffered) { transaction in
                try fillBatch(start, from: from, to: last, transaction)
            }
        } while place != nil
    }

    /// - Returns: The record to go on after; nil at the end.
    private func fillBatch(
        _ start: Start, from place: RecordID?, to last: RecordID, _ transaction: WriteTransaction
    ) throws -> RecordID? {
        let (collection, indexes) = try building(start, transaction)
        let end = ContinuousClock.now + Self.batchTime
        let records = try transaction.writer.records(collection.records, from: place)
        var count = 0
        while try records.next() {
            let record = records.id
            guard record <= last else { return nil }
            let document = BSONDocument(adopting: BSONBuffer(copying: records.bytes))
            for index in indexes { try transaction.addKeys(of: document, record, to: index, of: collection) }
            count += 1
            if count & 0xF == 0, ContinuousClock.now >= end { return record }
        }
        return nil
    }

    private func finish(_ start: Start) async throws {
        try await engine.write(invocation) { transaction in
            let (collection, _) = try building(start, transaction)
            transaction.draft.set(
                collection.with(
                    indexes: collection.indexes.map { index in
                        var index = index
                        if start.tables.contains(index.table) { index.state = .ready }
                        return index
                    }))
        }
    }

    /// Takes the indexes away again. Where that fails too, the next opening of the file does it.
    private func abandon(_ start: Start) async {
        var unlimited = invocation
        unlimited.limits = WorkLimits()
        let name = name
        try? await engine.write(unlimited, durability: .buffered) { transaction in
            guard let collection = transaction.collection(name), collection.uuid == start.collectionID else { return }
            transaction.draft.removeIndexes(of: collection) { start.tables.contains($0.table) }
        }
    }

    // MARK: What may come between

    /// The collection and the indexes under construction, as of this transaction.
    private func building(
        _ start: Start, _ transaction: WriteTransaction
    ) throws -> (CollectionDefinition, [IndexDefinition]) {
        guard let collection = transaction.collection(name), collection.uuid == start.collectionID else {
            throw MongoError(.indexBuildAborted, "collection dropped")
        }
        let indexes = collection.indexes.filter { start.tables.contains($0.table) }
        guard indexes.count == start.tables.count else {
            throw MongoError(.indexBuildAborted, "index dropped")
        }
        for case .violated(let message) in indexes.map(\.state) { throw MongoError(.duplicateKey, message) }
        return (collection, indexes)
    }

    /// The error of the build, in MongoDB's words.
    private func described(_ error: any Error, _ start: Start) -> any Error {
        guard var error = error as? MongoError, error.code == .duplicateKey || error.code == .indexBuildAborted else {
            return error
        }
        let build = Self.text(of: (0..<16).map { _ in UInt8.random(in: 0...255) })
        error.message =
            "Index build failed: \(build): Collection \(invocation.database).\(name) "
            + "( \(Self.text(of: start.collectionID)) ) :: caused by :: \(error.message)"
        return error
    }

    private static func text(of uuid: [UInt8]) -> String {
        var text = ""
        for (place, byte) in uuid.enumerated() {
            if [4, 6, 8, 10].contains(place) { text += "-" }
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return text
    }
}
