internal import BSON

/// A dotted path, split once into the bytes of its keys.
///
/// Walking a document by it follows MongoDB's rules for arrays: a path goes through the elements of every array on its
/// way, and a number names an element by its place as well as a key of the embedded documents.
struct FieldPath: Sendable {
    /// One key of a path.
    struct Part: Sendable {
        /// The bytes of the key.
        let key: [UInt8]
        /// The place in an array that the key names, where it is a number as MongoDB writes them.
        let arrayIndex: Int?

        init(_ name: some StringProtocol) {
            key = [UInt8](name.utf8)
            // "01" and "+1" name keys only; nothing past nine digits names an element that fits into a document.
            let isNumber = !key.isEmpty && key.count <= 9 && key.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            arrayIndex = isNumber && (key.count == 1 || key[0] != 0x30) ? Int(String(name)) : nil
        }

        /// The value under this key.
        func value(in document: RawDocument) -> RawValue? {
            key.withUnsafeBytes { document[$0] }
        }
    }

    /// The path as it was written.
    let text: String
    /// Its keys; one at least.
    let parts: [Part]

    init(_ text: String) {
        self.text = text
        parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Part($0) }
    }

    /// Whether a walk hands out the elements of an array that the path ends at.
    enum Leaf {
        /// Each element, then the array itself.
        case elements
        /// Only the array itself.
        case whole
    }

    /// What a walk found: a value, or nil where the path leads nowhere, and where in the outermost array it was.
    typealias Visitor = (_ value: RawValue?, _ arrayIndex: Int?) throws -> Bool

    /// Hands out the values that the path leads to, until `visit` answers true.
    /// - Returns: Whether `visit` answered true.
    func first(in document: RawDocument, leaf: Leaf, where visit: Visitor) rethrows -> Bool {
        try walk(document, 0, leaf, nil, visit)
    }

    private func walk(
        _ document: RawDocument, _ start: Int, _ leaf: Leaf, _ arrayIndex: Int?, _ visit: Visitor
    ) rethrows -> Bool {
        var document = document
        var index = start
        while index < parts.count {
            guard let value = parts[index].value(in: document) else { return try visit(nil, arrayIndex) }
            index += 1
            switch value.type {
            case .array:
                if index == parts.count {
                    return try walkLeaf(value, leaf, arrayIndex, visit)
                }
                return try walkArray(value.document, index, leaf, arrayIndex, visit)
            case .document where index < parts.count:
                document = value.document
            default:
                return try visit(index == parts.count ? value : nil, arrayIndex)
            }
        }
        return false
    }

    private func walkLeaf(
        _ value: RawValue, _ leaf: Leaf, _ arrayIndex: Int?, _ visit: Visitor
    ) rethrows -> Bool {
        if case .elements = leaf {
            var position = 0
            for element in value.document {
                if try visit(element.value, arrayIndex ?? position) { return true }
                position += 1
            }
        }
        return try visit(value, arrayIndex)
    }

    /// Goes on through the elements of an array; scalars among them end no path, so they hand out nothing.
    private func walkArray(
        _ array: RawDocument, _ index: Int, _ leaf: Leaf, _ arrayIndex: Int?, _ visit: Visitor
    ) rethrows -> Bool {
        let named = parts[index].arrayIndex
        var position = 0
        for element in array {
            let value = element.value
            if value.type == .document,
                try walk(value.document, index, leaf, arrayIndex ?? position, visit)
            {
                return true
            }
            if position == named {
                if index + 1 == parts.count {
                    if try visit(value, arrayIndex ?? position) { return true }
                } else if value.type == .document {
                    if try walk(value.document, index + 1, leaf, arrayIndex, visit) { return true }
                } else if value.type == .array {
                    if try walkArray(value.document, index + 1, leaf, arrayIndex, visit) { return true }
                }
            }
            position += 1
        }
        return false
    }
}
