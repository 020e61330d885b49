/// Makes a struct a collection: its stored properties are the fields of the documents.
///
/// ```swift
/// @Document("books")
/// struct Book {
///     var id = ObjectID()
///     @Field(.indexed) var title: String
///     var author: Ref<Author>
///     @Field(.range(1450...)) var year: Int
/// }
/// ```
///
/// `id` is stored as `_id`. A property without a default value is required when a document is read, unless it is
/// optional; fields that the type does not have are passed over, and a `save` does not keep them.
/// - Parameter collection: The name of the collection.
@attached(
    extension, conformances: Document, names: named(Fields), named(collectionName), named(init(_:_:)),
    named(_writeFields), named(_checkFields), named(_fieldIndexes))
public macro Document(_ collection: String) = #externalMacro(module: "MongoDocumentsMacros", type: "DocumentMacro")

/// Makes a struct a type that documents embed: its stored properties are the fields of the embedded document.
@attached(
    extension, conformances: Embedded, names: named(Fields), named(init(_:_:)), named(_writeFields),
    named(_checkFields), named(_fieldIndexes))
public macro Embedded() = #externalMacro(module: "MongoDocumentsMacros", type: "EmbeddedMacro")

/// Says more of a field of a `@Document` or `@Embedded` struct: its indexes and the rules for its values.
@attached(peer)
public macro Field(_ options: FieldOption...) = #externalMacro(module: "MongoDocumentsMacros", type: "FieldMacro")

/// Gives a field of a `@Document` or `@Embedded` struct another name in stored documents.
/// - Parameters:
///   - storedName: The name in stored documents: not empty, without dots, and not starting with a dollar sign.
///   - options: Indexes, and rules for the values.
@attached(peer)
public macro Field(_ storedName: String, _ options: FieldOption...) =
    #externalMacro(module: "MongoDocumentsMacros", type: "FieldMacro")
