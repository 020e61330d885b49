internal import SwiftParser
internal import SwiftSyntax
internal import SwiftSyntaxMacros

/// What `@Field` or `@ColumnName` says of one property.
struct FieldAttribute {
    let syntax: AttributeSyntax
    private let kind: ModelKind
    private(set) var storedName: String?
    private(set) var nameLiteral: ExprSyntax?
    private(set) var isIndexed = false
    private(set) var isUnique = false
    /// The options that are rules, as they are written.
    private(set) var rules: [ExprSyntax] = []

    /// Reads the attribute.
    init(_ syntax: AttributeSyntax, _ kind: ModelKind, in context: some MacroExpansionContext) {
        self.syntax = syntax
        self.kind = kind
        var seen: Set<String> = []
        for (index, argument) in (syntax.arguments?.as(LabeledExprListSyntax.self) ?? []).enumerated() {
            let expression = argument.expression.trimmed
            if index == 0, let literal = argument.expression.as(StringLiteralExprSyntax.self) {
                takeName(literal, in: context)
                continue
            }
            guard let option = Self.option(expression) else {
                let problem: Problem = index == 0 ? .notLiteralName : .unknownOption("\(expression)")
                context.diagnose(problem, at: argument.expression)
                continue
            }
            guard seen.insert(option).inserted else {
                context.diagnose(.repeatedOption(option), at: argument.expression)
                continue
            }
            switch option {
            case "indexed": isIndexed = true
            case "unique": isUnique = true
            default: rules.append(Self.unqualified(expression))
            }
        }
    }

    private mutating func takeName(_ literal: StringLiteralExprSyntax, in context: some MacroExpansionContext) {
        guard let name = literal.representedLiteralValue else {
            context.diagnose(.notLiteralName, at: literal)
            return
        }
        guard kind.takes(name: name) else {
            context.diagnose(.badFieldName(name), at: literal)
            return
        }
        storedName = name
        nameLiteral = ExprSyntax(literal)
    }

    /// The name of an option such as `.range(1...)`, `.indexed` or `FieldOption.indexed`.
    private static func option(_ expression: ExprSyntax) -> String? {
        let called = expression.as(FunctionCallExprSyntax.self)?.calledExpression ?? expression
        return called.as(MemberAccessExprSyntax.self)?.declName.baseName.text
    }

    /// The option as a member of whatever type is asked for: `.range(1...)`.
    private static func unqualified(_ expression: ExprSyntax) -> ExprSyntax {
        if let call = expression.as(FunctionCallExprSyntax.self),
            let member = call.calledExpression.as(MemberAccessExprSyntax.self)
        {
            return ExprSyntax(call.with(\.calledExpression, ExprSyntax(member.with(\.base, nil))))
        }
        guard let member = expression.as(MemberAccessExprSyntax.self) else { return expression }
        return ExprSyntax(member.with(\.base, nil))
    }
}
