/// The bytes that a decoder reads, and how far it has come in the documents that are open.
///
/// Fields are looked for where the last one ended: types ask for them in the order in which they were written, mostly. Nothing
/// is kept for the paths of errors; they are found again by walking from the root to the value.
final class DecodingState {
    /// How far a document has been read. It is a hint: readers know their own bounds.
    private struct Progress {
        var base: UnsafeRawPointer?
        /// Where the next field is expected to begin.
        var next: UnsafeRawPointer
        /// Where the last field that was asked for begins.
        var last: UnsafeRawPointer
    }

    let options: BSONDecoder
    let hasDefaultKeys: Bool
    let root: RawValue
    private let owner: BSONBuffer
    private var progress: UnsafeMutablePointer<Progress>
    private var capacity = 8
    private var fieldNames: [String: String] = [:]
    /// For each level of the path that was looked for last, its container and the element that the path goes through.
    var trail: [(base: UnsafeRawPointer, element: UnsafeRawPointer)] = []

    /// Takes a value that `owner` keeps alive.
    init(_ options: BSONDecoder, root: RawValue, owner: BSONBuffer) {
        self.options = options
        self.root = root
        self.owner = owner
        hasDefaultKeys = options.keyDecodingStrategy.isDefault
        progress = .allocate(capacity: capacity)
        progress.initialize(repeating: Progress(base: nil, next: root.base, last: root.base), count: capacity)
    }

    deinit { progress.deallocate() }

    /// Reads the outermost value.
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decode(type, root, depth: 0) }

    /// The value as one of ours; documents and arrays are slices of the buffer that is read.
    func bsonValue(_ value: RawValue) -> BSONValue { BSONValue(value, owner: owner) }

    /// The name of the field for a coding key.
    @inline(__always)
    func name(_ key: String, converted: Bool) -> String { converted ? convertedName(key) : key }

    private func convertedName(_ key: String) -> String {
        if let name = fieldNames[key] { return name }
        let name = options.keyDecodingStrategy.fieldName(key)
        fieldNames[key] = name
        return name
    }

    /// The coding key for the name of a field, under which that field is found again even where the strategy does not lead
    /// back to its name.
    func codingKey(_ name: String) -> String {
        let key = options.keyDecodingStrategy.codingKey(name)
        if fieldNames[key] == nil { fieldNames[key] = name }
        return key
    }

    // MARK: Fields

    /// Finds the field with this name in the document of `count` bytes at `base`.
    @inline(__always)
    func find(_ name: String, _ base: UnsafeRawPointer, _ count: Int, _ depth: Int) -> RawValue? {
        if depth >= capacity { grow(depth) }
        let place = progress + depth
        if place.pointee.base != base {
            let start = base + min(4, count)
            place.pointee = Progress(base: base, next: start, last: start)
        }
        let end = base + max(count - 1, 0)
        let found = name.utf8.withContiguousStorageIfAvailable { name in
            Self.find(UnsafeRawBufferPointer(name), base, end, place)
        }
        if let found { return found }
        var copy = name
        return copy.withUTF8 { Self.find(UnsafeRawBufferPointer($0), base, end, place) }
    }

    @inline(__always)
    private static func find(
        _ name: UnsafeRawBufferPointer, _ base: UnsafeRawPointer, _ end: UnsafeRawPointer,
        _ place: UnsafeMutablePointer<Progress>
    ) -> RawValue? {
        let next = place.pointee.next
        guard let value = match(name, at: next, end: end) else { return search(name, base, end, place) }
        place.pointee.last = next
        place.pointee.next = value.base + value.count
        return value
    }

    /// The value of the element at `cursor` where its key is this name.
    @inline(__always)
    private static func match(
        _ name: UnsafeRawBufferPointer, at cursor: UnsafeRawPointer, end: UnsafeRawPointer
    ) -> RawValue? {
        let start = cursor + name.count + 2
        guard end >= start, (start - 1).load(as: UInt8.self) == 0,
            name.baseAddress.map({ ShortBytes.equal(string: $0, cursor + 1, name.count) }) ?? true
        else { return nil }
        return RawValue.read(cursor.load(as: UInt8.self), start, limit: end - start)
    }

    /// Looks for a field that is not the next one: first the last one again, then all behind it, then all before.
    @inline(never)
    private static func search(
        _ name: UnsafeRawBufferPointer, _ base: UnsafeRawPointer, _ end: UnsafeRawPointer,
        _ place: UnsafeMutablePointer<Progress>
    ) -> RawValue? {
        if let value = match(name, at: place.pointee.last, end: end) { return value }
        let next = place.pointee.next
        for (start, stop) in [(next, end), (base + 4, next)] {
            guard start < stop else { continue }
            var elements = RawDocument.Iterator(cursor: start, end: end)
            while let element = elements.next(), let found = element.bytes.baseAddress, found < stop {
                guard element.hasKey(name) else { continue }
                place.pointee.last = found
                place.pointee.next = found + element.bytes.count
                return element.value
            }
        }
        return nil
    }

    private func grow(_ depth: Int) {
        let larger = UnsafeMutablePointer<Progress>.allocate(capacity: depth * 2)
        larger.initialize(repeating: Progress(base: nil, next: root.base, last: root.base), count: depth * 2)
        larger.update(from: progress, count: capacity)
        progress.deallocate()
        progress = larger
        capacity = depth * 2
    }
}
