internal import BSON
internal import MongoDriver
internal import MongoProtocol
internal import NIOCore
internal import Synchronization

/// Rounds in which the network, or the server, fails under sixteen callers at a time. Each round follows from its seed.
package struct FaultRounds {
    private static let callers = 16
    private static let deadline = Duration.milliseconds(800)
    /// What a busy machine may add to a deadline.
    private let slack: Duration
    private let rounds: Int
    private let faults = Recorder<String>()

    package init(_ rounds: Int, slack: Duration = .seconds(10)) {
        self.rounds = rounds
        self.slack = slack
    }

    /// Runs the rounds with one driver.
    /// - Returns: What went wrong, a line each; empty where nothing did.
    package func run() async throws -> [String] {
        try await withServer { server, options in
            let proxy = FaultProxy(to: await server.port)
            var options = options
            options.seeds = [ServerAddress(host: "127.0.0.1", port: try await proxy.start())]
            // The server names itself, which would lead past the proxy.
            options.directConnection = true
            options.connectTimeout = .seconds(1)
            weak var closed: NetworkDeployment?
            do {
                let driver = try NetworkDeployment(options)
                closed = driver
                await run(driver, proxy, server)
                await driver.close()
                expect(driver.workUnderWay.isEmpty, "behind the end there is \(driver.workUnderWay)")
            }
            // Whatever the driver has opened is closed behind it, and nothing holds it any longer.
            await eventually("connections are left over") { proxy.connectionCount == 0 }
            await eventually("a task or a continuation holds the driver") { closed == nil }
            await proxy.stop()
        }
        return faults.all
    }

    private func run(_ driver: NetworkDeployment, _ proxy: FaultProxy, _ server: TestServer) async {
        await recover(driver, "at the start")
        for seed in 1...UInt64(max(rounds, 1)) {
            var generator = Seeded(state: seed)
            await round(seed, Self.disaster(&generator), driver, proxy, server)
        }
    }

    private enum Disaster {
        case network(FaultProxy.Fault)
        case restart
    }

    private static func disaster(_ generator: inout Seeded) -> Disaster {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: .network(.refuse)
        case 1: .network(.stall)
        case 2: .network(.cut(after: Int.random(in: 1..<400, using: &generator)))
        case 3: .network(.garble(seed: generator.next()))
        case 4: .network(.delay(.milliseconds(Int64.random(in: 1..<200, using: &generator))))
        default: .restart
        }
    }

    private func round(
        _ seed: UInt64, _ disaster: Disaster, _ driver: NetworkDeployment, _ proxy: FaultProxy, _ server: TestServer
    ) async {
        let name = "round \(seed), \(disaster)"
        await withTaskGroup(of: Void.self) { group in
            for caller in 0..<Self.callers {
                group.addTask { for _ in 0..<3 { await call(driver, name, caller) } }
            }
            switch disaster {
            case .network(let fault): proxy.set(fault)
            case .restart:
                await server.stop()
                do { try await server.start() } catch { faults.add("\(name): the server did not start: \(error)") }
            }
            await group.waitForAll()
        }
        proxy.set(.none)
        await recover(driver, name)
    }

    /// One operation: whatever comes of it comes in time, and an error is one of the driver's.
    private func call(_ driver: NetworkDeployment, _ round: String, _ caller: Int) async {
        let start = ContinuousClock.now
        let operation =
            caller.isMultiple(of: 2)
            ? MongoOperation(
                MongoCommand(["find": "x", "filter": ["_id": 1]], database: "test"), retryability: .read,
                deadline: start + Self.deadline)
            : MongoOperation(
                MongoCommand(
                    ["insert": "y"], database: "test",
                    sequences: [DocumentSequence("documents", [["_id": .objectID(ObjectID())]])]),
                retryability: .write, deadline: start + Self.deadline)
        do {
            let reply = try await driver.run(operation)
            expect(reply["ok"] != nil, "\(round): a reply without ok")
        } catch {
            expect(error is MongoError, "\(round): \(error)")
        }
        let time = start.duration(to: .now)
        expect(time < Self.deadline + slack, "\(round): caller \(caller) waited \(time)")
    }

    /// The same driver works again, and nobody waits in it.
    private func recover(_ driver: NetworkDeployment, _ round: String) async {
        do {
            let reply = try await driver.run(
                MongoOperation(
                    MongoCommand(["find": "x", "filter": ["_id": 1]], database: "test"), retryability: .read,
                    deadline: .now + .seconds(10)))
            expect(reply["ok"]?.double == 1, "\(round): the next operation is answered by \(reply)")
        } catch {
            faults.add("\(round): the next operation fails: \(error)")
        }
        await eventually("\(round): left over") { driver.workUnderWay.isEmpty }
    }

    private func expect(_ condition: Bool, _ fault: @autoclosure () -> String) {
        if !condition { faults.add(fault()) }
    }

    /// Waits for what takes a moment.
    private func eventually(_ fault: String, _ condition: () -> Bool) async {
        for _ in 0..<500 {
            if condition() { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
        faults.add(fault)
    }
}
