import BSON

/// A document as Swift values, as a program has it before it is written: in the order it is written in, so that walking
/// it costs next to nothing beside writing.
struct Tree {
    private enum Kind {
        case field, item
        case document, array, end
    }

    private struct Step {
        var kind: Kind
        /// Nil for an array's items, which are named by their places as they are written.
        var key: String?
        var index = 0
        var value = BSONValue.null
    }

    private var steps: [Step] = []

    /// The tree of a document's own values.
    init(_ document: BSONDocument) {
        for (key, value) in document { add(key, 0, value) }
    }

    private mutating func add(_ key: String?, _ index: Int, _ value: BSONValue) {
        switch value {
        case .document(let document):
            steps.append(Step(kind: .document, key: key, index: index))
            for (key, value) in document { add(key, 0, value) }
            steps.append(Step(kind: .end))
        case .array(let array):
            steps.append(Step(kind: .array, key: key, index: index))
            for (index, value) in array.enumerated() { add(nil, index, value) }
            steps.append(Step(kind: .end))
        default: steps.append(Step(kind: key == nil ? .item : .field, key: key, index: index, value: value))
        }
    }

    /// The tree as bytes.
    func encoded() -> BSONDocument {
        var writer = BSONWriter()
        steps.withUnsafeBufferPointer { steps in
            for place in steps.indices {
                switch steps[place].kind {
                case .field: if let key = steps[place].key { writer.append(key, steps[place].value) }
                case .item: writer.append(index: steps[place].index, steps[place].value)
                case .document: Self.begin(.document, steps[place], &writer)
                case .array: Self.begin(.array, steps[place], &writer)
                case .end: writer.end()
                }
            }
        }
        return writer.finish()
    }

    private static func begin(_ type: BSONType, _ step: Step, _ writer: inout BSONWriter) {
        if let key = step.key { writer.begin(key, type) } else { writer.begin(index: step.index, type) }
    }
}
