internal import SwiftSyntax
internal import SwiftSyntaxBuilder

/// What is written for a row. It calls nothing but public symbols of `SQLTables`.
extension Model {
    /// The extension with the conformance and the members that go with it.
    func rowExtension() throws -> ExtensionDeclSyntax {
        try ExtensionDeclSyntax(
            """
            extension \(type): SQLTables.SQLRowConvertible {
            \(raw: [columnNames, rowReading, rowWriting].joined(separator: "\n\n"))
            }
            """)
    }

    private var columnNames: String {
        let names = properties.map(\.literal).joined(separator: ", ")
        return "\(access)static var _columnNames: [Swift.String] { [\(names)] }"
    }

    private var rowReading: String {
        let lets = properties.enumerated().map { index, property in
            let value = property.defaultValue.map { ", default: \($0)" } ?? ""
            return "    let \(property.local) = try reader.read(\(index), \(property.type).self\(value))"
        }
        let end: [String]
        if hasMemberwise {
            let arguments = properties.map { "\($0.label): \($0.local)" }.joined(separator: ", ")
            end = ["    self.init(\(arguments))"]
        } else {
            end = properties.map { "    self.\($0.name) = \($0.local)" }
        }
        return """
            \(access)init(_ reader: SQLTables.SQLRowReader) throws(SQLTables.SQLError) {
            \((lets + end).joined(separator: "\n"))
            }
            """
    }

    private var rowWriting: String {
        let lines = properties.map { "    try writer.write(\($0.literal), self.\($0.name))" }
        return """
            \(access)func _writeColumns(into writer: inout SQLTables.SQLRowWriter) throws(SQLTables.SQLError) {
            \(lines.joined(separator: "\n"))
            }
            """
    }
}
