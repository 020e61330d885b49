@_exported public import SQLTables

/// Makes a struct a row: its stored properties are the columns, read and written without `Codable`.
///
/// ```swift
/// @Row struct Developer {
///     var id: Int
///     var firstName: String
///     @ColumnName("expertise") var expert: String?
/// }
/// let rows = try await engine.fetch(developers.select(), as: Developer.self)
/// try await engine.execute(developers.insert(encoding: rows[0], leavingOut: ["id"]))
/// ```
///
/// `firstName` is the column `firstName` or, where there is none, `first_name`; a `CodingKeys` of the struct counts as it
/// does for `Codable`. A property with a default value takes that where a result has no such column, an optional one
/// nil. What no column holds by itself, such as a list, is JSON text and has to be `Codable`.
@attached(
    extension, conformances: SQLRowConvertible, names: named(_columnNames), named(init(_:)), named(_writeColumns))
public macro Row() = #externalMacro(module: "MongoDocumentsMacros", type: "RowMacro")

/// Gives a property of a `@Row` struct a column of another name.
/// - Parameter name: The column's name, as the table declares it.
@attached(peer)
public macro ColumnName(_ name: String) = #externalMacro(module: "MongoDocumentsMacros", type: "FieldMacro")
