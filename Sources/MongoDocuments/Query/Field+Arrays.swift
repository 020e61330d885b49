internal import BSON

extension Field where Value: ArrayFieldValue {
    /// An element has this value.
    public func contains(_ element: Value.FieldElement) -> Filter<Root> { Filter(_path, "$eq", element.bsonValue) }

    /// There is an element for each of these values.
    public func containsAll(_ elements: some Sequence<Value.FieldElement>) -> Filter<Root> {
        Filter(_path, "$all", .array(BSONArray(elements.map(\.bsonValue))))
    }

    /// An element has one of these values.
    public func containsAny(of elements: some Sequence<Value.FieldElement>) -> Filter<Root> {
        Filter(_path, "$in", .array(BSONArray(elements.map(\.bsonValue))))
    }

    /// The array has this many elements.
    public func hasCount(_ count: Int) -> Filter<Root> { Filter(_path, "$size", .int(count)) }
}

extension Field where Value: ArrayFieldValue, Value.FieldElement: Embedded {
    /// One and the same element meets the whole condition.
    public func any(
        _ condition: (Value.FieldElement.Fields) -> Filter<Value.FieldElement>
    ) -> Filter<Root> {
        Filter(_path, "$elemMatch", .document(condition(Value.FieldElement.Fields()).document))
    }
}
