internal import SwiftSyntax
internal import SwiftSyntaxBuilder
internal import SwiftSyntaxMacros

/// A stored property that is a field.
struct FieldProperty {
    /// The name as code has to write it, backticks included.
    let name: TokenSyntax
    let type: TypeSyntax
    /// The value that a missing field takes; nil where the field is required.
    let defaultValue: ExprSyntax?
    let storedName: String
    let attribute: FieldAttribute?
    /// What stands before `var` in the set of fields: `public `, `fileprivate ` or nothing.
    let access: String

    /// The name without backticks.
    var plainName: String { name.identifier?.name ?? name.text }
    /// The name as an argument's label, where only three keywords need backticks.
    var label: String { ["inout", "var", "let"].contains(plainName) ? name.text : plainName }
    /// What the property is called while it is read.
    var local: String { "_\(plainName)" }

    /// The stored name as a literal.
    var literal: String { StringLiteralExprSyntax(content: storedName).description }
    /// The stored name as a literal that ends with a zero byte, as keys stand in BSON.
    var key: String { literal.dropLast() + #"\0""# }
}

/// Reads the stored properties of a struct, and tells of those that cannot be fields.
struct PropertyReader<Context: MacroExpansionContext> {
    let context: Context
    let kind: ModelKind
    /// The name of the struct, in the place of `Self`.
    let owner: TypeSyntax
    /// The stored names by the properties' names, where the type says so itself; other properties are then not stored.
    let codingKeys: [String: String]?
    private(set) var properties: [FieldProperty] = []
    private(set) var isSound = true

    init(context: Context, kind: ModelKind, owner: TypeSyntax, codingKeys: [String: String]? = nil) {
        self.context = context
        self.kind = kind
        self.owner = owner
        self.codingKeys = codingKeys
    }

    private mutating func fail(_ problem: Problem, at node: some SyntaxProtocol) {
        isSound = false
        context.diagnose(problem, at: node)
    }

    /// Reads all properties of one declaration.
    mutating func read(_ declaration: VariableDeclSyntax) {
        let attributes = declaration.attributes.compactMap { $0.as(AttributeSyntax.self) }
        let own = kind.attribute
        let fields = attributes.filter { $0.attributeName.trimmedDescription.split(separator: ".").last ?? "" == own }
        let modifiers = declaration.modifiers.map(\.name.text)
        let names = declaration.bindings.map { $0.pattern.trimmedDescription }.joined(separator: ", ")
        if modifiers.contains(where: { ["static", "class"].contains($0) }) {
            if let field = fields.first { fail(.notStored(names), at: field) }
            return
        }
        // An array, because a filtered syntax collection is a tree of its own, whose nodes have no place in the source.
        let stored = Array(declaration.bindings).filter { !$0.isComputed }
        guard !stored.isEmpty else {
            if let field = fields.first { fail(.notStored(names), at: field) }
            return
        }
        for word in ["lazy", "weak", "unowned"] where modifiers.contains(word) {
            fail(.unsupported("a \(word) property", property: names), at: declaration)
            return
        }
        // An attribute that is not ours and not one of Swift's own is a property wrapper or another macro.
        let known: Set<String> = [own, "available", "usableFromInline", "nonisolated", "MainActor"]
        if let wrapper = attributes.first(where: {
            !known.contains($0.attributeName.trimmedDescription.split(separator: ".").last.map(String.init) ?? "")
        }) {
            let name = wrapper.attributeName.trimmedDescription
            fail(.unsupported("a property with @\(name)", property: names), at: wrapper)
            return
        }
        if fields.count > 1 {
            fail(.repeatedOption("@\(own)"), at: fields[1])
            return
        }
        let attribute = fields.first.map { FieldAttribute($0, kind, in: context) }
        let access = Self.access(declaration)
        var type: TypeSyntax?
        // `var a, b: Int`: the type stands behind the last of those that share it.
        for binding in stored.reversed() {
            type = binding.typeAnnotation?.type ?? (binding.initializer == nil ? type : nil)
            read(binding, of: declaration, type, attribute, access)
        }
    }

