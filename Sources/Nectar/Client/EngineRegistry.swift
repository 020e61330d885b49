#if Embedded
    internal import Foundation
    internal import Logging
    internal import MongoEngine

    /// The engines that are open in this process: clients of one file share one.
    ///
    /// A client that only reads has an engine of its own beside the one that writes, as it would in another process: so it
    /// can write nothing, and holds no lock when the last writer goes. An engine that is closing keeps its place until it
    /// has let its file go, and who opens the file anew waits for that.
    actor EngineRegistry {
        /// One engine's place.
        private struct Key: Hashable {
            let path: String
            let isReadOnly: Bool
        }
        private struct Entry {
            let engine: Engine
            var users: Int
        }
        private static let shared = EngineRegistry()
        private var open: [Key: Entry] = [:]
        private var closing: [Key: Task<Void, Never>] = [:]

        /// Opens what a URI names.
        /// - Throws: The engine's ``MongoError`` where the file cannot be opened.
        static func deployment(_ uri: MongoURI, logger: Logger) async throws -> EmbeddedDeployment {
            switch uri {
            case .memory:
                let engine = try Engine(EngineConfiguration(location: .memory, logger: logger))
                return EmbeddedDeployment(engine) { await engine.close() }
            case .file(let path, let isReadOnly):
                let resolved = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
                let key = Key(path: resolved, isReadOnly: isReadOnly)
                let engine = try await shared.take(key, logger)
                return EmbeddedDeployment(engine) { await shared.giveBack(key) }
            }
        }

        private func take(_ key: Key, _ logger: Logger) async throws -> Engine {
            while let closing = closing[key] { await closing.value }
            if let entry = open[key] {
                open[key]?.users += 1
                return entry.engine
            }
            let engine = try Engine(
                EngineConfiguration(location: .file(key.path), readOnly: key.isReadOnly, logger: logger))
            open[key] = Entry(engine: engine, users: 1)
            return engine
        }

        /// Ends one use; the last closes the engine.
        private func giveBack(_ key: Key) async {
            guard let entry = open[key] else { return }
            guard entry.users == 1 else {
                open[key]?.users -= 1
                return
            }
            open[key] = nil
            let task = Task {
                await entry.engine.close()
                closing[key] = nil
            }
            closing[key] = task
            await task.value
        }
    }
#endif
