/// The keys of an object that have been read, seen in place, to find one that comes twice.
///
/// Bytes, not strings: Swift takes composed and decomposed letters as one, MongoDB does not.
struct JSONKeySet {
    /// Most objects have few keys: comparing each with all costs less than a table, up to here.
    private static let few = 12

    private var keys: [Key] = []
    private var table: Set<Key> = []

    /// Adds a key; false where it is there already.
    mutating func insert(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let key = Key(bytes: bytes)
        if keys.count < Self.few {
            if keys.contains(key) { return false }
            keys.append(key)
            return true
        }
        if table.isEmpty { table = Set(keys) }
        return table.insert(key).inserted
    }

    private struct Key: Hashable {
        let bytes: UnsafeRawBufferPointer

        static func == (a: Key, b: Key) -> Bool {
            a.bytes.count == b.bytes.count && RawValue.compareBytes(a.bytes, b.bytes) == 0
        }

        func hash(into hasher: inout Hasher) { hasher.combine(bytes: bytes) }
    }
}
