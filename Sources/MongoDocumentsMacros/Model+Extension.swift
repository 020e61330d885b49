internal import SwiftSyntax
internal import SwiftSyntaxBuilder

extension Model {
    /// The whole extension. Types are named with their module, so that none of the user's hides them.
    func extensionDeclaration(collection: ExprSyntax?) throws -> ExtensionDeclSyntax {
        let conformance = kind.macro
        let parts = [
            collection.map { "\(access)static var collectionName: String { \($0) }" }, fields, reading, writing, checks,
            indexes,
        ]
        return try ExtensionDeclSyntax(
            """
            extension \(type): MongoDocuments.\(raw: conformance) {
            \(raw: parts.compactMap { $0 }.joined(separator: "\n\n"))
            }
            """)
    }

    private var fields: String {
        let members = properties.map {
            "    \($0.access)var \($0.name): MongoDocuments.Field<\(type), \($0.type)> { .init(\($0.literal)) }"
        }
        return """
            \(access)struct Fields: MongoDocuments._FieldSet {
                \(access)init() {}
            \(members.joined(separator: "\n"))
            }
            """
    }

    private var reading: String {
        let lets = properties.map { property in
            let value = property.defaultValue.map { ", default: \($0)" } ?? ""
            return "    let \(property.local) = context.field(\(property.key), \(property.type).self, &reader\(value))"
        }
        let names = properties.map { "let \($0.local)" }.joined(separator: ", ")
        let end: [String]
        if properties.isEmpty {
            end = ["    self.init()"]
        } else if hasMemberwise {
            let arguments = properties.map { "\($0.label): \($0.local)" }.joined(separator: ", ")
            end = ["    guard \(names) else { throw MongoDocuments._Unreadable() }", "    self.init(\(arguments))"]
        } else {
            end =
                ["    guard \(names) else { throw MongoDocuments._Unreadable() }"]
                + properties.map { "    self.\($0.name) = \($0.local)" }
        }
        return """
            \(access)init(
                _ reader: inout BSON._BSONFieldReader, _ context: inout MongoDocuments._ReadContext
            ) throws(MongoDocuments._Unreadable) {
            \((lets + end).joined(separator: "\n"))
            }
            """
    }

    private var writing: String {
        let lines = properties.map { "    writer._field(\($0.key), self.\($0.name))" }
        return """
            \(access)func _writeFields(into writer: inout BSON.BSONWriter) {
            \(lines.joined(separator: "\n"))
            }
            """
    }

    private var checks: String {
        let lines = properties.flatMap { property in
            let rules = property.attribute?.rules ?? []
            let list = rules.map { ", \($0)" }.joined()
            let own = rules.isEmpty ? [] : ["    checks.field(\(property.literal), self.\(property.name)\(list))"]
            return own + ["    checks.nested(\(property.literal), self.\(property.name))"]
        }
        return """
            \(access)func _checkFields(_ checks: inout MongoDocuments._FieldChecks) {
            \(lines.joined(separator: "\n"))
            }
            """
    }

    private var indexes: String {
        let lines = properties.flatMap { property in
            let isUnique = property.attribute?.isUnique ?? false
            let hasIndex = isUnique || property.attribute?.isIndexed ?? false
            let own = hasIndex ? ["    list.add(\(property.literal), unique: \(isUnique))"] : []
            return own + ["    list.nested(\(property.literal), \(property.type).self)"]
        }
        return """
            \(access)static func _fieldIndexes(_ list: inout MongoDocuments._IndexList) {
            \(lines.joined(separator: "\n"))
            }
            """
    }
}
