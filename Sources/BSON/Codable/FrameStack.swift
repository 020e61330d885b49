extension EncodingState {
    /// The frames of the values that are being written, the outermost first.
    ///
    /// An array would check with every field that nobody else holds it.
    struct FrameStack: RandomAccessCollection, MutableCollection {
        private var base: UnsafeMutablePointer<Frame>
        private var capacity = 16
        private(set) var count = 0

        init() { base = .allocate(capacity: capacity) }

        var startIndex: Int { 0 }
        var endIndex: Int { count }

        subscript(position: Int) -> Frame {
            @inline(__always) get { base[position] }
            @inline(__always) nonmutating _modify { yield &base[position] }
        }

        mutating func append(_ frame: Frame) {
            if count == capacity { grow() }
            (base + count).initialize(to: frame)
            count += 1
        }

        mutating func popLast() -> Frame? {
            guard count > 0 else { return nil }
            count -= 1
            return base[count]
        }

        mutating func removeLast(_ number: Int) { count -= Swift.min(Swift.max(number, 0), count) }

        private mutating func grow() {
            let larger = UnsafeMutablePointer<Frame>.allocate(capacity: capacity * 2)
            larger.initialize(from: base, count: count)
            base.deallocate()
            base = larger
            capacity *= 2
        }
    }
}
