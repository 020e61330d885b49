import Testing

@testable import MongoDriver

/// How long an operation holds its caller's thread.
@Suite("Patience")
struct PatienceTests {
    /// How many quick answers it takes until the server is trusted.
    private func earn(_ patience: inout Patience) -> Int {
        var count = 0
        while !patience.isTrusted, count < 5_000 {
            patience.learn(30)
            count += 1
        }
        return count
    }

    @Test("trust takes quick answers in a row, and one slow answer ends it")
    func trust() {
        var patience = Patience()
        #expect(earn(&patience) == 16)
        for time in [Patience.usual + 1, Patience.tolerable] {
            patience.learn(time)
            #expect(!patience.isTrusted)
            #expect(earn(&patience) == 16, "\(time)")
        }
    }

    @Test("a server that is slow now and then is trusted ever more rarely")
    func distrust() {
        for time in [nil, Patience.tolerable + 1] {
            var patience = Patience()
            var earned: [Int] = []
            for _ in 0..<6 {
                earned.append(earn(&patience))
                patience.learn(time)
            }
            // From 256 on, quick answers have halved it again when it is reached.
            #expect(earned == [16, 32, 64, 128, 256, 256], "\(String(describing: time))")
        }
        // One slow answer in a hundred: trust comes back at most thrice.
        var patience = Patience()
        var waits = 0
        for call in 1...100_000 {
            let isSlow = call.isMultiple(of: 100)
            if isSlow, patience.isTrusted { waits += 1 }
            patience.learn(isSlow ? nil : 30)
        }
        #expect(waits == 3)
    }

    @Test("a server that is far away is asked the short way now and then")
    func farAway() {
        var patience = Patience()
        var tries = 0
        for _ in 0..<1_000 where patience.isWorthTrying() {
            tries += 1
            patience.learn(nil)
        }
        #expect(tries == 4 + 996 / 32)
        // One answer in time, and it is near again.
        while !patience.isWorthTrying() {}
        patience.learn(30)
        #expect(patience.isWorthTrying() && patience.isWorthTrying())
    }

    @Test("one thread at a time waits longer than usual")
    func permit() {
        // Other tests' connections may hold it for a moment.
        while !Patience.takeTrust() {}
        #expect(!Patience.takeTrust())
        Patience.leaveTrust()
    }
}
