internal import BSON
internal import MongoProtocol

/// Reads the projection of a `find`.
struct ProjectionParser {
    private let variables: ExpressionVariables
    private let scope: ExpressionScope
    private var root = Projection.Level()
    private var mode: Projection.Mode?
    /// What is said of `_id` itself; nil where nothing is.
    private var keepsID: Bool?
    private(set) var hasPositional = false
    private var hasElemMatch = false
    private var hasSlice = false

    init(_ variables: ExpressionVariables) {
        self.variables = variables
        scope = ExpressionScope(variables: variables.names)
    }

    /// The fields, and what becomes of those that are not named.
    func finish() -> (Projection.Level, Projection.Mode) {
        var level = root
        let mode: Projection.Mode
        if let known = self.mode {
            mode = known
        } else if let keepsID {
            mode = keepsID ? .inclusion : .exclusion
        } else {
            mode = hasElemMatch && !hasSlice ? .inclusion : .exclusion
        }
        level.fields.removeAll { field in
            guard field.name == "_id" else { return false }
            // `_id: 1` beside fields to drop, and `_id: 0` beside fields to keep, name what is done anyway.
            switch field.action {
            case .keep: return mode == .exclusion
            case .drop: return mode == .inclusion
            default: return false
            }
        }
        if mode == .inclusion, keepsID == nil, !level.fields.contains(where: { $0.name == "_id" }) {
            level.fields.insert(Projection.Field("_id", .keep), at: 0)
        }
        return (level, mode)
    }

    mutating func parse(_ projection: BSONDocument) throws {
        try parse(projection, below: [])
        if hasPositional, hasElemMatch {
            throw MongoError(.init(31256), "Cannot specify positional operator and $elemMatch.")
        }
    }

    private mutating func parse(_ projection: BSONDocument, below prefix: [String]) throws {
        for (key, value) in projection {
            if key.isEmpty { throw MongoError(.init(40352), "FieldPath cannot be constructed with empty string") }
            if key.hasSuffix(".$") {
                try positional(prefix + (try ExpressionPath(String(key.dropLast(2))).parts), value)
            } else {
                if key.contains(".$.") {
                    throw MongoError(
                        .init(31394),
                        "As of 4.4, it's illegal to specify positional operator in the middle of a path. "
                            + "Positional projection may only be used at the end.")
                }
                try field(prefix + (try ExpressionPath(key).parts), value)
            }
        }
    }

    private mutating func positional(_ path: [String], _ value: BSONValue) throws {
        switch value {
        case .bool, .int32, .int64, .double, .decimal128: break
        case .document:
            throw MongoError(
                .init(31271), "positional projection cannot be used with an expression or sub object")
        default: throw MongoError(.init(31308), "positional projection cannot be used with a literal")
        }
        guard value.isTruthy else {
            throw MongoError(.init(31395), "positional projection cannot be used with exclusion")
        }
        if hasPositional {
            throw MongoError(.init(31276), "Cannot specify more than one positional projection per query.")
        }
        hasPositional = true
        try select(true, path, isPositional: true)
    }

    private mutating func field(_ path: [String], _ value: BSONValue) throws {
        switch value {
        case .bool, .int32, .int64, .double, .decimal128: try select(value.isTruthy, path)
        case .document(let document):
            guard let first = document.keys.first else {
                throw MongoError(
                    .init(51270),
                    "An empty sub-projection is not a valid value. Found empty object at path "
                        + path.joined(separator: "."))
            }
            guard first.utf8.first == UInt8(ascii: "$") else { return try parse(document, below: path) }
            if first != "$meta", first != "$elemMatch", document.keys.count == 1, !ExpressionOperators.contains(first) {
                throw MongoError(.init(31325), "Unknown expression \(first)")
            }
            switch first {
            case "$slice": try slice(path, document)
            case "$elemMatch": try elemMatch(path, document)
            case "$meta": throw MongoError(.badValue, "$meta in a projection is not supported yet")
            default: try compute(path, value)
            }
        default: try compute(path, value)
        }
    }

    private mutating func select(_ keeps: Bool, _ path: [String], isPositional: Bool = false) throws {
        if path == ["_id"] {
            keepsID = keeps
        } else {
            let wanted = keeps ? Projection.Mode.inclusion : .exclusion
            if let mode, mode != wanted {
                let name = path.joined(separator: ".")
                throw keeps
                    ? MongoError(.init(31253), "Cannot do inclusion on field \(name) in exclusion projection")
                    : MongoError(.init(31254), "Cannot do exclusion on field \(name) in inclusion projection")
            }
            mode = wanted
        }
        try root.insert(keeps ? .keep : .drop, path[...], isPositional: isPositional)
    }

