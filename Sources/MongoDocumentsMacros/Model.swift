internal import SwiftSyntax
internal import SwiftSyntaxBuilder
internal import SwiftSyntaxMacros

/// A struct with its fields, and the extension that is written for it.
struct Model {
    let type: TypeSyntax
    let isDocument: Bool
    /// What stands before members that a protocol asks for: `public `, `package ` or nothing.
    let access: String
    let properties: [FieldProperty]
    /// Whether Swift gives the struct its memberwise initializer: it does where there is no other in the declaration.
    let hasMemberwise: Bool

    /// Reads a declaration; nil where the context was told of problems.
    init?(
        _ declaration: some DeclGroupSyntax, type: some TypeSyntaxProtocol, attribute: AttributeSyntax,
        isDocument: Bool,
        in context: some MacroExpansionContext
    ) {
        self.type = TypeSyntax(type).trimmed
        self.isDocument = isDocument
        guard let structure = declaration.as(StructDeclSyntax.self) else {
            Self.refuse(declaration, attribute, isDocument ? "Document" : "Embedded", in: context)
            return nil
        }
        var isSound = true
        if let parameters = structure.genericParameterClause {
            context.diagnose(.generic, at: parameters)
            isSound = false
        }
        access = Self.access(structure.modifiers)
        var reader = PropertyReader(context: context, isDocument: isDocument, owner: self.type)
        var hasMemberwise = true
        for member in structure.memberBlock.members {
            if let variable = member.decl.as(VariableDeclSyntax.self) { reader.read(variable) }
            if member.decl.is(InitializerDeclSyntax.self) { hasMemberwise = false }
            if let condition = member.decl.as(IfConfigDeclSyntax.self), condition.holdsStoredProperties {
                context.diagnose(.conditional, at: condition)
                isSound = false
            }
        }
        self.hasMemberwise = hasMemberwise
        if isDocument, isSound, reader.isSound, !reader.properties.contains(where: { $0.storedName == "_id" }) {
            Self.offerID(structure, in: context)
            isSound = false
        }
        reader.checkNames(in: structure.memberBlock.members)
        properties = reader.properties
        guard isSound, reader.isSound else { return nil }
    }

    private static func access(_ modifiers: DeclModifierListSyntax) -> String {
        for modifier in modifiers {
            switch modifier.name.tokenKind {
            case .keyword(.public): return "public "
            case .keyword(.package): return "package "
            case .keyword(.private), .keyword(.fileprivate): return "fileprivate "
            default: continue
            }
        }
        return ""
    }

    private static func refuse(
        _ declaration: some DeclGroupSyntax, _ attribute: AttributeSyntax, _ macro: String,
        in context: some MacroExpansionContext
    ) {
        guard let type = declaration.as(ClassDeclSyntax.self), type.inheritanceClause == nil else {
            context.diagnose(.notAStruct(macro), at: attribute)
            return
        }
        let keyword = type.classKeyword
        context.diagnose(
            .notAStruct(macro), at: keyword, "make it a struct", replace: keyword,
            with: keyword.with(\.tokenKind, .keyword(.struct)))
    }

    private static func offerID(_ structure: StructDeclSyntax, in context: some MacroExpansionContext) {
        let members = structure.memberBlock.members
        let indentation = members.first?.leadingTrivia ?? .newline + .spaces(4)
        var changed = Array(members)
        let declaration: DeclSyntax = "var id = ObjectID()"
        changed.insert(MemberBlockItemSyntax(leadingTrivia: indentation, decl: declaration), at: 0)
        context.diagnose(
            .missingID, at: structure.name, "add 'var id = ObjectID()'", replace: members,
            with: MemberBlockItemListSyntax(changed))
    }
}

extension IfConfigDeclSyntax {
    /// Whether a stored property stands in one of the branches.
    var holdsStoredProperties: Bool {
        clauses.contains { clause in
            guard case .decls(let members)? = clause.elements else { return false }
            return members.contains { member in
                if let inner = member.decl.as(IfConfigDeclSyntax.self) { return inner.holdsStoredProperties }
                guard let variable = member.decl.as(VariableDeclSyntax.self) else { return false }
                return !variable.modifiers.contains { $0.name.text == "static" }
                    && variable.bindings.contains { !$0.isComputed }
            }
        }
    }
}
