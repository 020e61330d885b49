import BSON
import Foundation
import MongoProtocol
import NIOCore
import Testing

@testable import MongoDriver

@Suite("Faults of the network", .timeLimit(.minutes(10)), .serialized)
struct FaultTests {
    private static let callers = 16
    private static let deadline = Duration.milliseconds(800)
    /// What a busy machine may add to a deadline.
    private static let slack = Duration.seconds(3)

    /// Rounds by their seeds: some always, many in the long tests.
    private static var rounds: Int { ProcessInfo.processInfo.environment["NECTAR_LONG"] == nil ? 12 : 200 }

    @Test("Every caller has an answer or an error in time, and the next operation succeeds")
    func rounds() async throws {
        try await withServer { server, options in
            let proxy = FaultProxy(to: await server.port)
            var options = options
            options.seeds = [ServerAddress(host: "127.0.0.1", port: try await proxy.start())]
            // The server names itself, which would lead past the proxy.
            options.directConnection = true
            options.connectTimeout = .seconds(1)
            try await withDriver(options) { driver in
                try await ready(driver)
                for seed in 1...UInt64(Self.rounds) {
                    var generator = Seeded(state: seed)
                    try await round(seed, Self.fault(&generator), driver, proxy, server)
                }
            }
            // Whatever the driver has opened is closed behind it.
            for _ in 0..<100 where proxy.connectionCount > 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(proxy.connectionCount == 0)
            await proxy.stop()
        }
    }

    private enum Disaster {
        case network(FaultProxy.Fault)
        case restart
    }

    private static func fault(_ generator: inout Seeded) -> Disaster {
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
    ) async throws {
        await withTaskGroup(of: Void.self) { group in
            for caller in 0..<Self.callers {
                group.addTask {
                    for step in 0..<3 { await call(driver, "round \(seed), \(disaster)", caller, step) }
                }
            }
            switch disaster {
            case .network(let fault): proxy.set(fault)
            case .restart:
                await server.stop()
                try? await server.start()
            }
            await group.waitForAll()
        }
        proxy.set(.none)
        try await ready(driver)
    }

    /// One operation: whatever comes of it comes in time.
    private func call(_ driver: NetworkDeployment, _ round: String, _ caller: Int, _ step: Int) async {
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
            #expect(reply["ok"] != nil)
        } catch {
            #expect(error is MongoError, "\(round): \(error)")
        }
        let time = ContinuousClock.now - start
        #expect(time < Self.deadline + Self.slack, "\(round): caller \(caller) waited \(time)")
    }

    /// The same client works again.
    private func ready(_ driver: NetworkDeployment) async throws {
        let reply = try await driver.run(
            MongoOperation(
                MongoCommand(["find": "x", "filter": ["_id": 1]], database: "test"), retryability: .read,
                deadline: .now + .seconds(10)))
        #expect(reply["ok"] == 1.0)
    }
}