    private mutating func compute(_ path: [String], _ value: BSONValue) throws {
        if mode == .exclusion {
            throw MongoError(.init(31252), "Cannot use expression other than $meta in exclusion projection")
        }
        mode = .inclusion
        try root.insert(.compute(try scope.compile(value)), path[...])
    }

    private mutating func elemMatch(_ path: [String], _ document: BSONDocument) throws {
        guard path.count == 1 else {
            throw MongoError(.badValue, "Cannot use $elemMatch projection on a nested field.")
        }
        guard document["$elemMatch"]?.document != nil else {
            throw MongoError(.init(31274), "elemMatch: Invalid argument, object required, but got: \(document)")
        }
        let predicates = try FilterParser(variables: variables.names).predicates(document)
        guard predicates.count == 1, let elementIndex = predicates.first?.elementIndex else {
            throw MongoError(.badValue, "an $elemMatch projection must have exactly one operator: \(document)")
        }
        hasElemMatch = true
        try root.insert(.firstElement(elementIndex), path[...])
    }

    private mutating func slice(_ path: [String], _ document: BSONDocument) throws {
        guard document.keys.count == 1, let argument = document["$slice"] else {
            return try compute(path, .document(document))
        }
        let slicing: ArraySlicing
        if argument.isNumber {
            let count = Self.clamped(argument)
            slicing = ArraySlicing(skip: count < 0 ? count : 0, limit: count < 0 ? nil : count)
        } else if let list = argument.array.map({ Array($0) }), list.count > 2, list[0].isNumber {
            throw MongoError(
                .init(28667),
                "Invalid $slice syntax. The given syntax \(document) did not match the find() syntax because :: "
                    + "Location31272: $slice array argument should be of form [skip, limit]")
        } else if let list = argument.array.map({ Array($0) }), list.count == 2, list.allSatisfy(\.isNumber) {
            let limit = Self.clamped(list[1])
            guard limit > 0 else { throw MongoError(.init(28724), "$slice limit must be positive") }
            slicing = ArraySlicing(skip: Self.clamped(list[0]), limit: limit)
        } else {
            // What is no slice of `find` may be the aggregation expression of that name.
            if argument.array == nil || argument.array?.count == 1 {
                throw MongoError(
                    .init(28667),
                    "Invalid $slice syntax. The given syntax \(document) did not match the find() syntax because :: "
                        + "Location31273: $slice only supports numbers and [skip, limit] arrays")
            }
            return try compute(path, .document(document))
        }
        hasSlice = true
        try root.insert(.slice(slicing), path[...])
    }

    /// A number without its fraction, as near as an array's length can be to it.
    private static func clamped(_ value: BSONValue) -> Int {
        guard let number = value.double, !number.isNaN else { return 0 }
        return Int(max(-0x7FFF_FFFF, min(0x7FFF_FFFF, number)))
    }
}

extension Projection.Field {
    init(_ name: String, _ action: Projection.Action, isPositional: Bool = false) {
        self.init(name: name, key: [UInt8](name.utf8), action: action, isPositional: isPositional)
    }
}

extension Projection.Level {
    /// Puts an action at the end of a path.
    /// - Throws: ``MongoError`` 31249 or 31250 where another path goes the same way.
    fileprivate mutating func insert(
        _ action: Projection.Action, _ path: ArraySlice<String>, isPositional: Bool = false
    ) throws {
        guard let name = path.first else { return }
        if case .compute = action { computes = true }
        let place = fields.firstIndex { $0.name == name }
        if path.count == 1 {
            if place != nil { throw MongoError(.init(31250), "Path collision at \(path.joined(separator: "."))") }
            fields.append(Projection.Field(name, action, isPositional: isPositional))
            return
        }
        let rest = path.dropFirst()
        guard let place else {
            var inner = Projection.Level()
            try inner.insert(action, rest, isPositional: isPositional)
            fields.append(Projection.Field(name, .descend(inner), isPositional: isPositional))
            return
        }
        guard case .descend(var inner) = fields[place].action else {
            throw MongoError(
                .init(31249),
                "Path collision at \(path.joined(separator: ".")) remaining portion \(rest.joined(separator: "."))")
        }
        try inner.insert(action, rest, isPositional: isPositional)
        fields[place].action = .descend(inner)
        if isPositional { fields[place].isPositional = true }
    }
}
