extension String {
    /// Calls `body` with the string's UTF-8, which stays valid only during the call.
    ///
    /// `withUTF8` needs a variable, and so a copy that is counted. All strings but those that Foundation lends on Apple's
    /// systems have their bytes at hand.
    @inline(__always)
    func withUTF8Bytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        if let result = utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return result }
        return withCopiedUTF8(body)
    }

    @inline(never)
    private func withCopiedUTF8<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        var copy = self
        return copy.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
