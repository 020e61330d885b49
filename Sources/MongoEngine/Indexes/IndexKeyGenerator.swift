internal import BSON
internal import MongoProtocol

/// Makes the keys that a document has in an index.
///
/// Follows MongoDB: a missing field counts as null, an empty array as undefined, every other array gives a key for each
/// of its elements, and a compound index takes one array on its way only.
struct IndexKeyGenerator: Sendable {
    /// One part of the key, its path split once.
    private struct Part: Sendable {
        let path: FieldPath
        let descending: Bool
    }

    /// Where a part stands while a document is walked.
    private enum Place {
        /// Its value; nil where the path leads nowhere.
        case found(RawValue?)
        /// An array in its way: the part goes on behind it with the component of this number.
        case array(RawValue, next: Int)
        /// An empty array at the end of the path.
        case emptyArray
    }

    private let parts: [Part]

    init(_ parts: [IndexDefinition.Part]) {
        self.parts = parts.map { Part(path: FieldPath($0.path), descending: $0.descending) }
    }

    /// The keys of a document, without duplicates, and whether an array was on a path of the index.
    /// - Throws: `CannotIndexParallelArrays` (171) where two parts lead through different arrays.
    func keys(of document: RawDocument) throws -> (keys: [[UInt8]], isMultikey: Bool) {
        let places = parts.map { walk($0.path, from: 0, in: document) }
        if let key = plainKey(places) { return ([key], false) }
        var keys: [[UInt8]] = []
        try expand(places, into: &keys)
        if keys.count > 1 {
            var seen = Set<[UInt8]>(minimumCapacity: keys.count)
            keys.removeAll { !seen.insert($0).inserted }
        }
        return (keys, true)
    }

    /// The key of a document without arrays on the paths; nil where there is one.
    private func plainKey(_ places: [Place]) -> [UInt8]? {
        var key: [UInt8] = []
        key.reserveCapacity(16 &* parts.count)
        for (part, place) in zip(parts, places) {
            guard case .found(let value) = place else { return nil }
            Self.append(value, part, to: &key)
        }
        return key
    }

    /// Goes down from `document` until the path ends or an array is in the way.
    private func walk(_ path: FieldPath, from start: Int, in document: RawDocument) -> Place {
        var document = document
        var index = start
        while index < path.parts.count {
            guard let value = path.parts[index].value(in: document) else { return .found(nil) }
            index += 1
            if value.type == .array { return arrive(at: value, path, next: index) }
            if index == path.parts.count { return .found(value) }
            guard value.type == .document else { return .found(nil) }
            document = value.document
        }
        return .found(nil)
    }

    /// What an array is to a path: a number in the path names one element of it.
    private func arrive(at array: RawValue, _ path: FieldPath, next: Int) -> Place {
        if next == path.parts.count { return array.document.isEmpty ? .emptyArray : .array(array, next: next) }
        guard let position = path.parts[next].arrayIndex, let element = array.document.element(position) else {
            return .array(array, next: next)
        }
        if next + 1 == path.parts.count {
            return element.type == .array ? arrive(at: element, path, next: next + 1) : .array(array, next: next)
        }
        return .array(array, next: next)
    }

    /// Replaces the array that parts wait at by each of its elements in turn.
    private func expand(_ places: [Place], into keys: inout [[UInt8]]) throws {
        var array: (value: RawValue, part: Int)?
        for (number, place) in places.enumerated() {
            guard case .array(let value, _) = place else { continue }
            if let array, array.value.base != value.base {
                throw MongoError(
                    .cannotIndexParallelArrays,
                    "cannot index parallel arrays [\(name(number))] [\(name(array.part))]")
            }
            array = array ?? (value, number)
        }
        guard let array else {
            var key: [UInt8] = []
            for (part, place) in zip(parts, places) {
                if case .found(let value) = place {
                    Self.append(value, part, to: &key)
                } else {
                    KeyEncoding.append(.undefined, to: &key, descending: part.descending)
                }
            }
            keys.append(key)
            return
        }
        if array.value.document.isEmpty {
            // Only parts that go on behind the empty array wait here.
            try expand(places.map { if case .array = $0 { .found(nil) } else { $0 } }, into: &keys)
            return
        }
        var position = 0
        for element in array.value.document {
            var inner = places
            var alternatives: [(Int, Place)] = []
            for (number, place) in places.enumerated() {
                guard case .array(_, let next) = place else { continue }
                inner[number] = descend(element.value, position, parts[number].path, next, number, &alternatives)
            }
            try expand(inner, into: &keys)
            for (number, place) in alternatives {
                var other = inner
                other[number] = place
                try expand(other, into: &keys)
            }
            position += 1
        }
    }

    /// Where a part goes on from one element of an array.
    private func descend(
        _ element: RawValue, _ position: Int, _ path: FieldPath, _ next: Int, _ number: Int,
        _ alternatives: inout [(Int, Place)]
    ) -> Place {
        if next == path.parts.count { return .found(element) }
        var named = Place.found(nil)
        if element.type == .document { named = walk(path, from: next, in: element.document) }
        guard path.parts[next].arrayIndex == position else { return named }
        // The number names this element by its place; a field of that name inside it counts as well.
        if element.type == .document, path.parts[next].value(in: element.document) != nil {
            alternatives.append((number, named))
        }
        if next + 1 == path.parts.count { return .found(element) }
        switch element.type {
        case .document: return walk(path, from: next + 1, in: element.document)
        case .array: return arrive(at: element, path, next: next + 1)
        default: return .found(nil)
        }
    }

    private func name(_ part: Int) -> String {
        String(decoding: parts[part].path.parts.last?.key ?? [], as: UTF8.self)
    }

    private static func append(_ value: RawValue?, _ part: Part, to key: inout [UInt8]) {
        if let value {
            KeyEncoding.append(value, to: &key, descending: part.descending)
        } else {
            let null = KeyEncoding.prefix(of: .null)
            key.append(part.descending ? ~null : null)
        }
    }
}

extension RawDocument {
    /// The value at a place of an array.
    fileprivate func element(_ position: Int) -> RawValue? {
        var index = 0
        for element in self {
            if index == position { return element.value }
            index += 1
        }
        return nil
    }
}
