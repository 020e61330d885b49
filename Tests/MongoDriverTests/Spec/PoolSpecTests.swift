import BSON
import MongoProtocol
import SpecSupport
import Testing

@testable import MongoDriver

/// Runs the driver specification "Connection Monitoring and Pooling" on the state machine, in a time of its own: what
/// its cases have a server do (answer late, refuse) is done here to the setting up of connections.
@Suite("Connection pool (specification)")
struct PoolSpecTests {
    @Test("all cases pass")
    func allCases() {
        let failures = SpecSuite.run("connection-monitoring-and-pooling") {
            var simulation = PoolSimulation($0.test)
            simulation.runMain()
            return simulation.faults()
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }
}

/// A pool, the threads of a case, and a clock that is moved by hand.
private struct PoolSimulation {
    private enum Happening {
        case connected(Int)
        case failed(Int)
        case timeout(request: Int)
        case maintenance
    }

    private struct Thread {
        var operations: [BSONDocument] = []
        /// The request whose answer it waits for.
        var waitsFor: Int?
        var label: String?
    }

    private let test: BSONDocument
    private var state: PoolState<Int>
    private let start = ContinuousClock.now
    private var now: Duration = .zero
    private var agenda: [(at: Duration, what: Happening)] = []
    private var threads: [String: Thread] = [:]
    private var leases: [String: PoolState<Int>.Lease] = [:]
    private var events: [PoolEvent] = []
    private var error: String?
    private var stuck: [String] = []

    private let connectTime: Duration
    private let failsToConnect: Bool
    private let interval: Duration?
    private let timeout: Duration?

    init(_ test: BSONDocument) {
        self.test = test
        let options = test["poolOptions"]?.document ?? [:]
        var pool = PoolOptions()
        if let size = options["maxPoolSize"]?.int { pool.maxPoolSize = size }
        if let size = options["minPoolSize"]?.int { pool.minPoolSize = size }
        if let count = options["maxConnecting"]?.int { pool.maxConnecting = count }
        pool.maxIdleTime = options["maxIdleTimeMS"]?.int.map { .milliseconds($0) }
        pool.waitQueueTimeout = options["waitQueueTimeoutMS"]?.int.map { .milliseconds($0) }
        timeout = pool.waitQueueTimeout
        let interval = options["backgroundThreadIntervalMS"]?.int ?? 100
        self.interval = interval < 0 ? nil : .milliseconds(interval)
        let fault = test["failPoint"]?.document?["data"]?.document
        connectTime = .milliseconds(fault?["blockTimeMS"]?.int ?? 1)
        failsToConnect = fault?["errorCode"] != nil
        state = PoolState(pool)
        if let interval = self.interval { agenda.append((interval, .maintenance)) }
        settle()
    }

    private var instant: ContinuousClock.Instant { start + now }

    // MARK: The case's operations

    mutating func runMain() {
        for operation in (test["operations"]?.array ?? []).compactMap(\.document) {
            switch operation["name"]?.string {
            case "start": threads[operation["target"]?.string ?? "", default: Thread()] = Thread()
            case "wait": pass(.milliseconds(operation["ms"]?.int ?? 0))
            case "waitForThread":
                let target = operation["target"]?.string ?? ""
                wait("thread \(target)") {
                    $0.threads[target]?.waitsFor == nil && $0.threads[target]?.operations.isEmpty != false
                }
            case "waitForEvent":
                let (name, count) = (operation["event"]?.string ?? "", operation["count"]?.int ?? 1)
                wait("\(count) events \(name)") { $0.events.filter { Self.name($0) == name }.count >= count }
            default:
                if let thread = operation["thread"]?.string {
                    threads[thread]?.operations.append(operation)
                    advance(thread)
                } else {
                    threads["main"] = Thread(operations: [operation])
                    advance("main")
                    wait("the main thread") { $0.threads["main"]?.waitsFor == nil }
                }
            }
        }
    }

    /// Runs a thread's operations until one has to wait.
    private mutating func advance(_ name: String) {
        while var thread = threads[name], thread.waitsFor == nil, !thread.operations.isEmpty {
            let operation = thread.operations.removeFirst()
            switch operation["name"]?.string {
            case "checkOut":
                thread.label = operation["label"]?.string
                switch state.checkOut(at: instant) {
                case .lease(let lease): if let label = thread.label { leases[label] = lease }
                case .fail(let failure): note(failure)
                case .wait(let request):
                    thread.waitsFor = request
                    if let timeout { agenda.append((now + timeout, .timeout(request: request))) }
                }
            case "checkIn":
                if let lease = leases[operation["connection"]?.string ?? ""] { state.checkIn(lease, at: instant) }
            case "clear":
                state.clear(interruptsInUse: operation["interruptInUseConnections"]?.bool ?? false, at: instant)
            case "ready": state.ready(at: instant)
            case "close": state.close(at: instant)
            case let name: stuck.append("the runner does not know \(name ?? "")")
            }
            threads[name] = thread
            settle()
        }
    }

    private mutating func note(_ failure: PoolError) {
        switch failure {
        case .closed: error = "PoolClosedError"
        case .cleared: error = "PoolClearedError"
        case .connecting: error = "the connection failed"
        }
    }

    // MARK: What the machine asks for, and time

