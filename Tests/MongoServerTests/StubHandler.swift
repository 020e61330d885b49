import BSON
import MongoProtocol
import Synchronization

/// A handler whose commands show what the server does with them.
final class StubHandler: CommandHandler {
    /// What the handler saw.
    struct Seen {
        var commands: [String] = []
        var cancelled = 0
        var closed: [ConnectionContext] = []
        var contexts: [CommandContext] = []
    }

    private let state = Mutex(Seen())

    var seen: Seen { state.withLock { $0 } }

    func handleImmediately(_ command: MongoCommand, _ context: CommandContext) -> CommandReply? {
        state.withLock {
            $0.commands.append(command.name)
            $0.contexts.append(context)
        }
        return command.name == "ping" ? .document(["ok": 1.0, "number": command.body["ping"] ?? .null]) : nil
    }

    func handle(_ command: MongoCommand, _ context: CommandContext) async -> CommandReply {
        switch command.name {
        case "echo":
            // Earlier commands take longer, so that answers in a wrong order would show.
            try? await Task.sleep(for: .milliseconds(command.body["delay"]?.int ?? 0))
            let documents = command.documents("documents")?.documents ?? []
            return .document([
                "ok": 1.0, "number": command.body["echo"] ?? .null,
                "documents": .array(BSONArray(documents.map { .document($0) })),
                "database": .string(command.database),
            ])
        case "hello":
            let counter = Counter()
            return .stream(ReplyStream { ["ok": 1.0, "number": .int(counter.next())] })
        case "hang":
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
            state.withLock { $0.cancelled += 1 }
            return .document(["ok": 0.0])
        default:
            return .document(MongoError(.commandNotFound, "no such command: '\(command.name)'").reply)
        }
    }

    func connectionClosed(_ connection: ConnectionContext) async { state.withLock { $0.closed.append(connection) } }

    /// Waits until what was seen is as wanted; gives up after ten seconds.
    func wait(until isWanted: (Seen) -> Bool) async throws -> Bool {
        for _ in 0..<1000 {
            if isWanted(seen) { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}

/// Counts from 1.
final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}
