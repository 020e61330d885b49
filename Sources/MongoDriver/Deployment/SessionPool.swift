internal import BSON
internal import MongoProtocol
internal import Synchronization

/// Sessions of the server's that nobody uses at the moment ("Driver Sessions": the one given back last goes first).
final class SessionPool: Sendable {
    /// A session of the server's.
    final class Session: Sendable {
        let id: BSONDocument
        fileprivate let state = Mutex((lastUse: ContinuousClock.now, isDirty: false, transactionNumber: Int64(0)))

        fileprivate init() {
            var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
            bytes[6] = bytes[6] & 0x0F | 0x40  // version 4, random
            bytes[8] = bytes[8] & 0x3F | 0x80
            id = ["id": .binary(BSONBinary(subtype: .uuid, bytes: bytes))]
        }

        /// The number for the next retryable write.
        func nextTransactionNumber() -> Int64 {
            state.withLock { state in
                state.transactionNumber += 1
                return state.transactionNumber
            }
        }

        /// A network error leaves open what the server knows of the session; it is not used again.
        func markDirty() { state.withLock { $0.isDirty = true } }
        fileprivate func touch(_ now: ContinuousClock.Instant) { state.withLock { $0.lastUse = now } }
    }

    private let idle = Mutex<[Session]>([])

    /// Gives a session out.
    /// - Parameter timeoutMinutes: How long the servers keep unused sessions.
    func take(timeoutMinutes: Int) -> Session {
        let now = ContinuousClock.now
        let session = idle.withLock { idle -> Session? in
            while let session = idle.popLast() {
                if !Self.isExpiring(session, timeoutMinutes, now) { return session }
            }
            return nil
        }
        let taken = session ?? Session()
        taken.touch(now)
        return taken
    }

    /// Takes a session back.
    func giveBack(_ session: Session, timeoutMinutes: Int) {
        guard !session.state.withLock({ $0.isDirty }) else { return }
        idle.withLock { idle in
            // The oldest stand in front.
            if !idle.isEmpty {
                let now = ContinuousClock.now
                while let first = idle.first, Self.isExpiring(first, timeoutMinutes, now) { idle.removeFirst() }
            }
            idle.append(session)
        }
    }

    /// Gives all idle sessions, to be ended.
    func drain() -> [BSONDocument] {
        idle.withLock { idle in
            defer { idle = [] }
            return idle.map(\.id)
        }
    }

    /// Whether less than a minute of the session's life is left.
    private static func isExpiring(
        _ session: Session, _ timeoutMinutes: Int, _ now: ContinuousClock.Instant
    ) -> Bool {
        session.state.withLock { $0.lastUse.duration(to: now) > .seconds(max(timeoutMinutes - 1, 0) * 60) }
    }
}

/// The newest time of the cluster that any server has told, which every command passes on.
final class ClusterClock: Sendable {
    private let time = Mutex<BSONDocument?>(nil)

    /// `$clusterTime` to send.
    var current: BSONDocument? { time.withLock { $0 } }

    /// Takes the `$clusterTime` of a reply.
    func advance(_ reply: BSONDocument) {
        guard let told = reply["$clusterTime"]?.document, let new = told["clusterTime"]?.timestamp else { return }
        time.withLock { time in
            if let old = time?["clusterTime"]?.timestamp, old.rawValue >= new.rawValue { return }
            time = told
        }
    }
}

/// Where cursors live: what reads on from a cursor has to go to its server, under its session.
final class CursorHomes: Sendable {
    struct Home: Sendable {
        let address: ServerAddress
        let session: SessionPool.Session?
        let timeoutMinutes: Int
    }

    private let homes = Mutex<[Int64: Home]>([:])

    subscript(id: Int64) -> Home? { homes.withLock { $0[id] } }
    func remember(_ id: Int64, _ home: Home) { homes.withLock { $0[id] = home } }
    func forget(_ id: Int64) -> Home? { homes.withLock { $0.removeValue(forKey: id) } }
}
