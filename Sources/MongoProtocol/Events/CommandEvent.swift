public import BSON

/// What happens to a command, as the driver specification "Command Logging and Monitoring" names it.
public enum CommandEvent: Sendable {
    /// A command is about to be sent.
    case started(Started)
    /// A command was answered.
    case succeeded(Succeeded)
    /// A command failed.
    case failed(Failed)

    /// A command about to be sent.
    public struct Started: Sendable {
        /// The command's name.
        public let commandName: String
        /// The database.
        public let databaseName: String
        /// The number of the command, which its end bears too.
        public let requestID: Int64
        /// The command; empty for those that carry secrets.
        public let command: BSONDocument
        /// Makes the event.
        public init(commandName: String, databaseName: String, requestID: Int64, command: BSONDocument) {
            self.commandName = commandName
            self.databaseName = databaseName
            self.requestID = requestID
            self.command = command
        }
    }

    /// A command that was answered.
    public struct Succeeded: Sendable {
        /// The command's name.
        public let commandName: String
        /// The number of the command.
        public let requestID: Int64
        /// From sending to reply.
        public let duration: Duration
        /// The reply; empty for commands that carry secrets.
        public let reply: BSONDocument
        /// Makes the event.
        public init(commandName: String, requestID: Int64, duration: Duration, reply: BSONDocument) {
            self.commandName = commandName
            self.requestID = requestID
            self.duration = duration
            self.reply = reply
        }
    }

    /// A command that failed.
    public struct Failed: Sendable {
        /// The command's name.
        public let commandName: String
        /// The number of the command.
        public let requestID: Int64
        /// From sending to failure.
        public let duration: Duration
        /// Why.
        public let error: MongoError
        /// Makes the event.
        public init(commandName: String, requestID: Int64, duration: Duration, error: MongoError) {
            self.commandName = commandName
            self.requestID = requestID
            self.duration = duration
            self.error = error
        }
    }

    /// Whether the command's contents are secret and are left out of events and logs.
    public static func isSensitive(_ commandName: String) -> Bool {
        switch commandName.lowercased() {
        case "authenticate", "saslstart", "saslcontinue", "getnonce", "createuser", "updateuser", "copydbgetnonce",
            "copydbsaslstart", "copydb":
            true
        default: false
        }
    }
}

/// Takes the events of a client's commands, in the order they happen. It is called on the command's own path.
public typealias CommandListener = @Sendable (CommandEvent) -> Void
