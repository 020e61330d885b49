/// What a `Range` header asks for (RFC 9110, section 14.2).
enum ByteRanges: Equatable {
    /// Everything: there is no header, or one that a server is to pass over.
    case whole
    /// These bytes, in their order in the file, with gaps between them.
    case parts([Range<Int64>])
    /// None of the bytes asked for is there, or far too many ranges are.
    case unsatisfiable

    /// More ranges than these are an attack and no download. What they ask for is refused, not sent whole.
    static let most = 100
    /// Ranges with a smaller gap between them are sent as one: a part's headers would be longer.
    static let gap: Int64 = 80

    /// Reads a header for a file of `length` bytes. Ranges that overlap or nearly touch become one, so that no byte is
    /// sent twice.
    init(_ header: String?, length: Int64) {
        self = .whole
        guard let header, let equals = header.firstIndex(of: "="), header[..<equals].lowercased() == "bytes" else {
            return
        }
        var ranges: [Range<Int64>] = []
        var count = 0
        for part in header[equals...].dropFirst().split(separator: ",") {
            let text = part.filter { $0 != " " && $0 != "\t" }
            if text.isEmpty { continue }
            count += 1
            guard count <= Self.most else {
                self = .unsatisfiable
                return
            }
            guard let range = Self.range(text, length: length) else { return }
            if !range.isEmpty { ranges.append(range) }
        }
        guard count > 0 else { return }
        self = ranges.isEmpty ? .unsatisfiable : .parts(Self.merged(ranges))
    }

    /// The bytes of one range; empty where there are none, nil for what is no range.
    private static func range(_ text: String, length: Int64) -> Range<Int64>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        // A number that is too long for its type is beyond every file's end all the same.
        let numbers = ends.map { $0.isEmpty ? nil : Int64($0) ?? .max }
        switch (numbers[0], numbers[1]) {
        case (nil, nil): return nil
        case (nil, let last?): return max(length - last, 0)..<length
        case (let first?, let last):
            if let last, last < first { return nil }
            return first >= length ? 0..<0 : first..<min(last ?? .max, length - 1) + 1
        }
    }

    private static func merged(_ ranges: [Range<Int64>]) -> [Range<Int64>] {
        var merged: [Range<Int64>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + gap {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
