internal import Logging
internal import Nectar

/// The clients that are open in this process, so that several names on one server share one with its pool.
actor ClientRegistry {
    /// One share of a client: giving it back a second time does nothing.
    actor Lease {
        private var release: (@Sendable () async -> Void)?

        init(_ release: @escaping @Sendable () async -> Void) { self.release = release }

        /// Gives the client back; the last share closes it, and this waits for that.
        func end() async {
            guard let release else { return }
            self.release = nil
            await release()
        }
    }

    private struct Key: Hashable {
        let server: String
        let isDeferred: Bool
    }
    private struct Entry {
        let client: Task<MongoClient, any Error>
        var users: Int
    }

    private static let shared = ClientRegistry()
    private var entries: [Key: Entry] = [:]

    /// Gives a client that is open already, or opens one.
    static func client(
        _ uri: String, isDeferred: Bool, logger: Logger
    ) async throws -> (client: MongoClient, lease: Lease) {
        // Files are shared by the engine below; each client in memory has data of its own.
        guard let server = ConnectionText.server(uri) else {
            let client = try await open(uri, isDeferred, logger)
            return (client, Lease { await client.close() })
        }
        let key = Key(server: server, isDeferred: isDeferred)
        let client = try await shared.take(key, uri, logger)
        return (client, Lease { await shared.giveBack(key) })
    }

    private static func open(_ uri: String, _ isDeferred: Bool, _ logger: Logger) async throws -> MongoClient {
        isDeferred
            ? try MongoClient(deferring: uri, logger: logger) : try await MongoClient(uri, logger: logger)
    }

    private func take(_ key: Key, _ uri: String, _ logger: Logger) async throws -> MongoClient {
        entries[key, default: Entry(client: Task { try await Self.open(uri, key.isDeferred, logger) }, users: 0)]
            .users += 1
        guard let entry = entries[key] else { throw CancellationError() }
        do {
            return try await entry.client.value
        } catch {
            // Whoever comes next tries anew.
            if entries[key]?.client == entry.client { entries[key] = nil }
            throw error
        }
    }

    private func giveBack(_ key: Key) async {
        guard let entry = entries[key] else { return }
        guard entry.users <= 1 else {
            entries[key]?.users -= 1
            return
        }
        entries[key] = nil
        await (try? entry.client.value)?.close()
    }
}
