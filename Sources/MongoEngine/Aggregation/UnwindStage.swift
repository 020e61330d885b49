internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$unwind`: a document for each element of an array.
    static func unwind(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        var path: String?
        var indexField: String?
        var keepsEmpty = false
        switch value {
        case .string(let text): path = text
        case .document(let document):
            for (key, value) in document {
                switch key {
                case "path":
                    guard let text = value.string else {
                        throw MongoError(
                            .init(28808), "expected a string as the path for $unwind stage, got \(value.type.alias)")
                    }
                    path = text
                case "preserveNullAndEmptyArrays":
                    guard let flag = value.bool else {
                        throw MongoError(
                            .init(28809),
                            "expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got "
                                + value.type.alias)
                    }
                    keepsEmpty = flag
                case "includeArrayIndex":
                    guard let text = value.string, !text.isEmpty else {
                        throw MongoError(
                            .init(28810),
                            "expected a non-empty string for the includeArrayIndex  option to $unwind stage, got "
                                + value.type.alias)
                    }
                    if text.utf8.first == UInt8(ascii: "$") {
                        throw MongoError(
                            .init(28822),
                            "includeArrayIndex option to $unwind stage should not be prefixed with a '$': \(text)")
                    }
                    indexField = text
                default: throw MongoError(.init(28811), "unrecognized option to $unwind stage: \(key)")
                }
            }
        default:
            throw MongoError(
                .init(15981),
                "expected either a string or an object as specification for $unwind stage, got \(value.type.alias)")
        }
        guard let path, !path.isEmpty else { throw MongoError(.init(28812), "no path specified to $unwind stage") }
        guard path.utf8.first == UInt8(ascii: "$") else {
            throw MongoError(.init(28818), "path option to $unwind stage should be prefixed with a '$': \(path)")
        }
        let parts = try ExpressionPath(String(path.dropFirst())).parts
        let indexParts = try indexField.map { try ExpressionPath($0).parts }
        let keeps = keepsEmpty
        return [
            Stage(name: "$unwind") {
                UnwindSource($0, parts: parts, indexParts: indexParts, keepsEmpty: keeps)
            }
        ]
    }
}

/// Gives a document for each element of an array.
final class UnwindSource: DocumentSource {
    private let upstream: any DocumentSource
    private let parts: [String]
    private let indexParts: [String]?
    private let keepsEmpty: Bool
    /// The document with null in the array's place, so that no element's document is made by way of the whole array.
    private var current: (document: BSONDocument, elements: BSONArray.Iterator, index: Int64)?
    private var mustPause = false

    init(_ upstream: any DocumentSource, parts: [String], indexParts: [String]?, keepsEmpty: Bool) {
        self.upstream = upstream
        self.parts = parts
        self.indexParts = indexParts
        self.keepsEmpty = keepsEmpty
    }

    func next(_ context: ExecutionContext) throws -> Step {
        if mustPause {
            mustPause = false
            return .pause
        }
        while true {
            if let element = current?.elements.next(), let (document, _, index) = current {
                current?.index = index &+ 1
                mustPause = try context.countRow()
                return .document(result(document, element, .int64(index)))
            }
            current = nil
            switch try upstream.next(context) {
            case .document(let document):
                switch value(in: document) {
                case .array(let array)?:
                    guard array.isEmpty else {
                        current = (document.setting(parts[...], .null), array.makeIterator(), 0)
                        continue
                    }
                    if keepsEmpty { return .document(result(document, nil, .null)) }
                case nil, .null?, .undefined?:
                    if keepsEmpty { return .document(indexed(document, .null)) }
                case _?: return .document(indexed(document, .null))
                }
            case let other: return other
            }
        }
    }

    /// The value at the path; it goes through documents only.
    private func value(in document: BSONDocument) -> BSONValue? {
        var current = BSONValue.document(document)
        for part in parts {
            guard case .document(let inner) = current, let next = inner[part] else { return nil }
            current = next
        }
        return current
    }

    private func result(_ document: BSONDocument, _ element: BSONValue?, _ index: BSONValue) -> BSONDocument {
        indexed(document.setting(parts[...], element), index)
    }

    private func indexed(_ document: BSONDocument, _ index: BSONValue) -> BSONDocument {
        guard let indexParts else { return document }
        return document.setting(indexParts[...], index)
    }
}

extension BSONDocument {
    /// This document with the value at a path through documents set, or removed where it is nil. What is no document on
    /// the way becomes one.
    func setting(_ path: ArraySlice<String>, _ value: BSONValue?) -> BSONDocument {
        guard let first = path.first else { return self }
        if path.count == 1 { return setting(first, value) }
        let inner = self[first]?.document
        if inner == nil, value == nil { return self }
        return setting(first, .document((inner ?? BSONDocument()).setting(path.dropFirst(), value)))
    }
}
