public import MongoDocuments

/// Public, with a field that is not, and types of its own as fields.
@Document("things")
public struct Thing {
    /// The id.
    public var id = ObjectID()
    /// A type of its own.
    public var kind: Kind
    var part: Part
    private var note: String?

    /// What kinds there are.
    public enum Kind: String, FieldValue { case big, small }

    @Embedded
    struct Part { var weight: Double = 1 }
}
