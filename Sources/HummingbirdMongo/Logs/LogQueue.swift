internal import Nectar

/// Documents in a row, first in first out, with their bytes counted.
struct LogQueue {
    private var documents: [BSONDocument] = []
    private var start = 0
    private(set) var bytes = 0

    var count: Int { documents.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ document: BSONDocument) {
        documents.append(document)
        bytes += document.byteCount
    }

    /// The first documents, which stay in the queue until they are removed.
    func first(_ count: Int) -> [BSONDocument] { Array(documents[start...].prefix(count)) }

    mutating func removeFirst(_ count: Int) {
        let end = Swift.min(start + count, documents.count)
        for document in documents[start..<end] { bytes -= document.byteCount }
        start = end
        // Moving the rest forward now and then costs less than each time.
        guard start > 1024 || start == documents.count else { return }
        documents.removeFirst(start)
        start = 0
    }
}
