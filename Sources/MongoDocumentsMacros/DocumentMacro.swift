internal import SwiftParser
public import SwiftSyntax
public import SwiftSyntaxMacros

/// `@Document("books")`: an extension with the conformance, the fields and direct reading and writing of BSON.
public struct DocumentMacro: ExtensionMacro {
    /// Writes the extension.
    public static func expansion(
        of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        let name = CollectionName(node, in: context)
        guard let model = Model(declaration, type: type, attribute: node, .document, in: context), let name
        else { return [] }
        return [try model.extensionDeclaration(collection: name.expression)]
    }
}

/// `@Embedded`: what `@Document` does, without a collection.
public struct EmbeddedMacro: ExtensionMacro {
    /// Writes the extension.
    public static func expansion(
        of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        guard let model = Model(declaration, type: type, attribute: node, .embedded, in: context) else {
            return []
        }
        return [try model.extensionDeclaration(collection: nil)]
    }
}

/// `@Row`: an extension with the conformance, and direct reading and writing of columns.
public struct RowMacro: ExtensionMacro {
    /// Writes the extension.
    public static func expansion(
        of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol, conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        guard let model = Model(declaration, type: type, attribute: node, .row, in: context) else { return [] }
        return [try model.rowExtension()]
    }
}

/// `@Field(…)` and `@ColumnName(…)` expand to nothing: the macro of the type reads it.
public struct FieldMacro: PeerMacro {
    /// Gives no declarations.
    public static func expansion(
        of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] { [] }
}

/// The argument of `@Document`.
struct CollectionName {
    let expression: ExprSyntax

    /// Takes any expression; a literal is checked here.
    init?(_ node: AttributeSyntax, in context: some MacroExpansionContext) {
        guard let argument = node.arguments?.as(LabeledExprListSyntax.self)?.first else { return nil }
        if let literal = argument.expression.as(StringLiteralExprSyntax.self),
            let text = literal.representedLiteralValue,
            text.isEmpty || text.contains("$") || text.contains("\0") || text.hasPrefix("system.")
        {
            context.diagnose(.badCollectionName(text), at: argument.expression)
            return nil
        }
        expression = argument.expression.trimmed
    }
}
