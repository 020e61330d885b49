internal import BSON
internal import MongoProtocol

/// Compiles aggregation expressions (MongoDB's manual, "Aggregation Expressions") into closures.
enum Expression {
    /// Compiles an expression once; the result is evaluated against any number of documents.
    /// - Parameter variables: The user variables in scope, without the `$$`.
    /// - Throws: ``MongoError`` with MongoDB's codes where the expression is malformed.
    static func compile(_ value: BSONValue, variables: Set<String> = []) throws -> CompiledExpression {
        try ExpressionScope(variables: variables).compile(value)
    }
}

/// An expression ready to be evaluated.
struct CompiledExpression: Sendable {
    typealias Body = @Sendable (BSONDocument, ExpressionVariables) throws -> BSONValue?

    /// What is known of the expression before any document is seen.
    enum Form: Sendable {
        /// A value that no document changes; nil stands for missing.
        case constant(BSONValue?)
        /// A path into the document.
        case path(ExpressionPath)
        /// Anything else.
        case computed
    }

    let form: Form
    private let body: Body

    init(form: Form = .computed, _ body: @escaping Body) {
        self.form = form
        self.body = body
    }

    /// A value that no document changes; nil for missing.
    static func constant(_ value: BSONValue?) -> CompiledExpression {
        CompiledExpression(form: .constant(value)) { _, _ in value }
    }

    /// The value for a document; nil where it is missing.
    func evaluate(_ root: BSONDocument, _ variables: ExpressionVariables) throws -> BSONValue? {
        try body(root, variables)
    }
}

/// The variables an expression sees beside the document.
struct ExpressionVariables: Sendable {
    /// What `$$NOW` stands for.
    let now: BSONDate
    private let bindings: Binding?

    /// A list of bindings, innermost first: scopes are few and short, so a walk beats hashing.
    private final class Binding: Sendable {
        let name: String
        let value: BSONValue?
        let outer: Binding?
        init(name: String, value: BSONValue?, outer: Binding?) {
            self.name = name
            self.value = value
            self.outer = outer
        }
    }

    private init(now: BSONDate, bindings: Binding?) {
        self.now = now
        self.bindings = bindings
    }

    /// Starts with the user variables of a command's `let`, already evaluated.
    init(now: BSONDate, _ values: BSONDocument = BSONDocument()) {
        var bindings: Binding?
        for (name, value) in values { bindings = Binding(name: name, value: value, outer: bindings) }
        self.init(now: now, bindings: bindings)
    }

    /// These variables and one more.
    func binding(_ name: String, _ value: BSONValue?) -> ExpressionVariables {
        ExpressionVariables(now: now, bindings: Binding(name: name, value: value, outer: bindings))
    }

    /// Whether there are no user variables.
    var isEmpty: Bool { bindings == nil }

    /// The names of all user variables.
    var names: Set<String> {
        var names: Set<String> = []
        var current = bindings
        while let binding = current {
            names.insert(binding.name)
            current = binding.outer
        }
        return names
    }

    /// The value of a user variable; nil where it is missing or not bound.
    subscript(name: String) -> BSONValue? {
        var current = bindings
        while let binding = current {
            if binding.name == name { return binding.value }
            current = binding.outer
        }
        return nil
    }
}
