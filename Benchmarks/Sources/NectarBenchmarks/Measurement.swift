import Nectar

/// One row of the table: a piece of work, how long one of it takes, and how long the same takes elsewhere.
struct Measurement {
    let work: String
    let microseconds: Double
    let peer: String
    let peerMicroseconds: Double?

    var row: String {
        func text(_ value: Double) -> String {
            let hundredths = Int((value * 100).rounded())
            return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
        }
        let other = peerMicroseconds.map { "\(text($0)) µs | \(text($0 / microseconds))×" } ?? "– | –"
        return "| \(work) | \(text(microseconds)) µs | \(peer) | \(other) |"
    }
}

/// How long one of `count` runs takes, in microseconds: the best of `rounds`, which other load disturbs least.
nonisolated(nonsending) func best(
    _ rounds: Int = 3, of count: Int, _ body: nonisolated(nonsending) () async throws -> Void
) async rethrows -> Double {
    var best = Double.infinity
    for _ in 0..<rounds {
        let start = ContinuousClock.now
        try await body()
        let taken = (ContinuousClock.now - start) / .microseconds(1)
        best = min(best, taken / Double(count))
    }
    return best
}

/// The document that all rows work on: some 200 bytes.
func sample(_ number: Int) -> BSONDocument {
    [
        "_id": .int(number), "title": .string("The book with the number \(number)"), "year": .int(1450 + number % 575),
        "rating": .double(Double(number % 50) / 10), "tags": ["swift", "mongodb", "sqlite"],
        "publisher": ["name": "A publishing house", "city": "Prague"], "available": .bool(number % 3 == 0),
    ]
}
