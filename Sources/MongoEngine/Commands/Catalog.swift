internal import BSON
internal import MongoProtocol
internal import Synchronization

/// The collections and their indexes: kept in the storage's metadata, read as an immutable snapshot.
///
/// Writers run one after the other and see each other's changes in `working`; readers see `published`, which follows
/// once a change is committed.
final class Catalog: Sendable {
    private struct Version {
        var number = 0
        var snapshot: CatalogSnapshot
    }
    private struct State {
        var working: Version
        var published: Version
        /// The storage's data version that `published` was read at; only a read-only engine's changes.
        var dataVersion: Int64
    }
    private let storage: Storage
    private let isReadOnly: Bool
    private let state: Mutex<State>

    init(_ storage: Storage, isReadOnly: Bool) throws {
        self.storage = storage
        self.isReadOnly = isReadOnly
        if !isReadOnly { try Self.clean(storage) }
        let (snapshot, version) = try Self.load(storage)
        let first = Version(snapshot: snapshot)
        state = Mutex(State(working: first, published: first, dataVersion: version))
    }

    /// The committed collections.
    var current: CatalogSnapshot { state.withLock { $0.published.snapshot } }

    /// Reads the metadata anew where another process, the one that writes, has committed since.
    func refreshIfReadOnly() throws {
        guard isReadOnly else { return }
        let seen = try storage.read { $0.dataVersion }
        guard state.withLock({ $0.dataVersion != seen }) else { return }
        let (snapshot, version) = try Self.load(storage)
        state.withLock {
            $0.published.snapshot = snapshot
            $0.dataVersion = version
        }
    }

    /// Runs a write whose changes to the catalog are published when it is committed.
    func write<R: Sendable>(
        durability: Durability, _ body: @escaping @Sendable (StorageWriter, CatalogDraft) throws -> R
    ) async throws -> R {
        do {
            let (result, after, dropped) = try await storage.write(durability: durability) { [self] writer in
                let before = state.withLock { $0.working }
                let draft = CatalogDraft(before.snapshot)
                let result = try body(writer, draft)
                guard draft.isChanged else { return (result, before, false) }
                try draft.store(in: writer)
                let after = Version(number: before.number + 1, snapshot: draft.snapshot)
                state.withLock { $0.working = after }
                return (result, after, !after.snapshot.dropped.isEmpty)
            }
            // Also where another write of the same commit made the change: its own answer may come later than this one's,
            // whose caller must find what it wrote.
            state.withLock { if $0.published.number < after.number { $0.published = after } }
            if dropped { try await dropOrphans() }
            return result
        } catch {
            await recover()
            throw error
        }
    }

    /// A commit of several bodies may have failed as a whole: what is stored is what counts.
    private func recover() async {
        guard state.withLock({ $0.working.number != $0.published.number }) else { return }
        try? await storage.write(durability: .buffered) { [self] writer in
            let snapshot = try Self.load(writer)
            state.withLock {
                let version = Version(number: $0.working.number + 1, snapshot: snapshot)
                $0.working = version
                $0.published = version
            }
        }
    }

    /// Drops the tables of dropped collections and indexes. That is a step of its own, after no new reader can come
    /// upon them; until then metadata remembers them, also those of a process that died between the two steps.
    private func dropOrphans() async throws {
        try await storage.write(durability: .buffered) { try Self.dropOrphans($0) }
    }

    private static func dropOrphans(_ writer: StorageWriter) throws {
        for (key, _) in try writer.allMetadata(prefix: CatalogDraft.orphanPrefix) {
            if let raw = Int64(key.dropFirst(CatalogDraft.orphanPrefix.count)) {
                try writer.drop(TableID(raw: raw))
            }
            try writer.setMetadata(key, nil)
        }
    }

    /// Removes what a process left that died: indexes that it was building, and tables that it had let go of.
    private static func clean(_ storage: Storage) throws {
        let (snapshot, _) = try load(storage)
        let unfinished = snapshot.collections.values.flatMap(\.values).filter { collection in
            collection.indexes.contains { $0.state != .ready }
        }
        let hasOrphans = try storage.read { try !$0.allMetadata(prefix: CatalogDraft.orphanPrefix).isEmpty }
        guard hasOrphans || !unfinished.isEmpty else { return }
        try storage.writeFirst { writer in
            let draft = CatalogDraft(snapshot)
            for collection in unfinished { draft.removeIndexes(of: collection) { $0.state != .ready } }
            try draft.store(in: writer)
            try dropOrphans(writer)
        }
    }

    private static func load(_ storage: Storage) throws -> (CatalogSnapshot, Int64) {
        try storage.read { (try load($0), $0.dataVersion) }
    }

    private static func load(_ reader: StorageReader) throws -> CatalogSnapshot {
        var collections: [String: [String: CollectionDefinition]] = [:]
        for (_, bytes) in try reader.allMetadata(prefix: CatalogDraft.collectionPrefix) {
            guard let definition = CollectionDefinition(stored: try BSONDocument(bytes: bytes)) else {
                throw StorageError(.corrupt, "an entry of the catalog is damaged: restore the file from a backup")
            }
            collections[definition.database, default: [:]][definition.name] = definition
        }
        return CatalogSnapshot(collections: collections)
    }
}
