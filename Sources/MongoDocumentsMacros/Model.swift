internal import SwiftParser
internal import SwiftSyntax
internal import SwiftSyntaxBuilder
internal import SwiftSyntaxMacros

/// What a macro makes of a struct.
enum ModelKind {
    case document, embedded, row

    /// The macro of the type.
    var macro: String {
        switch self {
        case .document: "Document"
        case .embedded: "Embedded"
        case .row: "Row"
        }
    }

    /// The macro of a property.
    var attribute: String { self == .row ? "ColumnName" : "Field" }

    /// Whether a property can have this name in what is stored.
    func takes(name: String) -> Bool {
        guard !name.isEmpty, !name.contains("\0") else { return false }
        return self == .row || !name.hasPrefix("$") && !name.contains(".")
    }
}

/// A struct with its fields, and the extension that is written for it.
struct Model {
    let type: TypeSyntax
    let kind: ModelKind
    /// What stands before members that a protocol asks for: `public `, `package ` or nothing.
    let access: String
    let properties: [FieldProperty]
    /// Whether Swift gives the struct its memberwise initializer: it does where there is no other in the declaration.
    let hasMemberwise: Bool

    /// Reads a declaration; nil where the context was told of problems.
    init?(
        _ declaration: some DeclGroupSyntax, type: some TypeSyntaxProtocol, attribute: AttributeSyntax,
        _ kind: ModelKind, in context: some MacroExpansionContext
    ) {
        self.type = TypeSyntax(type).trimmed
        self.kind = kind
        guard let structure = declaration.as(StructDeclSyntax.self) else {
            Self.refuse(declaration, attribute, kind.macro, in: context)
            return nil
        }
        var isSound = true
        if let parameters = structure.genericParameterClause {
            context.diagnose(.generic, at: parameters)
            isSound = false
        }
        access = Self.access(structure.modifiers)
        let keys = kind == .row ? Self.codingKeys(of: structure) : nil
        var reader = PropertyReader(context: context, kind: kind, owner: self.type, codingKeys: keys)
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
        if kind == .document, isSound, reader.isSound, !reader.properties.contains(where: { $0.storedName == "_id" }) {
            Self.offerID(structure, in: context)
            isSound = false
        }
        reader.checkNames(in: structure.memberBlock.members)
        properties = reader.properties
        guard isSound, reader.isSound else { return nil }
    }

    /// The names that `CodingKeys` gives to properties; nil where there are none such. `Codable` would have the same.
    private static func codingKeys(of structure: StructDeclSyntax) -> [String: String]? {
        let enums = structure.memberBlock.members.compactMap { $0.decl.as(EnumDeclSyntax.self) }
        guard let keys = enums.first(where: { $0.name.text == "CodingKeys" }) else { return nil }
        var names: [String: String] = [:]
        for member in keys.memberBlock.members {
            for element in member.decl.as(EnumCaseDeclSyntax.self)?.elements ?? [] {
                let name = element.name.identifier?.name ?? element.name.text
                let raw = element.rawValue?.value.as(StringLiteralExprSyntax.self)?.representedLiteralValue
                names[name] = raw ?? name
            }
        }
        return names
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
