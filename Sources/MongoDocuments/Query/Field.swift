/// A field of a document type, as filters, updates and orders name it: `$0.year`, `\.publisher.city`.
@dynamicMemberLookup
public struct Field<Root, Value: FieldValue>: Sendable {
    /// The dotted path of the field, as it is stored.
    public let _path: String

    /// Names a field.
    public init(_ path: String) { _path = path }
}

extension Field where Value: _EmbeddedContainer {
    /// A field of the embedded type. Through an array it means the field of any element.
    public subscript<Inner>(
        dynamicMember member: KeyPath<Value._Inner.Fields, Field<Value._Inner, Inner>>
    ) -> Field<Root, Inner> {
        Field<Root, Inner>("\(_path).\(Value._Inner.Fields()[keyPath: member]._path)")
    }
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
