internal import BSON
internal import MongoProtocol

/// A field of the order that keyset pages follow.
public struct KeysetKey: Sendable, Hashable {
    /// The dotted path.
    public var path: String
    /// Whether the least comes first.
    public var isAscending: Bool
    /// Whether the field holds values of one type only, null and no value aside.
    public var isUniform: Bool

    /// Names a field.
    public init(path: String, isAscending: Bool, isUniform: Bool) {
        (self.path, self.isAscending, self.isUniform) = (path, isAscending, isUniform)
    }

    /// The field that no two documents have alike.
    static func id(isAscending: Bool = true, isUniform: Bool) -> KeysetKey {
        KeysetKey(path: "_id", isAscending: isAscending, isUniform: isUniform)
    }

    var isID: Bool { path == "_id" }

    /// The field's value in a document; null where it is missing, which sorts alike.
    /// - Throws: ``MongoError`` of kind `usage` where it is, or stands in, an array: such documents have no one place.
    func value(in document: BSONDocument) throws -> BSONValue {
        var current = BSONValue.document(document)
        for part in path.split(separator: ".") {
            guard case .document(let inner) = current else { return try place(of: current, isEnd: false) }
            current = inner[String(part)] ?? .null
        }
        return try place(of: current, isEnd: true)
    }

    private func place(of value: BSONValue, isEnd: Bool) throws -> BSONValue {
        switch value {
        case .array, .regularExpression:
            throw MongoError(.usage, "Keyset pages cannot be sorted by \(path), which holds \(value.type.alias) values")
        case .undefined: return .null
        default: return isEnd ? value : .null
        }
    }

    /// The condition that the field equals a value of ``value(in:)``.
    func equals(_ value: BSONValue) -> BSONDocument {
        // Null finds documents without the field, too.
        [path: value.isNull ? .null : ["$eq": value]]
    }

    /// The conditions that each place the field behind a value. Comparisons of MongoDB's stay within the value's own
    /// type, so each of the types behind has to be named.
    func isBehind(_ value: BSONValue, backward: Bool) -> [BSONDocument] {
        isAscending != backward ? isGreater(than: value) : isLess(than: value)
    }

    private func isGreater(than value: BSONValue) -> [BSONDocument] {
        if isUniform {
            return value.isNull ? [[path: ["$ne": .null]]] : [within(value, isGreater: true)].compactMap { $0 }
        }
        let own = Self.brackets.firstIndex { $0.contains(value.type) } ?? 0
        let types = Self.brackets[(own + 1)...].flatMap { $0 }.filter { $0 != .null && $0 != .undefined }
        return [
            within(value, isGreater: true), types.isEmpty ? nil : has(types),
            // What is missing has no type, and sorts as null.
            value.type == .minKey ? [path: .null] : nil,
        ].compactMap { $0 }
    }

    private func isLess(than value: BSONValue) -> [BSONDocument] {
        guard !value.isNull else { return isUniform ? [] : [has([.minKey])] }
        var all = [within(value, isGreater: false)].compactMap { $0 }
        if value.isNumber, value.double?.isNaN != true { all.append([path: .double(.nan)]) }
        // An _id is never missing.
        if !isID || !isUniform, value.type != .minKey { all.append([path: .null]) }
        if !isUniform {
            let own = Self.brackets.firstIndex { $0.contains(value.type) } ?? 0
            let types = Self.brackets[..<own].flatMap { $0 }.filter { $0 != .null && $0 != .undefined }
            if !types.isEmpty { all.append(has(types)) }
        }
        return all
    }

    /// The values of the same type that are greater, or less; nil where there can be none.
    private func within(_ value: BSONValue, isGreater: Bool) -> BSONDocument? {
        switch value {
        case .null, .minKey, .maxKey: nil
        case _ where value.isNumber && value.double?.isNaN == true:
            // NaN is the least of all numbers, and no comparison finds more than itself.
            isGreater ? [path: ["$gte": .double(-.infinity)]] : nil
        default: [path: [isGreater ? "$gt" : "$lt": value]]
        }
    }

    private func has(_ types: [BSONType]) -> BSONDocument {
        [path: ["$type": .array(BSONArray(types.map { .string($0.alias) }))]]
    }

    /// A bound that holds for everything behind a value, for an index to begin at; nil where there is none.
    func bound(_ value: BSONValue, backward: Bool) -> BSONDocument? {
        guard isUniform, !value.isNull, value.double?.isNaN != true else { return nil }
        if isAscending != backward { return [path: ["$gte": value]] }
        // What is missing sorts before everything, and no comparison finds it.
        return isID && !value.isNumber ? [path: ["$lte": value]] : nil
    }

    /// BSON's types in their order; those of one line compare with each other.
    private static let brackets: [[BSONType]] = [
        [.minKey], [.null, .undefined], [.double, .int32, .int64, .decimal128], [.string, .symbol], [.document],
        [.array], [.binary], [.objectID], [.bool], [.date], [.timestamp], [.regularExpression], [.dbPointer],
        [.javascript], [.javascriptWithScope], [.maxKey],
    ]
}
