internal import BSON

/// Keeps memory for answers of some hundred kilobytes with the process.
///
/// The C library on Linux gives what lies free at the end of its memory back to the system, where that is more than 128 KB,
/// and has the system clear it again for the next answer: a fifth of the time of sending a file and of reading a hundred
/// documents, and nearly half of that of serving a file's chunk. It learns from the sizes that a program frees: behind one
/// block of four megabytes it keeps eight in each of its heaps, enough for some dozens of such answers at a time. A program
/// that sets limits of its own (`MALLOC_TRIM_THRESHOLD_`, `mallopt`) keeps those.
package enum LargeBlocks {
    /// Done once in a process, by whoever asks first.
    package static let areKept: Void = {
        let block = BSONBuffer.unfilled(count: 4 << 20)
        block.memory.storeBytes(of: 0, as: UInt8.self)
    }()
}