    private mutating func settle() {
        for action in state.takeActions() {
            switch action {
            case .emit(let event): events.append(event)
            case .connect(let id):
                agenda.append((now + connectTime, failsToConnect ? .failed(id) : .connected(id)))
            case .abort(let id):
                agenda.removeAll {
                    switch $0.what {
                    case .connected(id), .failed(id): true
                    default: false
                    }
                }
            case .close: break
            case .resume(let request, let lease): finish(request) { $0.leases[$1.label ?? ""] = lease }
            case .fail(let request, let failure): finish(request) { this, _ in this.note(failure) }
            }
        }
    }

    private mutating func finish(_ request: Int, _ body: (inout PoolSimulation, Thread) -> Void) {
        guard let (name, thread) = threads.first(where: { $0.value.waitsFor == request }) else { return }
        body(&self, thread)
        threads[name]?.waitsFor = nil
        advance(name)
    }

    /// Lets the next thing happen that is due until `limit`.
    private mutating func step(until limit: Duration) -> Bool {
        guard let next = agenda.indices.min(by: { agenda[$0].at < agenda[$1].at }), agenda[next].at <= limit else {
            now = max(now, limit)
            return false
        }
        let (at, what) = agenda.remove(at: next)
        now = max(now, at)
        switch what {
        case .connected(let id): state.connected(id, id, at: instant)
        case .failed(let id): state.failed(id, MongoError(.network, "refused"), clearing: true, at: instant)
        case .timeout(let request):
            if state.giveUp(request, at: instant) {
                finish(request) { this, _ in this.error = "WaitQueueTimeoutError" }
            }
        case .maintenance:
            state.maintain(at: instant)
            if let interval { agenda.append((now + interval, .maintenance)) }
        }
        settle()
        return true
    }

    private mutating func pass(_ time: Duration) {
        let end = now + time
        while step(until: end) {}
    }

    private mutating func wait(_ what: String, _ condition: (PoolSimulation) -> Bool) {
        let end = now + .seconds(20)
        while !condition(self) {
            guard step(until: end) else {
                stuck.append("waiting for \(what) never ended")
                return
            }
        }
    }

    // MARK: The outcome

    func faults() -> [String] {
        var faults = SpecFaults()
        for line in stuck { faults.expect(false, line) }
        if let expected = test["error"]?.document?["type"]?.string {
            faults.equal(error ?? "none", expected, "the error")
        }
        let ignored = Set((test["ignore"]?.array ?? []).compactMap(\.string))
        let found = events.filter { !ignored.contains(Self.name($0)) }
        let expected = (test["events"]?.array ?? []).compactMap(\.document)
        let names = found.map(Self.name)
        faults.equal(Array(names.prefix(expected.count)), expected.compactMap { $0["type"]?.string }, "the events")
        for (event, expected) in zip(found, expected) {
            let fields = Self.fields(event)
            for (key, value) in expected where key != "type" && key != "address" {
                if value == 42 {
                    faults.expect(fields[key] != nil, "\(Self.name(event)) has no \(key)")
                } else if let inner = value.document {
                    for (option, value) in inner {
                        faults.equal(
                            fields[key]?.document?[option], value, "\(Self.name(event)).\(key).\(option)")
                    }
                } else {
                    faults.equal(fields[key], value, "\(Self.name(event)).\(key)")
                }
            }
        }
        return faults.list
    }

    private static func name(_ event: PoolEvent) -> String {
        switch event {
        case .poolCreated: "ConnectionPoolCreated"
        case .poolReady: "ConnectionPoolReady"
        case .poolCleared: "ConnectionPoolCleared"
        case .poolClosed: "ConnectionPoolClosed"
        case .connectionCreated: "ConnectionCreated"
        case .connectionReady: "ConnectionReady"
        case .connectionClosed: "ConnectionClosed"
        case .checkOutStarted: "ConnectionCheckOutStarted"
        case .checkOutFailed: "ConnectionCheckOutFailed"
        case .checkedOut: "ConnectionCheckedOut"
        case .checkedIn: "ConnectionCheckedIn"
        }
    }

    private static func fields(_ event: PoolEvent) -> BSONDocument {
        switch event {
        case .poolCreated(let options):
            var fields: BSONDocument = [
                "maxPoolSize": .int(options.maxPoolSize), "minPoolSize": .int(options.minPoolSize),
            ]
            if let time = options.maxIdleTime { fields["maxIdleTimeMS"] = .int(Int(time / .milliseconds(1))) }
            return ["options": .document(fields)]
        case .poolCleared(let interrupts): return ["interruptInUseConnections": .bool(interrupts)]
        case .connectionCreated(let id), .checkedIn(let id): return ["connectionId": .int(id)]
        case .connectionReady(let id, let duration), .checkedOut(let id, let duration):
            return ["connectionId": .int(id), "duration": .double(duration / .milliseconds(1))]
        case .connectionClosed(let id, let reason):
            return ["connectionId": .int(id), "reason": .string(reason.rawValue)]
        case .checkOutFailed(let reason, let duration):
            return ["reason": .string(reason.rawValue), "duration": .double(duration / .milliseconds(1))]
        case .poolReady, .poolClosed, .checkOutStarted: return [:]
        }
    }
}
