internal import BSON
internal import MongoProtocol

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One run of keyed documents on disk, in the order of their keys. The file has no name and goes with its last user.
final class SpillFile {
    typealias Record = (key: [UInt8], document: BSONDocument)
    #if canImport(Darwin)
        private let file: UnsafeMutablePointer<FILE>
    #elseif canImport(Musl)
        private let file: OpaquePointer
    #else
        private let file: UnsafeMutablePointer<FILE>
    #endif

    init() throws {
        guard let file = tmpfile() else {
            throw MongoError(.outOfDiskSpace, "could not open a temporary file: \(String(cString: strerror(errno)))")
        }
        self.file = file
    }

    deinit { fclose(file) }

    /// Whether one key stands before another.
    static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        let order = a.withUnsafeBytes { x in
            b.withUnsafeBytes { y -> Int in
                guard let left = x.baseAddress, let right = y.baseAddress else { return 0 }
                return Int(memcmp(left, right, min(x.count, y.count)))
            }
        }
        return order != 0 ? order < 0 : a.count < b.count
    }

    /// Writes a record behind the others.
    func append(key: [UInt8], _ document: BSONDocument) throws {
        let lengths = [UInt32(truncatingIfNeeded: key.count), UInt32(truncatingIfNeeded: document.byteCount)]
        try lengths.withUnsafeBytes(write)
        try key.withUnsafeBytes(write)
        try document.withUnsafeBytes { try write($0) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.isEmpty || fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count else {
            throw MongoError(.outOfDiskSpace, "could not write to a temporary file")
        }
    }

    /// Goes back to the first record.
    func rewind() throws {
        guard fflush(file) == 0, fseek(file, 0, SEEK_SET) == 0 else {
            throw MongoError(.outOfDiskSpace, "could not write to a temporary file")
        }
    }

    /// The next record; nil at the end.
    func read() throws -> Record? {
        var lengths: [UInt32] = [0, 0]
        let count = lengths.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, file) }
        if count == 0 { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(lengths[0]) + Int(lengths[1]))
        let got = bytes.withUnsafeMutableBytes { $0.isEmpty ? 0 : fread($0.baseAddress, 1, $0.count, file) }
        guard count == 8, got == bytes.count else {
            throw MongoError(.internalError, "a temporary file was cut short")
        }
        let split = Int(lengths[0])
        let buffer = bytes.withUnsafeBytes { BSONBuffer(copying: UnsafeRawBufferPointer(rebasing: $0[split...])) }
        return (Array(bytes[..<split]), BSONDocument(adopting: buffer))
    }
}

/// Merges runs into one order; of equal keys that of the earlier run comes first.
final class SpillMerge {
    private let runs: [SpillFile]
    private var heads: [SpillFile.Record?]

    init(_ runs: [SpillFile]) throws {
        self.runs = runs
        heads = try runs.map {
            try $0.rewind()
            return try $0.read()
        }
    }

    /// The next record of all runs.
    func next() throws -> SpillFile.Record? {
        var best: Int?
        for (index, head) in heads.enumerated() {
            guard let head else { continue }
            if let current = best, let leader = heads[current], !SpillFile.precedes(head.key, leader.key) { continue }
            best = index
        }
        guard let best, let record = heads[best] else { return nil }
        heads[best] = try runs[best].read()
        return record
    }
}
