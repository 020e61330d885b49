/// A field of a document type, as filters, updates and orders name it: `$0.year`, `\.publisher.city`.
@dynamicMemberLookup
public struct Field<Root, Value: FieldValue>: Sendable {
    /// The dotted path of the field, as it is stored.
    public let _path: String
    /// The fields that lead here from one that the root declares, each with the type that declares it; empty for a field
    /// of the root's own, and for elements of arrays and dictionaries.
    let steps: [FieldStep]

    /// Names a field.
    public init(_ path: String) {
        _path = path
        steps = []
    }

    init(_ path: String, steps: [FieldStep]) {
        _path = path
        self.steps = steps
    }
}

extension Field where Value: _EmbeddedContainer {
    /// A field of the embedded type. Through an array it means the field of any element.
    public subscript<Inner>(
        dynamicMember member: KeyPath<Value._Inner.Fields, Field<Value._Inner, Inner>>
    ) -> Field<Root, Inner> {
        let inner = Value._Inner.Fields()[keyPath: member]
        return Field<Root, Inner>(
            "\(_path).\(inner._path)", steps: steps + [FieldStep(owner: Value._Inner.self, name: inner._path)])
    }
}

/// A field within an embedded type.
struct FieldStep: Sendable {
    /// The type that declares it.
    let owner: any Embedded.Type
    /// Its name, as it is stored.
    let name: String
}

extension Field where Value: DictionaryFieldValue {
    /// The value of a key.
    public subscript(key: String) -> Field<Root, Value.FieldElement?> {
        Field<Root, Value.FieldElement?>("\(_path).\(key)")
    }
}

extension Field where Value: ArrayFieldValue {
    /// The element at a place, from 0.
    public subscript(index: Int) -> Field<Root, Value.FieldElement> {
        Field<Root, Value.FieldElement>("\(_path).\(index)")
    }
}
