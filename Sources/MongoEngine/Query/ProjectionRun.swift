internal import BSON
internal import MongoProtocol

/// One projection of one document.
struct ProjectionRun {
    let mode: Projection.Mode
    let document: BSONDocument
    let variables: ExpressionVariables
    /// The element that the filter matched in an array, for the positional `$`.
    let positionalElement: Int?

    /// Writes what remains of the fields of a document.
    /// - Parameters:
    ///   - isPositional: Whether a positional path leads here that met no array yet.
    ///   - arrayDepth: How many arrays directly inside each other the document stands in. A `$slice` goes through one.
    func write(
        _ input: RawDocument, _ level: Projection.Level, isPositional: Bool, arrayDepth: Int = 0,
        into writer: inout BSONWriter
    ) throws {
        var written: Set<Int> = []
        for element in input {
            guard let index = level.index(of: element.key) else {
                if mode == .exclusion { writer.append(element) }
                continue
            }
            let field = level.fields[index]
            let isPositional = isPositional && field.isPositional
            switch field.action {
            case .drop, .compute: break
            case .keep where isPositional && element.value.type == .array:
                writer.begin(field.name, .array)
                writer.append("0", try positionalValue(of: element.value))
                writer.end()
            case .keep: writer.append(element)
            case .slice where arrayDepth > 1: writer.append(element)
            case .slice(let slicing): Self.write(slicing, field.name, element.value, into: &writer)
            case .firstElement(let find):
                // Beside fields that are kept it stands behind them, elsewhere in its place.
                if mode == .exclusion { try Self.write(find, field.name, element.value, into: &writer) }
            case .descend(let inner):
                // Below an array inside an array no $slice applies any more.
                let depth = arrayDepth > 1 ? arrayDepth : 0
                if try write(
                    field.name, element.value, inner, isPositional: isPositional, arrayDepth: depth, into: &writer)
                {
                    written.insert(index)
                }
            }
        }
        guard mode == .inclusion else { return }
        for (index, field) in level.fields.enumerated() where !written.contains(index) {
            switch field.action {
            case .compute(let expression):
                if let value = try expression.evaluate(document, variables) { writer.append(field.name, value) }
            case .descend(let inner) where inner.computes: try writeNew(field.name, inner, into: &writer)
            default: break
            }
        }
        for field in level.fields {
            guard case .firstElement(let find) = field.action, let value = input[field.name] else { continue }
            try Self.write(find, field.name, value, into: &writer)
        }
    }

    /// Writes a value that the projection goes on below.
    /// - Returns: False where nothing was written.
    private func write(
        _ name: String, _ value: RawValue, _ level: Projection.Level, isPositional: Bool, arrayDepth: Int = 0,
        into writer: inout BSONWriter
    ) throws -> Bool {
        switch value.type {
        case .document:
            writer.begin(name)
            try write(value.document, level, isPositional: isPositional, arrayDepth: arrayDepth, into: &writer)
            writer.end()
        case .array where isPositional:
            let element = try positionalValue(of: value)
            writer.begin(name, .array)
            _ = try write("0", element, level, isPositional: false, arrayDepth: arrayDepth + 1, into: &writer)
            writer.end()
        case .array:
            writer.begin(name, .array)
            var position = 0
            for element in value.document
            where try write(
                String(position), element.value, level, isPositional: false, arrayDepth: arrayDepth + 1, into: &writer)
            {
                position += 1
            }
            writer.end()
        default:
            if mode == .exclusion {
                writer.append(name, value)
            } else if arrayDepth > 0, level.computes {
                try writeNew(name, level, into: &writer)
            } else {
                return false
            }
        }
        return true
    }

    /// Writes a document of nothing but computed fields.
    private func writeNew(_ name: String, _ level: Projection.Level, into writer: inout BSONWriter) throws {
        writer.begin(name)
        let empty = RawDocument(UnsafeRawBufferPointer(start: nil, count: 0))
        try write(empty, level, isPositional: false, into: &writer)
        writer.end()
    }

    private func positionalValue(of array: RawValue) throws -> RawValue {
        guard let positionalElement else {
            throw MongoError(
                .init(51246),
                "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching "
                    + "element in the array")
        }
        var index = 0
        for element in array.document {
            if index == positionalElement { return element.value }
            index += 1
        }
        throw MongoError(
            .init(51247),
            "Executor error during find command :: caused by :: positional operator '.$' element mismatch")
    }

    private static func write(
        _ slicing: ArraySlicing, _ name: String, _ value: RawValue, into writer: inout BSONWriter
    ) {
        guard value.type == .array else { return writer.append(name, value) }
        var count = 0
        for _ in value.document { count += 1 }
        let kept = slicing.range(count: count)
        writer.begin(name, .array)
        var index = 0
        for element in value.document {
            if kept.contains(index) { writer.append(String(index - kept.lowerBound), element.value) }
            index += 1
        }
        writer.end()
    }

    private static func write(
        _ find: (RawValue) throws -> Int?, _ name: String, _ value: RawValue, into writer: inout BSONWriter
    ) throws {
        guard let found = try find(value) else { return }
        var index = 0
        for element in value.document {
            if index == found {
                writer.begin(name, .array)
                writer.append("0", element.value)
                writer.end()
                return
            }
            index += 1
        }
    }
}
