import Foundation

/// A row of the table: how long Nectar takes, and how long each peer takes for the same.
struct Row {
    let work: String
    let shape: String
    let nanoseconds: Double
    let bytes: Int
    var libbson: Double?
    /// Whether libbson refuses the document: it would seem fast.
    var isRefused = false
    var pymongo: Double?
    var foundation: Double?

    static let header = """
        | work | document | time | MB/s | × libbson | × PyMongo | × Foundation |
        | --- | --- | ---: | ---: | ---: | ---: | ---: |
        """

    var text: String {
        func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
        func ratio(_ peer: Double?) -> String { peer.map { number($0 / nanoseconds, 2) } ?? "–" }
        let speed = number(Double(bytes) / nanoseconds * 1000, 0)
        return "| \(work) | \(shape) | \(number(nanoseconds / 1000, 2)) µs | \(speed) "
            + "| \(isRefused ? "refuses" : ratio(libbson)) | \(ratio(pymongo)) | \(ratio(foundation)) |"
    }
}
