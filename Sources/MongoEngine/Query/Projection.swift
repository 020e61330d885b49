internal import BSON
internal import MongoProtocol

/// The `projection` of `find` and `findAndModify`, made ready once.
struct Projection: Sendable {
    /// What becomes of the fields that the projection does not name.
    enum Mode: Sendable {
        /// They go: some fields were asked for.
        case inclusion
        /// They stay: some fields were asked to go, or nothing but parts of arrays was asked for.
        case exclusion
    }

    /// What becomes of a field.
    indirect enum Action: Sendable {
        case keep
        case drop
        case compute(CompiledExpression)
        case slice(ArraySlicing)
        /// The first element that meets an `$elemMatch`.
        case firstElement(@Sendable (RawValue) throws -> Int?)
        case descend(Level)
    }

    /// A field that the projection names.
    struct Field: Sendable {
        let name: String
        let key: [UInt8]
        var action: Action
        /// Whether a positional path (`a.b.$`) leads through or to it.
        var isPositional = false
    }

    /// The fields of one level, in the order they were written.
    struct Level: Sendable {
        var fields: [Field] = []
        /// Whether something is computed here or below.
        var computes = false

        /// The place of the field with this key.
        func index(of key: UnsafeRawBufferPointer) -> Int? {
            fields.firstIndex { $0.key.elementsEqual(key) }
        }
    }

    /// Whether documents come out as they are.
    let isIdentity: Bool
    /// Whether the fields named stay or go.
    let mode: Mode
    private let root: Level
    /// The filter that says which element the positional `$` is.
    private let positionalFilter: CompiledFilter?
    private let variables: ExpressionVariables

    /// Reads a projection.
    /// - Parameters:
    ///   - filter: The filter of the command, for the positional `$`.
    ///   - now: The instant that `$$NOW` stands for; the present one where none is given.
    ///   - variables: What the command's `let` defines.
    /// - Throws: ``MongoError`` with MongoDB's code and words where the projection is none.
    static func compile(
        _ projection: BSONDocument, filter: CompiledFilter?, now: BSONDate? = nil,
        variables: ExpressionVariables? = nil
    ) throws -> Projection {
        let variables =
            variables ?? ExpressionVariables(now: now ?? BSONDate(millisecondsSince1970: Clocks.now()))
        var parser = ProjectionParser(variables)
        try parser.parse(projection)
        let (root, mode) = parser.finish()
        if parser.hasPositional, filter == nil {
            throw MongoError(.badValue, "a positional projection needs a filter")
        }
        return Projection(
            isIdentity: root.fields.isEmpty && mode == .exclusion, mode: mode, root: root,
            positionalFilter: parser.hasPositional ? filter : nil,
            variables: variables)
    }

    /// The document that the projection makes of another.
    func apply(_ document: BSONDocument) throws -> BSONDocument {
        if isIdentity { return document }
        return try document.withRaw { raw in
            let element = try positionalFilter?.matchWithArrayIndex(raw).arrayIndex
            let run = ProjectionRun(
                mode: mode, document: document, variables: variables, positionalElement: element)
            var writer = BSONWriter(capacity: mode == .exclusion ? document.byteCount + 64 : 256)
            try run.write(raw, root, isPositional: positionalFilter != nil, into: &writer)
            return writer.finish()
        }
    }
}

/// The `$slice` of a projection: how many elements from where.
struct ArraySlicing: Sendable {
    /// Elements to pass over, counted from the end where negative.
    let skip: Int
    /// The most elements to give; nil where all that follow are.
    let limit: Int?

    /// The places to keep of an array with this many elements.
    func range(count: Int) -> Range<Int> {
        let start = skip < 0 ? max(0, count + skip) : min(skip, count)
        return start..<(limit.map { start + min($0, count - start) } ?? count)
    }
}
