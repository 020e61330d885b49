internal import BSON
internal import MongoProtocol

/// Cuts a write of many statements into commands that a server takes, and puts the replies together.
///
/// What bounds a command are `maxWriteBatchSize` and `maxMessageSizeBytes` of the server's `hello`.
struct CommandSplitter: Sendable {
    let command: MongoCommand
    private let identifier: String
    private let documents: [BSONDocument]
    private let isOrdered: Bool

    /// Nil for a command that cannot be cut, or that has at most one statement.
    init?(_ command: MongoCommand) {
        guard command.sequences.count == 1, let sequence = command.sequences.first, sequence.documents.count > 1,
            ["insert", "update", "delete"].contains(command.name)
        else { return nil }
        self.command = command
        identifier = sequence.identifier
        documents = sequence.documents
        isOrdered = command.body["ordered"]?.bool ?? true
    }

    /// Where the command that begins with statement `start` ends.
    func end(from start: Int, maximumCount: Int, maximumSize: Int) -> Int {
        // What the driver adds to the body (a session, the cluster's time) takes less than this.
        let room = maximumSize - command.body.byteCount - 2048
        var bytes = 0
        var end = start
        while end < documents.count, end - start < maximumCount {
            bytes += documents[end].byteCount
            if bytes > room, end > start { break }
            end += 1
        }
        return end
    }

    /// Whether one command holds all statements.
    func fits(maximumCount: Int, maximumSize: Int) -> Bool {
        end(from: 0, maximumCount: maximumCount, maximumSize: maximumSize) == documents.count
    }

    /// The number of statements.
    var count: Int { documents.count }

    /// The command with a part of the statements.
    func part(_ range: Range<Int>) -> MongoCommand {
        MongoCommand(
            command.body, database: command.database,
            sequences: [DocumentSequence(identifier, Array(documents[range]))])
    }

    /// Whether the statements behind a reply are not to be tried.
    func stops(after reply: BSONDocument) -> Bool {
        isOrdered && reply["writeErrors"]?.array?.isEmpty == false
    }

    /// One reply of several, with the places of statements counted over all.
    static func joined(_ replies: [(start: Int, reply: BSONDocument)]) -> BSONDocument {
        var (matched, modified) = (0, 0)
        var (upserted, errors): ([BSONValue], [BSONValue]) = ([], [])
        var concern: BSONValue?
        for (start, reply) in replies {
            matched += reply["n"]?.int ?? 0
            modified += reply["nModified"]?.int ?? 0
            upserted += moved(reply["upserted"], by: start)
            errors += moved(reply["writeErrors"], by: start)
            concern = concern ?? reply["writeConcernError"]
        }
        var writer = BSONWriter()
        writer.append("ok", 1.0)
        writer.append("n", .int(matched))
        if replies.contains(where: { $0.reply["nModified"] != nil }) { writer.append("nModified", .int(modified)) }
        if !upserted.isEmpty { writer.append("upserted", .array(BSONArray(upserted))) }
        if !errors.isEmpty { writer.append("writeErrors", .array(BSONArray(errors))) }
        if let concern { writer.append("writeConcernError", concern) }
        return writer.finish()
    }

    private static func moved(_ entries: BSONValue?, by start: Int) -> [BSONValue] {
        (entries?.array ?? []).compactMap(\.document).map { entry in
            .document(entry.setting("index", .int((entry["index"]?.int ?? 0) + start)))
        }
    }
}
