/// The time of round trips to a server: an average in which new ones weigh a fifth, and the least of the last ten.
struct RoundTripTime: Sendable {
    /// The average; nil before the first sample.
    private(set) var average: Duration?
    private var recent: [Duration] = []

    init() {}

    /// Goes on from an average.
    init(average: Duration?) { self.average = average }

    /// Takes a sample in.
    mutating func add(_ sample: Duration) {
        if let old = average { average = sample / 5 + old / 5 * 4 } else { average = sample }
        recent.append(sample)
        if recent.count > 10 { recent.removeFirst() }
    }

    /// The least of the last ten samples; zero before there are two, since one may be a lucky one.
    var minimum: Duration { recent.count < 2 ? .zero : recent.min() ?? .zero }
}
