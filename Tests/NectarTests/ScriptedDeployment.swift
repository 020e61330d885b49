import ClientFixture
import FaultHarness
import MongoProtocol
import Nectar

/// A deployment that answers as a test wants and remembers what it was asked.
final class ScriptedDeployment: Deployment {
    private let operations = Recorder<MongoOperation>()
    private let answer: @Sendable (MongoOperation) async throws -> BSONDocument
    let checksBatches: Bool

    init(
        checksBatches: Bool = true, _ answer: @escaping @Sendable (MongoOperation) async throws -> BSONDocument
    ) {
        self.checksBatches = checksBatches
        self.answer = answer
    }

    /// The operations so far.
    var seen: [MongoOperation] { operations.all }
    /// The names of the commands so far.
    var commands: [String] { operations.all.map(\.command.name) }

    func run(_ operation: MongoOperation) async throws -> BSONDocument {
        operations.add(operation)
        let reply = try await answer(operation)
        if let error = MongoError(reply: reply, command: operation.command.name) { throw error }
        return reply
    }

    var topology: TopologyDescription { get async { TopologyDescription(.single) } }

    func close() async {}

    /// A reply with a batch of a cursor.
    static func batch(_ field: String, _ documents: [BSONDocument], id: Int64) -> BSONDocument {
        let list = BSONArray(documents.map { .document($0) })
        let cursor: BSONDocument = [field: .array(list), "id": .int64(id), "ns": "test.x"]
        return ["cursor": .document(cursor), "ok": 1.0]
    }
}
