public import BSON

// One overload for each operator: more of them make the type checker slow.

extension Field {
    /// The field has this value; of an array, the array itself. Nil matches missing fields too.
    public static func == (field: Field, value: Value) -> Filter<Root> { field.compare("$eq", value) }

    /// The field has another value, or none.
    public static func != (field: Field, value: Value) -> Filter<Root> { field.compare("$ne", value) }

    /// The field has one of these values.
    public func isIn(_ values: some Sequence<Value>) -> Filter<Root> { compare("$in", values) }

    /// The field has none of these values.
    public func isNotIn(_ values: some Sequence<Value>) -> Filter<Root> { compare("$nin", values) }

    /// The field is there, even if it is null.
    public func exists(_ exists: Bool = true) -> Filter<Root> { Filter(_path, "$exists", .bool(exists)) }

    /// The field is of this BSON type.
    public func hasType(_ type: BSONType) -> Filter<Root> { Filter(_path, "$type", .string(type.alias)) }

    /// Any operator of MongoDB, for those that have no method here.
    public func matches(operator name: String, _ value: BSONValue) -> Filter<Root> { Filter(_path, name, value) }

    func compare(_ operation: String, _ value: Value) -> Filter<Root> { Filter(_path, operation, value.bsonValue) }

    private func compare(_ operation: String, _ values: some Sequence<Value>) -> Filter<Root> {
        Filter(_path, operation, .array(BSONArray(values.map(\.bsonValue))))
    }
}

extension Field where Value: OrderedFieldValue {
    /// The field is less.
    public static func < (field: Field, value: Value) -> Filter<Root> { field.compare("$lt", value) }
    /// The field is less or equal.
    public static func <= (field: Field, value: Value) -> Filter<Root> { field.compare("$lte", value) }
    /// The field is greater.
    public static func > (field: Field, value: Value) -> Filter<Root> { field.compare("$gt", value) }
    /// The field is greater or equal.
    public static func >= (field: Field, value: Value) -> Filter<Root> { field.compare("$gte", value) }
}

extension Field where Value: OrderedFieldValue & Comparable {
    /// The field is within the range.
    public func isIn(_ range: ClosedRange<Value>) -> Filter<Root> {
        compare("$gte", range.lowerBound) && compare("$lte", range.upperBound)
    }
    /// The field is within the range.
    public func isIn(_ range: Range<Value>) -> Filter<Root> {
        compare("$gte", range.lowerBound) && compare("$lt", range.upperBound)
    }
}

extension Field where Value: FixedWidthInteger & NumericFieldValue {
    /// The remainder of a division is this.
    public func isMultiple(of divisor: Int, remainder: Int = 0) -> Filter<Root> {
        Filter(_path, "$mod", [.int(divisor), .int(remainder)])
    }
}
