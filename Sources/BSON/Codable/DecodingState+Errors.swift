/// Errors name the path, the type wanted, the type found and the byte.
extension DecodingState {
    /// The coding path of a value or a container, found by its place in the bytes.
    ///
    /// Types that try one form and then another ask for it with every element: each level is searched from where the last
    /// search in the same container ended, so that all of them together walk it once.
    func path(_ target: UnsafeRawPointer) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var container = root
        while container.base < target, container.type == .document || container.type == .array {
            guard let holder = holder(of: target, in: container, level: path.count) else { break }
            let name = holder.keyString
            let index = container.type == .array ? Int(name) : nil
            path.append(index.map { PathKey(intValue: $0) } ?? PathKey(stringValue: name))
            container = holder.value
        }
        return path
    }

    /// The element that is at `target` or holds it.
    private func holder(of target: UnsafeRawPointer, in container: RawValue, level: Int) -> RawElement? {
        var elements = container.document.makeIterator()
        if level < trail.count, trail[level].base == container.base, trail[level].element < target {
            elements = RawDocument.Iterator(cursor: trail[level].element, end: elements.end)
        }
        while let element = elements.next() {
            guard target < element.value.base + max(element.value.count, 1) else { continue }
            if level >= trail.count {
                trail.append((container.base, element.start))
            } else if trail[level].element != element.start {
                trail.removeSubrange(level...)
                trail.append((container.base, element.start))
            }
            return element.value.base <= target ? element : nil
        }
        return nil
    }

    /// The context of an error at a value.
    func context(_ target: UnsafeRawPointer, _ text: String) -> DecodingError.Context {
        let path = path(target)
        return DecodingError.Context(
            codingPath: path, debugDescription: "\(path.pathPrefix)\(text) at byte \(target - origin)")
    }

    /// Where the bytes begin that offsets count from.
    private var origin: UnsafeRawPointer { root.base }

    /// The error for a value of another type than was wanted, null included.
    @inline(never)
    func mismatch<T>(_ type: T.Type, _ value: RawValue, wanted: String? = nil) -> DecodingError {
        let wanted = wanted ?? Self.words(for: type)
        let context = context(value.base, "expected \(wanted), found \(value.type.words)")
        return value.type == .null || value.type == .undefined
            ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    /// The error for a number that the type wanted cannot hold.
    @inline(never)
    func unfit<T>(_ type: T.Type, _ value: RawValue) -> DecodingError {
        .dataCorrupted(context(value.base, "the \(value.type.alias) \(bsonValue(value)) does not fit into \(type)"))
    }

    /// The error for a value that has the right type and does not say what it should.
    @inline(never)
    func corrupted(_ value: RawValue, _ text: String) -> DecodingError {
        .dataCorrupted(context(value.base, text))
    }

    /// The error for a value too deep for the thread's stack.
    @inline(never)
    func tooDeep(_ value: RawValue) -> DecodingError {
        corrupted(value, "values are nested deeper than \(CodingLimits.depth) levels")
    }

    /// The error for a field that is missing in the document at `base`.
    @inline(never)
    func missing(_ key: any CodingKey, _ name: String, _ base: UnsafeRawPointer) -> DecodingError {
        let path = path(base)
        let whole = path + [PathKey(stringValue: name)]
        let text = "\(whole.pathPrefix)missing in the document at byte \(base - origin)"
        return .keyNotFound(key, .init(codingPath: path, debugDescription: text))
    }

    /// The error for an element behind the last one of the array at `base`.
    @inline(never)
    func exhausted<T>(_ type: T.Type, _ base: UnsafeRawPointer, _ index: Int) -> DecodingError {
        let path = path(base) + [PathKey(intValue: index)]
        let text =
            "\(path.pathPrefix)expected \(Self.words(for: type)), found the end of the array at byte \(base - origin)"
        return .valueNotFound(type, .init(codingPath: path, debugDescription: text))
    }

    private static func words<T>(for type: T.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "a bool"
        case is any BinaryInteger.Type, is any BinaryFloatingPoint.Type: "a number"
        default: "\(type)"
        }
    }
}

extension BSONType {
    /// The type's alias with its article.
    var words: String {
        switch self {
        case .null, .undefined: alias
        case .array, .document, .objectID, .int32: "an \(alias)"
        default: "a \(alias)"
        }
    }
}
