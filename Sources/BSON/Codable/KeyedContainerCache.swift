/// The keyed containers that an encoder's state has made, to be used again.
///
/// The standard library keeps every keyed container in a box on the heap, an object of a generic class. To find the class for a
/// type of keys and to make the object takes as long as to write ten fields. So a box that nobody holds any more writes the
/// next document whose keys are of its type.
struct KeyedContainerCache {
    private struct Entry {
        let keys: ObjectIdentifier
        /// Never nil; but an existential itself would be opened into a copy, which counts as one more holder.
        var box: AnyObject?
        let scope: KeyedScope

        /// Whether nobody holds the container.
        mutating func isFree() -> Bool { isKnownUniquelyReferenced(&box) }
    }

    /// More types of keys than a document has, mostly; all are forgotten when there are more.
    private static let limit = 16
    private var entries: [Entry] = []

    /// A container for the keys of a type that writes to a frame.
    mutating func container<Key: CodingKey>(
        _ type: Key.Type, _ state: EncodingState, _ serial: Int
    ) -> KeyedEncodingContainer<Key> {
        let keys = ObjectIdentifier(type)
        for index in entries.indices where entries[index].keys == keys && entries[index].isFree() {
            entries[index].scope.bind(type, state, serial)
            if let box = entries[index].box { return unsafeBitCast(box, to: KeyedEncodingContainer<Key>.self) }
        }
        let scope = KeyedScope(type, state, serial)
        let container = KeyedEncodingContainer(KeyedWriter<Key>(state: state, scope: scope))
        // What the container is made of is not public: were it more than its box, none would be kept.
        guard MemoryLayout<KeyedEncodingContainer<Key>>.size == MemoryLayout<AnyObject>.size else { return container }
        if entries.count == Self.limit { entries.removeAll(keepingCapacity: true) }
        entries.append(Entry(keys: keys, box: unsafeBitCast(container, to: AnyObject.self), scope: scope))
        return container
    }

    /// Forgets the containers that somebody holds, at an encoding's end.
    mutating func removeHeld() {
        var index = 0
        while index < entries.count {
            if entries[index].isFree() { index += 1 } else { entries.remove(at: index) }
        }
    }
}

/// Which document a keyed container writes: apart from the container, so that the container can write another one later.
final class KeyedScope {
    /// The serial number of the document's frame.
    @exclusivity(unchecked) private(set) var serial: Int
    /// Whether the keys go through the key strategy.
    @exclusivity(unchecked) private(set) var converts = false

    init<Key: CodingKey>(_ type: Key.Type, _ state: EncodingState, _ serial: Int) {
        self.serial = serial
        bind(type, state, serial)
    }

    /// Turns to another document.
    @inline(__always)
    func bind<Key: CodingKey>(_ type: Key.Type, _ state: EncodingState, _ serial: Int) {
        self.serial = serial
        converts = !state.hasDefaultKeys && !isDictionaryKey(type)
    }
}
