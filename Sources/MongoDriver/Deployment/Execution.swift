internal import BSON
internal import MongoProtocol

/// One operation on its way: choosing a server, checking a connection out, sending, reading, and all of it again after
/// an error that passes.
struct Execution {
    private var operation: MongoOperation
    private let deployment: NetworkDeployment
    private let span: OperationSpan?
    private var session: SessionPool.Session?
    private var sessionsTimeoutMinutes: Int?
    /// The number of a retryable write, the same in every try.
    private var transactionNumber: Int64?
    private let home: CursorHomes.Home?
    private let cursorID: Int64?
    private var address: ServerAddress?
    /// The cursor that the reply tells of; 0 where there is none.
    private var openedCursor: Int64 = 0
    /// What the driver finds in the command's body, and need not add.
    private let given: BodyFields
    private let isAcknowledged: Bool

    init(_ operation: MongoOperation, on deployment: NetworkDeployment, _ span: OperationSpan?) {
        self.operation = operation
        self.span = span
        self.deployment = deployment
        let command = operation.command
        switch command.name {
        case "getMore": cursorID = command.body["getMore"]?.int64
        case "killCursors":
            let ids = command.body["cursors"]?.array
            cursorID = ids?[0]?.int64
        default: cursorID = nil
        }
        home = cursorID.flatMap { deployment.cursors[$0] }
        session = operation.session == nil ? home?.session : nil
        given = BodyFields(command.body)
        isAcknowledged = !given.contains(.writeConcern) || command.body["writeConcern"]?.document?["w"]?.int64 != 0
    }

    // MARK: Tries

