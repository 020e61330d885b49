import Foundation

/// A row of the table: a work on a document, done by Nectar and by its peers, as often as they are told.
package struct Row {
    package let work: String
    package let document: String
    package let nectar: (_ rounds: Int) throws -> UInt64
    /// Zero of one round says that libbson refuses the document.
    package var libbson: ((_ rounds: Int) -> UInt64)?
    /// The name of the same work in `pymongo_peer.py`, where it has it.
    package var pymongo: String?
    package var foundation: ((_ rounds: Int) throws -> UInt64)?

    package init(
        work: String, document: String, nectar: @escaping (Int) throws -> UInt64,
        libbson: ((Int) -> UInt64)? = nil, pymongo: String? = nil, foundation: ((Int) throws -> UInt64)? = nil
    ) {
        self.work = work
        self.document = document
        self.nectar = nectar
        self.libbson = libbson
        self.pymongo = pymongo
        self.foundation = foundation
    }

    static let header = """
        | work | document | time | MB/s | × libbson | × PyMongo | × Foundation |
        | --- | --- | ---: | ---: | ---: | ---: | ---: |
        """

    /// Measures the work: nanoseconds a call of Nectar's, of libbson's and of Foundation's, those that there are.
    func measured() throws -> [Double] {
        let peers = [libbson.map { work in { rounds in work(rounds) } }, foundation]
        return try best(of: [nectar] + peers.compactMap { $0 })
    }

    /// The row: how long Nectar takes, and how many times as long each peer.
    /// - Parameter times: What ``measured()`` gave.
    func line(_ times: [Double], _ bytes: Int, _ peer: PyMongoPeer?) -> String {
        var rest = times.dropFirst()
        let inC = libbson == nil ? nil : rest.popFirst()
        let inJSON = rest.popFirst()
        func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
        func ratio(_ peer: Double?) -> String { peer.map { number($0 / times[0], 2) } ?? "–" }
        let isRefused = libbson?(1) == 0
        return
            "| \(work) | \(document) | \(number(times[0] / 1000, 2)) µs | \(number(Double(bytes) / times[0] * 1000, 0)) "
            + "| \(isRefused ? "refuses" : ratio(inC)) | \(ratio(pymongo.flatMap { peer?.time($0, document) })) "
            + "| \(ratio(inJSON)) |"
    }
}