    private mutating func read(
        _ binding: PatternBindingSyntax, of declaration: VariableDeclSyntax, _ annotated: TypeSyntax?,
        _ attribute: FieldAttribute?, _ access: String
    ) {
        guard let identifier = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier.trimmed else {
            fail(.pattern, at: binding.pattern)
            return
        }
        let name = identifier.identifier?.name ?? identifier.text
        if let codingKeys, codingKeys[name] == nil { return }
        if declaration.bindingSpecifier.tokenKind == .keyword(.let), binding.initializer != nil {
            isSound = false
            let keyword = declaration.bindingSpecifier
            context.diagnose(
                .constantWithValue(name), at: declaration.bindingSpecifier, "make it a 'var'", replace: keyword,
                with: keyword.with(\.tokenKind, .keyword(.var)))
            return
        }
        guard let type = annotated ?? binding.initializer.flatMap({ inferredType($0.value) }) else {
            isSound = false
            let pattern = binding.pattern
            let annotation = TypeAnnotationSyntax(
                colon: .colonToken(trailingTrivia: .space), type: IdentifierTypeSyntax(name: .identifier("<#Type#>")),
                trailingTrivia: binding.initializer == nil ? [] : .space)
            context.diagnose(
                .missingType(name), at: pattern, "write the type of '\(name)'", replace: binding,
                with: binding.with(\.pattern, pattern.trimmed).with(\.typeAnnotation, annotation))
            return
        }
        if let kind = type.unsupportedKind {
            fail(.unsupported(kind, property: name), at: type)
            return
        }
        guard let stored = storedName(name, attribute, at: binding.pattern) else { return }
        let isOptional = type.is(OptionalTypeSyntax.self) || type.trimmedDescription.hasPrefix("Optional<")
        let keepsDefault = stored != "_id" || kind != .document
        var value = keepsDefault ? binding.initializer?.value.trimmed : nil
        // Nil is what a missing optional is read as anyway.
        if isOptional, value?.is(NilLiteralExprSyntax.self) == true { value = nil }
        properties.insert(
            FieldProperty(
                name: identifier, type: SelfRewriter(owner).rewrite(type.trimmed).cast(TypeSyntax.self),
                defaultValue: value, storedName: stored, attribute: attribute, access: access),
            at: insertion(of: declaration))
    }

    /// Bindings of one declaration are read backwards, and stand in their order all the same.
    private var insertions: [SyntaxIdentifier: Int] = [:]
    private mutating func insertion(of declaration: VariableDeclSyntax) -> Int {
        if let place = insertions[declaration.id] { return place }
        insertions[declaration.id] = properties.count
        return properties.count
    }

    private mutating func storedName(
        _ name: String, _ attribute: FieldAttribute?, at node: some SyntaxProtocol
    ) -> String? {
        let isID = kind == .document && name == "id"
        if isID, let literal = attribute?.nameLiteral, attribute?.storedName != "_id" {
            fail(.idHasName, at: literal)
            return nil
        }
        let stored = attribute?.storedName ?? codingKeys?[name] ?? (isID ? "_id" : name)
        if kind == .document, !isID, stored == "_id" {
            if let literal = attribute?.nameLiteral {
                fail(.takesID(name), at: literal)
            } else {
                fail(.takesID(name), at: node)
            }
            return nil
        }
        return stored
    }

    private static func access(_ declaration: VariableDeclSyntax) -> String {
        for modifier in declaration.modifiers where modifier.detail == nil {
            switch modifier.name.tokenKind {
            case .keyword(.public), .keyword(.open): return "public "
            case .keyword(.package): return "package "
            case .keyword(.private), .keyword(.fileprivate): return "fileprivate "
            default: continue
            }
        }
        return ""
    }

    /// Tells of two properties that are stored under one name.
    mutating func checkNames(in members: MemberBlockItemListSyntax) {
        var first: [String: FieldProperty] = [:]
        for property in properties {
            guard let other = first[property.storedName] else {
                first[property.storedName] = property
                continue
            }
            isSound = false
            let problem = Problem.duplicateName(property.storedName, first: other.plainName)
            guard let literal = property.attribute?.nameLiteral ?? other.attribute?.nameLiteral else {
                context.diagnose(problem, at: property.name)
                continue
            }
            let free = property.attribute?.nameLiteral == nil ? other.plainName : property.plainName
            context.diagnose(
                problem, at: literal, "store it as '\(free)'", replace: literal,
                with: StringLiteralExprSyntax(content: free))
        }
    }
}

extension PatternBindingSyntax {
    /// Whether the property has a getter of its own; observers leave it stored.
    var isComputed: Bool {
        switch accessorBlock?.accessors {
        case nil: false
        case .getter: true
        case .accessors(let accessors):
            !accessors.allSatisfy { ["willSet", "didSet"].contains($0.accessorSpecifier.text) }
        }
    }
}

/// Puts the struct's name in the place of `Self`, which means something else within the set of fields.
private final class SelfRewriter: SyntaxRewriter {
    let owner: TypeSyntax

    init(_ owner: TypeSyntax) {
        self.owner = owner
        super.init()
    }

    override func visit(_ node: IdentifierTypeSyntax) -> TypeSyntax {
        node.name.tokenKind == .keyword(.Self) ? owner : super.visit(node)
    }
}
