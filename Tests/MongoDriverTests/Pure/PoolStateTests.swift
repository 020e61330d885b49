import MongoProtocol
import Testing

@testable import MongoDriver

/// The pool's state machine, beside what the public specification's cases ask of it.
@Suite("The state of a pool")
struct PoolStateTests {
    private let now = ContinuousClock.now

    private func pool(_ options: PoolOptions = PoolOptions()) -> PoolState<Int> {
        var pool = PoolState<Int>(options)
        pool.ready(at: now)
        _ = pool.takeActions()
        return pool
    }

    private func connects(_ actions: [PoolState<Int>.Action]) -> [Int] {
        actions.compactMap { if case .connect(let id) = $0 { id } else { nil } }
    }

    private func resumed(_ actions: [PoolState<Int>.Action]) -> [Int] {
        actions.compactMap { if case .resume(let request, _) = $0 { request } else { nil } }
    }

    private func failed(_ actions: [PoolState<Int>.Action]) -> [Int] {
        actions.compactMap { if case .fail(let request, _) = $0 { request } else { nil } }
    }

    private func closed(_ actions: [PoolState<Int>.Action]) -> [Int] {
        actions.compactMap { if case .close(let connection) = $0 { connection } else { nil } }
    }

    @Test("Whoever asks first is served first, whichever connection comes")
    func order() throws {
        var pool = pool(PoolOptions(maxConnecting: 2))
        for _ in 0..<3 { _ = pool.checkOut(at: now) }
        let actions1 = pool.takeActions()
        #expect(connects(actions1) == [1, 2])
        pool.connected(2, 20, at: now)
        let first = pool.takeActions()
        #expect(resumed(first) == [1])
        #expect(connects(first) == [3])
        pool.connected(1, 10, at: now)
        let actions2 = pool.takeActions()
        #expect(resumed(actions2) == [2])
    }

    @Test("Whoever gives up is passed over, and the connection is kept for the next")
    func givingUp() {
        var pool = pool()
        _ = pool.checkOut(at: now)
        let (first, second) = (pool.giveUp(1, at: now), pool.giveUp(1, at: now))
        #expect(first && !second)
        pool.connected(1, 10, at: now)
        let actions3 = pool.takeActions()
        #expect(resumed(actions3) == [])
        #expect(pool.availableCount == 1)
        guard case .lease(let lease) = pool.checkOut(at: now) else {
            Issue.record("no connection")
            return
        }
        #expect(lease.connection == 10)
    }

    @Test(
        "A failure to connect is told to one who waits, and to all where it clears the pool", arguments: [false, true])
    func failures(clearing: Bool) {
        var pool = pool(PoolOptions(maxConnecting: 1))
        for _ in 0..<3 { _ = pool.checkOut(at: now) }
        _ = pool.takeActions()
        pool.failed(1, MongoError(.network, "refused"), clearing: clearing, at: now)
        let actions = pool.takeActions()
        #expect(Set(failed(actions)) == (clearing ? [1, 2, 3] : [1]))
        #expect(connects(actions) == (clearing ? [] : [2]))
        #expect(pool.generation == (clearing ? 1 : 0))
    }

    @Test("A connection that was begun before a clear is closed when it is there")
    func lateConnection() {
        var pool = pool()
        _ = pool.checkOut(at: now)
        pool.clear(at: now)
        pool.ready(at: now)
        _ = pool.takeActions()
        pool.connected(1, 10, at: now)
        let actions4 = pool.takeActions()
        #expect(closed(actions4) == [10])
        #expect(pool.totalCount == 0)
    }

    @Test("A broken connection makes room for another one")
    func replacement() {
        var pool = pool(PoolOptions(maxPoolSize: 1))
        _ = pool.checkOut(at: now)
        pool.connected(1, 10, at: now)
        _ = pool.checkOut(at: now)
        guard let action = pool.takeActions().first(where: { if case .resume = $0 { true } else { false } }),
            case .resume(_, let lease) = action
        else {
            Issue.record("no connection")
            return
        }
        pool.checkIn(lease, isBroken: true, at: now)
        let actions = pool.takeActions()
        #expect(closed(actions) == [10])
        #expect(connects(actions) == [2])
    }

    @Test("What was unused for too long is closed, and what has always to be there is set up")
    func maintenance() {
        var pool = pool(PoolOptions(minPoolSize: 1, maxIdleTime: .seconds(1)))
        pool.maintain(at: now)
        pool.connected(1, 10, at: now)
        _ = pool.takeActions()
        pool.maintain(at: now + .milliseconds(900))
        let early = pool.takeActions()
        #expect(early.isEmpty)
        pool.maintain(at: now + .milliseconds(1100))
        let actions = pool.takeActions()
        #expect(closed(actions) == [10])
        #expect(connects(actions) == [2])
    }

    @Test("What is given and taken back at once comes to the same as the long way")
    func atOnce() throws {
        var options = PoolOptions(maxPoolSize: 2)
        options.maxIdleTime = .seconds(10)
        var pool = PoolState<Int>(options, isObserved: false)
        let early = pool.takeAtOnce(at: now)
        #expect(early == nil)
        pool.ready(at: now)
        _ = pool.checkOut(at: now)
        _ = pool.takeActions()
        let overtaking = pool.takeAtOnce(at: now)
        #expect(overtaking == nil, "somebody is waiting")
        pool.connected(1, 10, at: now)
        _ = pool.takeActions()
        let lease = PoolState<Int>.Lease(id: 1, generation: 0, connection: 10)
        #expect(pool.connectionsInUse == [10])
        let (first, second) = (pool.putBackAtOnce(lease, at: now), pool.putBackAtOnce(lease, at: now))
        #expect(first && !second && pool.availableCount == 1 && pool.connectionsInUse.isEmpty)
        let taken = pool.takeAtOnce(at: now)
        let again = try #require(taken)
        #expect(again.id == 1 && again.connection == 10 && pool.connectionsInUse == [10])
        pool.clear(at: now)
        let isBack = pool.putBackAtOnce(again, at: now)
        #expect(!isBack, "it is of an earlier generation")
        pool.checkIn(again, at: now)
        let stale = pool.takeActions()
        #expect(closed(stale) == [10])
        // One that was unused for too long is not given out.
        pool.ready(at: now)
        _ = pool.checkOut(at: now)
        pool.connected(2, 20, at: now)
        let newer = PoolState<Int>.Lease(id: 2, generation: 1, connection: 20)
        let isKept = pool.putBackAtOnce(newer, at: now)
        let late = pool.takeAtOnce(at: now + .seconds(11))
        #expect(isKept && late == nil)
        let idle = pool.takeActions()
        #expect(closed(idle) == [20])
    }
}
