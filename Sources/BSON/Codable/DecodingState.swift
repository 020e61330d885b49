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

    // Only one value is read at a time. That no two changes of these overlap shows in the code; to check it again while it runs
    // would take as long as the reading.
    @exclusivity(unchecked) private(set) var options = BSONDecoder()
    @exclusivity(unchecked) private(set) var hasDefaultKeys = true
    @exclusivity(unchecked) private(set) var root: RawValue
    @exclusivity(unchecked) private var owner: BSONBuffer
    @exclusivity(unchecked) private var progress: UnsafeMutablePointer<Progress>
    @exclusivity(unchecked) private var capacity = 0
    @exclusivity(unchecked) private var containers = KeyedContainerCache<KeyedReaderScope>()
    private var fieldNames: [String: String] = [:]
    /// For each level of the path that was looked for last, its container and the element that the path goes through.
    var trail: [(base: UnsafeRawPointer, element: UnsafeRawPointer)] = []

    private static let pool: SparePool<DecodingState> = SparePool { pool.add($0) }
    private static let noOptions = BSONDecoder()
    private static var nothing: RawValue { RawValue(type: .document, base: BSONBuffer.emptyDocument.base, count: 5) }

    /// Calls `body` with a state that reads a value which `owner` keeps alive.
    ///
    /// A thread's state is used again, unless a type has kept a decoder: then it lives as long as that.
    static func with<Result>(
        _ options: BSONDecoder, _ root: RawValue, _ owner: BSONBuffer, _ body: (DecodingState) throws -> Result
    ) rethrows -> Result {
        var state = pool.take { DecodingState() }
        state.begin(options, root, owner)
        defer {
            if isKnownUniquelyReferenced(&state) {
                state.end()
                pool.giveBack(state)
            }
        }
        return try body(state)
    }

    private init() {
        owner = .emptyDocument
        root = Self.nothing
        progress = .allocate(capacity: Self.levels)
        capacity = Self.levels
    }

    deinit {
        leaveHeld()
        progress.deallocate()
    }

    /// How many levels there is room for at first.
    private static var levels: Int { 8 }

    private func begin(_ options: BSONDecoder, _ root: RawValue, _ owner: BSONBuffer) {
        self.options = options
        self.root = root
        self.owner = owner
        hasDefaultKeys = options.keyDecodingStrategy.isDefault
        forgetProgress(from: 0)
    }

    /// Ends a decoding, and forgets all that belongs to it.
    private func end() {
        leaveHeld()
        root = Self.nothing
        owner = .emptyDocument
        if !hasDefaultKeys { fieldNames = [:] }
        if !trail.isEmpty { trail = [] }
        options = Self.noOptions
    }

    /// Leaves the containers that somebody holds to a state of their own, which lives as long as they do.
    private func leaveHeld() {
        let held = containers.takeHeld()
        guard !held.isEmpty else { return }
        let heir = DecodingState()
        heir.begin(options, root, owner)
        for entry in held { entry.scope.place.pointee.state = .passUnretained(heir) }
        HeldContainers.shared.add(held, heir)
    }

    /// A container that reads a document by its keys.
    func container<Key: CodingKey>(
        _ type: Key.Type, _ value: RawValue, depth: Int
    ) throws -> KeyedDecodingContainer<Key> {
        guard value.type == .document else {
            throw mismatch([String: any Decodable].self, value, wanted: "an object")
        }
        guard depth <= CodingLimits.depth else { throw tooDeep(value) }
        let place = KeyedPlace(
            state: .passUnretained(self), base: value.base, count: value.count, depth: depth,
            converts: !hasDefaultKeys && !isDictionaryKey(type))
        let keys = ObjectIdentifier(type)
        if let (box, scope) = containers.free(keys) {
            scope.place.pointee = place
            return unsafeBitCast(box, to: KeyedDecodingContainer<Key>.self)
        }
        let scope = KeyedReaderScope(place)
        let container = KeyedDecodingContainer(KeyedReader<Key>(place: UnsafePointer(scope.place)))
        if !containers.add(container, keys, scope) {
            // Nobody will know when the container ends: what it reads must not.
            _ = Unmanaged.passRetained(scope)
            _ = Unmanaged.passRetained(self)
        }
        return container
    }

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
        let next = place.pointee.next
        if end - next >= 16, let start = _ShortText.end(of: name, at: next + 1),
            let value = RawValue.read(next.load(as: UInt8.self), start, limit: end - start)
        {
            place.pointee.last = next
            place.pointee.next = value.base + value.count
            return value
        }
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
        larger.update(from: progress, count: capacity)
        progress.deallocate()
        progress = larger
        let known = capacity
        capacity = depth * 2
        forgetProgress(from: known)
    }

    private func forgetProgress(from level: Int) {
        let none = Progress(base: nil, next: root.base, last: root.base)
        (progress + level).initialize(repeating: none, count: capacity - level)
    }
}
