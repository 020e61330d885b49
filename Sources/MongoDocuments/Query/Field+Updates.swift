internal import BSON

extension Field {
    /// Gives the field this value. Nil is stored as null; ``unset()`` removes the field.
    public func set(_ value: Value) -> Update<Root> { Update("$set", _path, value.bsonValue) }

    /// Gives the field this value where the update inserts the document.
    public func setOnInsert(_ value: Value) -> Update<Root> { Update("$setOnInsert", _path, value.bsonValue) }
}

extension Field where Value: OptionalFieldValue {
    /// Removes the field.
    public func unset() -> Update<Root> { Update("$unset", _path, "") }
}

extension Field where Value: NumericFieldValue {
    /// Adds to the number; a missing one counts as zero.
    public func increment(by amount: Value) -> Update<Root> { Update("$inc", _path, amount.bsonValue) }

    /// Multiplies the number.
    public func multiply(by factor: Value) -> Update<Root> { Update("$mul", _path, factor.bsonValue) }
}

extension Field where Value: OrderedFieldValue {
    /// Gives the field this value where it is greater.
    public func lower(to value: Value) -> Update<Root> { Update("$min", _path, value.bsonValue) }

    /// Gives the field this value where it is less.
    public func raise(to value: Value) -> Update<Root> { Update("$max", _path, value.bsonValue) }
}

extension Field where Value: ArrayFieldValue {
    /// Appends an element.
    public func push(_ element: Value.FieldElement) -> Update<Root> { Update("$push", _path, element.bsonValue) }

    /// Appends elements.
    /// - Parameter last: How many elements are kept at the end of the array; nil for all.
    public func push(contentsOf elements: some Sequence<Value.FieldElement>, keepingLast last: Int? = nil) -> Update<
        Root
    > {
        var fields: [(String, BSONValue)] = [("$each", .array(BSONArray(elements.map(\.bsonValue))))]
        if let last { fields.append(("$slice", .int(last > 0 ? -last : 0))) }
        return Update("$push", _path, .document(BSONDocument(fields: fields)))
    }

    /// Appends an element where none is equal.
    public func addToSet(_ element: Value.FieldElement) -> Update<Root> {
        Update("$addToSet", _path, ["$each": [element.bsonValue]])
    }

    /// Appends those elements that are not there yet.
    public func addToSet(contentsOf elements: some Sequence<Value.FieldElement>) -> Update<Root> {
        Update("$addToSet", _path, ["$each": .array(BSONArray(elements.map(\.bsonValue)))])
    }

    /// Removes all elements that are equal.
    public func pull(_ element: Value.FieldElement) -> Update<Root> {
        Update("$pullAll", _path, [element.bsonValue])
    }

    /// Removes all elements that equal one of these.
    public func pull(contentsOf elements: some Sequence<Value.FieldElement>) -> Update<Root> {
        Update("$pullAll", _path, .array(BSONArray(elements.map(\.bsonValue))))
    }

    /// Removes the first element.
    public func popFirst() -> Update<Root> { Update("$pop", _path, -1) }

    /// Removes the last element.
    public func popLast() -> Update<Root> { Update("$pop", _path, 1) }
}

extension Field where Value: ArrayFieldValue, Value.FieldElement: Embedded {
    /// Removes all elements that meet the condition.
    public func pull(
        where condition: (Value.FieldElement.Fields) -> Filter<Value.FieldElement>
    ) -> Update<Root> {
        Update("$pull", _path, .document(condition(Value.FieldElement.Fields()).document))
    }
}
