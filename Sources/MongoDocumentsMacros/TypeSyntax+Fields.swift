internal import SwiftSyntax
internal import SwiftSyntaxBuilder

extension TypeSyntax {
    /// What a type that can never be a field is called.
    var unsupportedKind: String? {
        if `is`(TupleTypeSyntax.self) { return "a tuple" }
        if `is`(FunctionTypeSyntax.self) { return "a function" }
        if `is`(MetatypeTypeSyntax.self) { return "a metatype" }
        if let type = `as`(SomeOrAnyTypeSyntax.self) { return "'\(type.someOrAnySpecifier.text)'" }
        if let type = `as`(AttributedTypeSyntax.self) { return type.baseType.unsupportedKind }
        if let type = `as`(ImplicitlyUnwrappedOptionalTypeSyntax.self) {
            return "an implicitly unwrapped '\(type.wrappedType.trimmedDescription)!'"
        }
        return nil
    }
}

/// The type of a value whose syntax alone tells it: literals, and calls of a type's initializer.
func inferredType(_ value: ExprSyntax) -> TypeSyntax? {
    if value.is(StringLiteralExprSyntax.self) { return "String" }
    if value.is(IntegerLiteralExprSyntax.self) { return "Int" }
    if value.is(FloatLiteralExprSyntax.self) { return "Double" }
    if value.is(BooleanLiteralExprSyntax.self) { return "Bool" }
    if let prefix = value.as(PrefixOperatorExprSyntax.self), prefix.operator.text == "-" {
        return inferredType(prefix.expression)
    }
    guard let call = value.as(FunctionCallExprSyntax.self) else { return nil }
    return typeName(call.calledExpression)
}

/// The type that an expression such as `ObjectID`, `Ref<Author>`, `[String]` or `Book.Kind` names.
private func typeName(_ expression: ExprSyntax) -> TypeSyntax? {
    func isTypeName(_ name: String) -> Bool { name.first?.isUppercase == true }
    if let name = expression.as(DeclReferenceExprSyntax.self) {
        return isTypeName(name.baseName.text) ? TypeSyntax(stringLiteral: name.trimmedDescription) : nil
    }
    if let generic = expression.as(GenericSpecializationExprSyntax.self) {
        return typeName(generic.expression) == nil ? nil : TypeSyntax(stringLiteral: generic.trimmedDescription)
    }
    if let member = expression.as(MemberAccessExprSyntax.self), let base = member.base {
        guard isTypeName(member.declName.baseName.text), typeName(base) != nil else { return nil }
        return TypeSyntax(stringLiteral: member.trimmedDescription)
    }
    if let array = expression.as(ArrayExprSyntax.self), array.elements.count == 1, let element = array.elements.first {
        return typeName(element.expression) == nil ? nil : TypeSyntax(stringLiteral: array.trimmedDescription)
    }
    if let dictionary = expression.as(DictionaryExprSyntax.self),
        let elements = dictionary.content.as(DictionaryElementListSyntax.self), elements.count == 1,
        let element = elements.first, typeName(element.key) != nil, typeName(element.value) != nil
    {
        return TypeSyntax(stringLiteral: dictionary.trimmedDescription)
    }
    return nil
}