    /// Runs the operation.
    /// - Throws: ``MongoError``, `CancellationError`.
    nonisolated(nonsending) mutating func run() async throws -> BSONDocument {
        var failed: Set<ServerAddress> = []
        var firstFailure: MongoError?
        var tries = 0
        while true {
            let choice: Cluster.Choice
            do {
                if home == nil, let only = try deployment.cluster.shortcut(operation.readPreference) {
                    choice = only
                } else {
                    var selector = deployment.selector(operation)
                    selector.deprioritized = failed
                    choice = try await select(selector)
                }
            } catch let error as MongoError {
                // What went wrong first says more than that nobody was there for a second try.
                throw firstFailure ?? error
            }
            prepare(choice)
            do {
                return try await attempt(choice)
            } catch var error as MongoError {
                guard canRetry(&error, choice, isFirst: firstFailure == nil) else {
                    if let first = firstFailure, error.labels.contains(ErrorLabels.noWritesPerformed) { throw first }
                    throw error
                }
                failed.insert(choice.server.address)
                firstFailure = firstFailure ?? error
                tries += 1
                // A server that fails at once again and again is not to be asked without a pause.
                if tries > 1 {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 1...min(10 << min(tries, 6), 500))))
                }
            }
        }
    }

    private nonisolated(nonsending) func select(_ selector: ServerSelector) async throws -> Cluster.Choice {
        let cluster = deployment.cluster
        if let choice = try cluster.selectAtOnce(selector, only: home?.address) { return choice }
        // Whoever is done with a cursor does not wait for a server in order to say so: it ends by itself there.
        if let home, operation.command.name == "killCursors" {
            throw MongoError(.network, "\(home.address), which holds the cursor, cannot be reached")
        }
        let wait = span?.begin(.serverSelection)
        do {
            let choice = try await cluster.select(selector, only: home?.address, deadline: operation.deadline)
            wait?.end()
            return choice
        } catch {
            wait?.end(error)
            throw error
        }
    }

    private nonisolated(nonsending) func checkOut(_ server: Server) async throws -> ConnectionPool.Lease {
        let wait = span?.begin(.checkOut, at: server.address)
        do {
            let lease = try await server.pool.checkOut(deadline: operation.deadline)
            wait?.end()
            return lease
        } catch {
            wait?.end(error)
            throw error
        }
    }

    /// Takes a session where servers know them, and the number of a write that may be repeated.
    private mutating func prepare(_ choice: Cluster.Choice) {
        address = choice.server.address
        guard let minutes = choice.sessionsTimeoutMinutes ?? (choice.kind == .loadBalanced ? 30 : nil),
            isAcknowledged
        else { return }
        sessionsTimeoutMinutes = minutes
        if operation.session == nil, session == nil, Self.takesSession(operation.command.name) {
            session = deployment.sessions.take(timeoutMinutes: minutes)
        }
        if operation.retryability == .write, deployment.options.retryWrites, transactionNumber == nil,
            choice.description.kind != .standalone, operation.session == nil
        {
            transactionNumber = session?.nextTransactionNumber()
        }
    }

    /// Commands that belong to no session.
    private static func takesSession(_ name: String) -> Bool {
        // Most names are told by their first letter.
        switch name.utf8.first {
        case UInt8(ascii: "f"), UInt8(ascii: "g"), UInt8(ascii: "u"), UInt8(ascii: "d"): return true
        default: break
        }
        switch name {
        case "hello", "isMaster", "ismaster", "endSessions", "saslStart", "saslContinue", "authenticate", "ping":
            return false
        default: return true
        }
    }

    private func canRetry(_ error: inout MongoError, _ choice: Cluster.Choice, isFirst: Bool) -> Bool {
        let isWrite = operation.retryability == .write && hasTransactionNumber
        if isWrite {
            ErrorLabels.label(
                &error, maxWireVersion: choice.description.maxWireVersion,
                isMongos: choice.description.kind == .mongos)
        }
        let inTransaction = operation.session?.autocommit == false
        guard !Task.isCancelled, !inTransaction, isFirst || operation.deadline != nil,
            operation.deadline.map({ $0 > .now }) ?? true
        else { return false }
        switch operation.retryability {
        case .never: return false
        case .read: return deployment.options.retryReads && ErrorLabels.isRetryableRead(error)
        case .write: return isWrite && error.labels.contains(ErrorLabels.retryableWrite)
        }
    }

    private var hasTransactionNumber: Bool {
        transactionNumber != nil || operation.session?.transactionNumber != nil
    }

    // MARK: One try

    private nonisolated(nonsending) mutating func attempt(_ choice: Cluster.Choice) async throws -> BSONDocument {
        let server = choice.server
        server.beginOperation()
        defer { server.endOperation() }
        let lease: ConnectionPool.Lease
        if let free = server.pool.takeAtOnce() {
            lease = free
        } else {
            lease = try await checkOut(server)
        }
        let connection = lease.connection
        let deadline = readDeadline
        let addition: BSONDocument
        do {
            addition = try fields(choice)
        } catch {
            server.pool.checkIn(lease, isBroken: false)
            throw error
        }
        let command = operation.command
        let span = span?.begin(command, on: connection, operation.session?.id ?? session?.id)
        let event = deployment.events.begin(command, adding: addition, operation.listeners)
        do {
            guard isAcknowledged else {
                try await connection.send(body: command.body, adding: addition, sequences: command.sequences)
                server.pool.checkIn(lease, isBroken: false)
                deployment.events.succeeded(event, ["ok": 1])
                span?.end()
                return ["ok": 1]
            }
            let leavesBatches = operation.leavesBatches && !deployment.events.areObserved(operation)
            let sent = try connection.start(
                body: command.body, adding: addition, sequences: command.sequences,
                isAlone: server.operationCount == 1, readsCursor: home != nil, leavesBatches: leavesBatches,
                deadline: deadline)
            let reply: BSONDocument
            if let answer = sent.answer {
                reply = answer.document
            } else {
                reply = try await connection.finish(sent, leavesBatches: leavesBatches, deadline: deadline).document
            }
            let summary = ReplySummary(reply)
            if summary.hasClusterTime { deployment.clock.advance(reply) }
            if !summary.isSuccess,
                let error = MongoError(reply: reply, command: command.name, address: server.address.description)
            {
                report(.reply(reply), error.message, lease, server)
                server.pool.checkIn(lease, isBroken: false)
                if reply["ok"]?.double == 1 {
                    deployment.events.succeeded(event, reply)
                } else {
                    deployment.events.failed(event, error)
                }
                span?.end(error)
                throw Answered(error: error)
            }
            openedCursor = summary.cursorID
            server.pool.checkIn(lease, isBroken: false)
            deployment.events.succeeded(event, reply)
            span?.end()
            return reply
        } catch let answered as Answered {
            throw answered.error
        } catch {
            var failure = error as? MongoError ?? MongoError(.cancelled, "The task was cancelled")
            failure.command = command.name
            failure.address = failure.address ?? server.address.description
            deployment.events.failed(event, failure)
            span?.end(failure)
            session?.markDirty()
            if failure.kind == .network, error is MongoError { report(.network, failure.message, lease, server) }
            server.pool.checkIn(lease, isBroken: true)
            throw error is MongoError ? failure : error
        }
    }

    /// An error that came as an answer: the connection stays good.
    private struct Answered: Error {
        let error: MongoError
    }

    private func report(
        _ cause: ServerFailure.Cause, _ message: String, _ lease: ConnectionPool.Lease, _ server: Server
    ) {
        deployment.cluster.operationFailed(
            ServerFailure(
                address: server.address, cause: cause, generation: lease.generation, handshakeCompleted: true,
                maxWireVersion: lease.connection.description.maxWireVersion, message: message))
    }

    private var readDeadline: ContinuousClock.Instant? {
        guard let socket = deployment.options.socketTimeout.map({ ContinuousClock.now + $0 }) else {
            return operation.deadline
        }
        return min(operation.deadline ?? socket, socket)
    }

    /// What the driver adds to the command's body.
    private func fields(_ choice: Cluster.Choice) throws -> BSONDocument {
        let command = operation.command
        var writer = BSONWriter(capacity: 192)
        if !given.contains(.database) { writer.append("$db", .string(command.database)) }
        if let known = operation.session {
            if !given.contains(.session) { writer.append("lsid", .document(known.id)) }
            if let number = known.transactionNumber, !given.contains(.transactionNumber) {
                writer.append("txnNumber", .int64(number))
            }
            if known.startsTransaction, !given.contains(.startTransaction) { writer.append("startTransaction", true) }
            if let autocommit = known.autocommit, !given.contains(.autocommit) {
                writer.append("autocommit", .bool(autocommit))
            }
        } else if let session, !given.contains(.session) {
            writer.append("lsid", .document(session.id))
            if let transactionNumber { writer.append("txnNumber", .int64(transactionNumber)) }
        }
        if choice.kind != .single || choice.description.setName != nil, let time = deployment.clock.current {
            writer.append("$clusterTime", .document(time))
        }
        if !given.contains(.readPreference), let preference = readPreference(choice) {
            writer.append("$readPreference", .document(preference))
        }
        if operation.hasDeadline, let deadline = operation.deadline, Self.takesTimeLimit(command.name),
            !given.contains(.maxTime)
        {
            let left = deadline - .now - (choice.server.monitor?.minimumRoundTripTime ?? .zero)
            guard left > .milliseconds(1) else {
                throw MongoError(.timeout, "Time was up before \(choice.server.address) could be asked")
            }
            writer.append("maxTimeMS", .int(Int(left / .milliseconds(1))))
        }
        return writer.finish()
    }

    /// What a server has to know of the read preference: routers always, a single member so that it answers at all.
    private func readPreference(_ choice: Cluster.Choice) -> BSONDocument? {
        let preference = operation.readPreference
        guard operation.retryability != .write else { return nil }
        switch choice.kind {
        case .single where choice.description.kind == .standalone: return nil
        case .single where choice.description.kind != .mongos:
            return preference.mode == .primary ? ReadPreference.primaryPreferredWire : preference.wire
        default: return preference == .primary ? nil : preference.wire
        }
    }

    private static func takesTimeLimit(_ name: String) -> Bool {
        switch name {
        case "getMore", "killCursors", "endSessions", "hello", "isMaster", "abortTransaction": false
        default: true
        }
    }

    // MARK: The end

    /// Gives the session back, or leaves it with the cursor that the reply has opened.
    /// - Parameter reply: Nil where the operation failed.
    func end(_ reply: BSONDocument?) {
        if let cursorID, operation.command.name == "killCursors" || reply != nil {
            let isOpen = operation.command.name == "getMore" && openedCursor != 0
            if isOpen { return }
            if let home = deployment.cursors.forget(cursorID), let session = home.session {
                deployment.sessions.giveBack(session, timeoutMinutes: home.timeoutMinutes)
            }
            return
        }
        if home != nil { return }
        let minutes = sessionsTimeoutMinutes ?? 30
        if reply != nil, openedCursor != 0, let address {
            deployment.cursors.remember(
                openedCursor, CursorHomes.Home(address: address, session: session, timeoutMinutes: minutes))
        } else if let session {
            deployment.sessions.giveBack(session, timeoutMinutes: minutes)
        }
    }
}

extension ReadPreference {
    /// What a single member is told, so that it answers.
    fileprivate static let primaryPreferredWire: BSONDocument = ["mode": "primaryPreferred"]

    /// `$readPreference` as a server reads it.
    var wire: BSONDocument {
        var document: BSONDocument = ["mode": .string(mode.rawValue)]
        if !tagSets.isEmpty {
            let sets = tagSets.map { set in
                BSONValue.document(BSONDocument(fields: set.sorted { $0.key < $1.key }.map { ($0, .string($1)) }))
            }
            document["tags"] = .array(BSONArray(sets))
        }
        if let maxStalenessSeconds { document["maxStalenessSeconds"] = .int(maxStalenessSeconds) }
        return document
    }
}
