/// A BSON array: values in order, kept as the bytes of a document whose keys are "0", "1" and so on.
public struct BSONArray: Sendable, Hashable {
    /// The array's bytes as a document.
    package let document: BSONDocument

    /// Takes a document's values as an array.
    package init(_ document: BSONDocument) { self.document = document }

    /// Makes an array of values.
    public init(_ values: some Sequence<BSONValue>) {
        var writer = BSONWriter()
        for (index, value) in values.enumerated() { writer.append(index: index, value) }
        document = writer.finish()
    }

    /// Whether the array has no values.
    public var isEmpty: Bool { document.isEmpty }

    /// The number of values; counting walks them.
    public var count: Int { document.withRaw { raw in raw.reduce(0) { count, _ in count + 1 } } }

    /// The value at `index`, or nil beyond the end; finding it walks the values before it.
    public subscript(index: Int) -> BSONValue? {
        guard index >= 0 else { return nil }
        return document.withRaw { raw in
            var position = 0
            for element in raw {
                if position == index { return BSONValue.read(element.value, owner: document.buffer) }
                position += 1
            }
            return nil
        }
    }
}

extension BSONArray: Sequence {
    /// Walks the values in order.
    public struct Iterator: IteratorProtocol {
        var fields: BSONDocument.Iterator
        /// The next value.
        public mutating func next() -> BSONValue? {
            guard let element = fields.raw.advance() else { return nil }
            return BSONValue.read(element.value, owner: fields.buffer)
        }

        /// How many bytes the values take that are left.
        public var _remainingByteCount: Int { fields.raw.end - fields.raw.cursor }

        /// The next value, for code that reads batches of documents; nil where it is no document, or there is none.
        public mutating func _nextDocument() -> BSONDocument? {
            guard let element = fields.raw.advance(), element.value.type == .document else { return nil }
            return BSONDocument(element.value.document, owner: fields.buffer)
        }
    }

    /// Walks the values in order.
    public func makeIterator() -> Iterator { Iterator(fields: document.makeIterator()) }

    /// At least zero values; counting them needs a walk.
    public var underestimatedCount: Int { 0 }
}

extension BSONArray: ExpressibleByArrayLiteral {
    /// Makes an array of values.
    public init(arrayLiteral elements: BSONValue...) { self.init(elements) }
}
