/// The keyed containers that a coder's state has made, to be used again.
///
/// The standard library keeps every keyed container in a box on the heap, an object of a generic class. To find the class for a
/// type of keys and to make the object takes as long as to code ten fields. So a box that nobody holds any more serves the
/// next document whose keys are of its type: what differs is in the scope that the container in it points to.
struct KeyedContainerCache<Scope: AnyObject> {
    /// A container and what it points to.
    struct Entry {
        fileprivate let keys: ObjectIdentifier
        /// Never nil; but an existential itself would be opened into a copy, which counts as one more holder.
        fileprivate var box: AnyObject?
        let scope: Scope

        /// Whether nobody holds the container.
        mutating func isFree() -> Bool { isKnownUniquelyReferenced(&box) }
    }

    /// More containers than are open at once where values are nested to the limit.
    private static var limit: Int { 128 }
    private var entries: [Entry] = []
    /// Those that somebody held when there were too many; they are not used again.
    private var surplus: [Entry] = []

    /// The box of a container for the keys of a type that nobody holds, and its scope.
    @inline(__always)
    mutating func free(_ keys: ObjectIdentifier) -> (box: AnyObject, scope: Scope)? {
        for index in entries.indices where entries[index].keys == keys && entries[index].isFree() {
            if let box = entries[index].box { return (box, entries[index].scope) }
        }
        return nil
    }

    /// Keeps a container.
    /// - Returns: Whether it is kept: what containers are made of is not public, and were it more than a box, none would be.
    mutating func add<Container>(_ container: Container, _ keys: ObjectIdentifier, _ scope: Scope) -> Bool {
        guard MemoryLayout<Container>.size == MemoryLayout<AnyObject>.size else { return false }
        if entries.count == Self.limit {
            surplus = takeHeld()
            entries.removeAll(keepingCapacity: true)
        }
        let box = unsafeBitCast(container, to: AnyObject.self)
        entries.append(Entry(keys: keys, box: box, scope: scope))
        return true
    }

    /// Takes the containers out that somebody holds, at a coding's end.
    mutating func takeHeld() -> [Entry] {
        var held: [Entry] = []
        for index in surplus.indices where !surplus[index].isFree() { held.append(surplus[index]) }
        surplus = []
        var index = 0
        while index < entries.count {
            if entries[index].isFree() { index += 1 } else { held.append(entries.remove(at: index)) }
        }
        return held
    }
}
