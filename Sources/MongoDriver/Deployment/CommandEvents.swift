internal import BSON
internal import Logging
internal import Metrics
internal import MongoProtocol
internal import Synchronization

/// Tells of commands: to listeners, to the log, and as metrics. Where nobody listens it costs next to nothing.
final class CommandEvents: Sendable {
    /// A command under way. An object, so that where nobody listens there is nothing to copy.
    final class Running: Sendable {
        let name: String
        let id: Int64
        let start = ContinuousClock.now
        let isSecret: Bool
        let isObserved: Bool
        /// The operation's own listeners.
        let listeners: [CommandListener]

        init(_ name: String, id: Int64, isSecret: Bool, isObserved: Bool, _ listeners: [CommandListener]) {
            (self.name, self.id) = (name, id)
            (self.isSecret, self.isObserved) = (isSecret, isObserved)
            self.listeners = listeners
        }
    }

    private let listeners: [CommandListener]
    private let logger: Logger
    private let isObserved: Bool
    /// Whether the process has metrics; what it has is settled before the first client is made.
    private let isMeasured = !(MetricsSystem.factory is NOOPMetricsHandler)
    private let requests = Atomic<Int64>(0)
    private let failures = Counter(label: "nectar.command.failures")
    private let durations = Metrics.Timer(label: "nectar.command.duration")

    init(_ listeners: [CommandListener], _ logger: Logger) {
        self.listeners = listeners
        self.logger = logger
        isObserved = !listeners.isEmpty || logger.logLevel <= .debug
    }

    /// Whether somebody sees the contents of a command and of its reply.
    func areObserved(_ operation: MongoOperation) -> Bool { isObserved || !operation.listeners.isEmpty }

    /// A command is about to be sent.
    /// - Parameter listeners: The operation's own listeners.
    /// - Returns: Nil where nobody wants to know.
    func begin(
        _ command: MongoCommand, adding addition: BSONDocument, _ listeners: [CommandListener] = []
    ) -> Running? {
        let isObserved = isObserved || !listeners.isEmpty
        guard isObserved || isMeasured else { return nil }
        let running = Running(
            command.name, id: requests.add(1, ordering: .relaxed).newValue,
            isSecret: isObserved && Self.isSecret(command), isObserved: isObserved, listeners)
        guard isObserved else { return running }
        var writer = BSONWriter()
        if !running.isSecret {
            writer.append(elementsOf: command.body)
            writer.append(elementsOf: addition)
            for sequence in command.sequences {
                writer.append(sequence.identifier, .array(BSONArray(sequence.documents.map { .document($0) })))
            }
        }
        let event = CommandEvent.Started(
            commandName: command.name, databaseName: command.database, requestID: running.id, command: writer.finish())
        emit(.started(event), running)
        logger.debug("command started", metadata: ["command": "\(command.name)", "id": "\(running.id)"])
        return running
    }

    func succeeded(_ running: Running?, _ reply: BSONDocument) {
        guard let running else { return }
        let duration = ContinuousClock.now - running.start
        durations.recordNanoseconds(
            Int64(clamping: duration.components.seconds) &* 1_000_000_000
                &+ duration.components.attoseconds / 1_000_000_000)
        guard running.isObserved else { return }
        let event = CommandEvent.Succeeded(
            commandName: running.name, requestID: running.id, duration: duration,
            reply: running.isSecret ? [:] : reply)
        emit(.succeeded(event), running)
        logger.debug(
            "command succeeded",
            metadata: ["command": "\(running.name)", "id": "\(running.id)", "duration": "\(duration)"])
    }

    func failed(_ running: Running?, _ error: MongoError) {
        failures.increment()
        guard let running, running.isObserved else { return }
        var shown = error
        if running.isSecret { shown.details = [:] }
        let duration = ContinuousClock.now - running.start
        emit(
            .failed(.init(commandName: running.name, requestID: running.id, duration: duration, error: shown)), running)
        logger.debug(
            "command failed", metadata: ["command": "\(running.name)", "id": "\(running.id)", "error": "\(shown)"])
    }

    private func emit(_ event: CommandEvent, _ running: Running) {
        for listener in listeners { listener(event) }
        for listener in running.listeners { listener(event) }
    }

    private static func isSecret(_ command: MongoCommand) -> Bool {
        if CommandEvent.isSensitive(command.name) { return true }
        switch command.name.lowercased() {
        case "hello", "ismaster": return command.body["speculativeAuthenticate"] != nil
        default: return false
        }
    }
}
