internal import SwiftCompilerPlugin
internal import SwiftSyntaxMacros

@main
struct MongoDocumentsPlugin: CompilerPlugin {
    let providingMacros: [any Macro.Type] = [DocumentMacro.self, EmbeddedMacro.self, FieldMacro.self, RowMacro.self]
}
