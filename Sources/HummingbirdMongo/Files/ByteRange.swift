/// What a `Range` header asks for (RFC 9110, section 14.2).
enum ByteRange: Equatable {
    /// Everything: there is no header, or one that a server may pass over, as for several ranges or another unit.
    case whole
    /// These bytes.
    case part(Range<Int64>)
    /// Bytes of which there are none.
    case unsatisfiable

    /// Reads a header for a file of `length` bytes.
    init(_ header: String?, length: Int64) {
        self = .whole
        guard let header else { return }
        let halves = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, halves[0].lowercased() == "bytes", !halves[1].contains(",") else { return }
        let ends = halves[1].filter { $0 != " " }.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return }
        // A number that is too long for its type is beyond every file's end all the same.
        let numbers = ends.map { $0.isEmpty ? nil : Int64($0) ?? .max }
        switch (numbers[0], numbers[1]) {
        case (nil, nil): return
        case (nil, let last?):
            self = last == 0 || length == 0 ? .unsatisfiable : .part(max(length - last, 0)..<length)
        case (let first?, let last):
            if let last, last < first { return }
            self = first >= length ? .unsatisfiable : .part(first..<min(last ?? .max, length - 1) + 1)
        }
    }
}
