internal import SwiftDiagnostics
internal import SwiftSyntax
internal import SwiftSyntaxMacros

/// Everything the macros complain of: one row each.
enum Problem: DiagnosticMessage {
    case notAStruct(String)
    case generic
    case conditional
    case missingType(String)
    case missingID
    case constantWithValue(String)
    case unsupported(String, property: String)
    case pattern
    case duplicateName(String, first: String)
    case badFieldName(String)
    case badCollectionName(String)
    case idHasName
    case takesID(String)
    case notLiteralName
    case repeatedOption(String)
    case notStored(String)
    case unknownOption(String)

    var message: String {
        switch self {
        case .notAStruct(let macro):
            "@\(macro) makes structs \(macro == "Row" ? "rows" : "documents"): other types are none"
        case .generic: "a generic struct has no one set of fields: write a struct for each type"
        case .conditional: "stored properties within #if cannot be fields: declare them for all conditions"
        case .missingType(let name): "'\(name)' needs a type: the macro does not see what its value is of"
        case .missingID: "a document needs an 'id', which is stored as '_id'"
        case .constantWithValue(let name): "'\(name)' is a 'let' with a value, which reading cannot set"
        case .unsupported(let kind, let name): "\(kind) cannot be a field ('\(name)')"
        case .pattern: "a tuple pattern cannot be a field: declare a property for each"
        case .duplicateName(let name, let first): "'\(first)' is stored as '\(name)' already"
        case .badFieldName(let name):
            name.isEmpty || name.contains("\0")
                ? "a name must not be empty, nor have a zero byte in it"
                : "'\(name)' cannot be a field's name: it must not be empty, have dots, or start with a dollar sign"
        case .badCollectionName(let name): "'\(name)' cannot be a collection's name"
        case .idHasName: "'id' is always stored as '_id'"
        case .takesID(let name): "'_id' is the name of 'id': call '\(name)' so"
        case .notLiteralName: "the stored name has to be a string literal"
        case .repeatedOption(let name): "'\(name)' is said twice"
        case .notStored(let name): "'\(name)' is not stored, so it is no field"
        case .unknownOption(let text): "'\(text)' is no option of a field: write it as '.indexed' or '.range(1...)'"
        }
    }

    var severity: DiagnosticSeverity { .error }

    var diagnosticID: MessageID {
        let name = String(describing: self).prefix { $0 != "(" }
        return MessageID(domain: "MongoDocuments", id: String(name))
    }
}

/// A change that Xcode and other editors offer.
struct Suggestion: FixItMessage {
    let message: String
    let fixItID: MessageID

    init(_ message: String, for problem: Problem) {
        self.message = message
        fixItID = problem.diagnosticID
    }
}

extension MacroExpansionContext {
    func diagnose(_ problem: Problem, at node: some SyntaxProtocol) {
        diagnose(Diagnostic(node: node, message: problem))
    }

    /// Tells of a problem and offers to put `new` in the place of `old`.
    func diagnose(
        _ problem: Problem, at node: some SyntaxProtocol, _ suggestion: String, replace old: some SyntaxProtocol,
        with new: some SyntaxProtocol
    ) {
        let change = FixIt.Change.replace(oldNode: Syntax(old), newNode: Syntax(new))
        diagnose(
            Diagnostic(
                node: node, message: problem,
                fixIts: [FixIt(message: Suggestion(suggestion, for: problem), changes: [change])]))
    }
}
