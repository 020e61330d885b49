internal import BSON
internal import MongoProtocol

/// Runs the commands of one operation and joins what fails in them, with the places counted over all its writes.
struct WriteFailures {
    private(set) var joined: MongoError?
    private let isOrdered: Bool

    init(isOrdered: Bool) { self.isOrdered = isOrdered }

    /// Runs the command whose first write is at `start`.
    /// - Returns: Its reply, also that of a command of which some writes failed, and whether the operation goes on.
    /// - Throws: What is no failure of single writes.
    mutating func run(
        from start: Int, _ command: () async throws -> BSONDocument
    ) async throws -> (reply: BSONDocument, goesOn: Bool) {
        do {
            return (try await command(), true)
        } catch let error as MongoError where error.kind == .write {
            let placed = error.writeErrors.map {
                MongoError.WriteError(
                    index: $0.index &+ start, code: $0.code, message: $0.message, document: $0.document)
            }
            var all = joined ?? error
            all.writeErrors = (joined?.writeErrors ?? []) + placed
            joined = all
            return (error.details, !isOrdered)
        } catch var error as MongoError {
            // What failed before is not forgotten over a connection that broke.
            error.writeErrors = (joined?.writeErrors ?? []) + error.writeErrors
            throw error
        }
    }

    /// Ends the operation.
    /// - Parameter details: What was done, for the error that tells what was not; the first failed reply where nil.
    func finish(_ details: BSONDocument? = nil) throws {
        guard var error = joined else { return }
        if let details { error.details = details }
        throw error
    }
}
