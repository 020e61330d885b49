internal import BSON
internal import MongoProtocol

/// The names an expression may use where it stands, and the compiler itself.
struct ExpressionScope: Sendable {
    /// The user variables in scope, without the `$$`.
    var variables: Set<String>

    /// Expressions deeper than this would exhaust the stack that evaluates them; documents stop well before.
    private static let maximumDepth = 200
    private var depth = 0
    /// Whether an expression may look at the document; that of a command's `let` may not.
    private var readsDocument = true

    init(variables: Set<String> = []) { self.variables = variables }

    /// The scope inside `$let`, `$map` and their like.
    /// - Throws: `FailedToParse` where a name is none that users may give.
    func adding(_ names: [String]) throws -> ExpressionScope {
        var inner = self
        for name in names {
            try Self.checkUserName(name)
            inner.variables.insert(name)
        }
        return inner
    }

    /// Compiles a value as an expression: a path, a variable, an operator, or an object or array of expressions.
    func compile(_ value: BSONValue) throws -> CompiledExpression {
        guard depth < Self.maximumDepth else {
            throw MongoError(.overflow, "the expression is nested more than \(Self.maximumDepth) levels deep")
        }
        var inner = self
        inner.depth += 1
        switch value {
        case .string(let text) where text.utf8.first == UInt8(ascii: "$"): return try inner.compileReference(text)
        case .document(let document): return try inner.compile(document: document)
        case .array(let array): return try inner.compile(array: array)
        default: return .constant(value)
        }
    }

    private func compileReference(_ text: String) throws -> CompiledExpression {
        let name = text.dropFirst()
        guard name.utf8.first == UInt8(ascii: "$") else {
            if name.isEmpty { throw MongoError(.init(16872), "'$' by itself is not a valid FieldPath") }
            try checkReadsDocument()
            let path = try ExpressionPath(String(name))
            return CompiledExpression(form: .path(path)) { root, _ in path.value(in: root) }
        }
        let reference = name.dropFirst()
        let end = reference.firstIndex(of: ".") ?? reference.endIndex
        let variable = String(reference[..<end])
        if variable.isEmpty { throw MongoError(.failedToParse, "empty variable names are not allowed") }
        let rest =
            end == reference.endIndex ? nil : try ExpressionPath(String(reference[reference.index(after: end)...]))
        return try compileVariable(variable, rest)
    }

    private func compileVariable(_ name: String, _ path: ExpressionPath?) throws -> CompiledExpression {
        if variables.contains(name) {
            guard let path else { return CompiledExpression { _, variables in variables[name] } }
            return CompiledExpression { _, variables in variables[name].flatMap(path.value(in:)) }
        }
        switch name {
        case "ROOT", "CURRENT":
            try checkReadsDocument()
            guard let path else { return CompiledExpression { root, _ in .document(root) } }
            return CompiledExpression(form: .path(path)) { root, _ in path.value(in: root) }
        case "NOW":
            return path == nil ? CompiledExpression { _, variables in .date(variables.now) } : .constant(nil)
        case "REMOVE": return .constant(nil)
        case "CLUSTER_TIME":
            throw MongoError(.init(51144), "Builtin variable '$$CLUSTER_TIME' is not available")
        default: throw MongoError(.init(17276), "Use of undefined variable: \(name)")
        }
    }

    private func checkReadsDocument() throws {
        if readsDocument { return }
        throw MongoError(
            .init(4_890_500),
            "Command let Expression tried to access a field, but this is not allowed because command let expressions "
                + "run before the query examines any documents.")
    }

    /// The value of an expression that may not look at a document; nil where it is missing.
    /// - Throws: `Location4890500` where it does.
    func constant(_ value: BSONValue, _ variables: ExpressionVariables) throws -> BSONValue? {
        var scope = self
        scope.readsDocument = false
        return try scope.compile(value).evaluate([:], variables)
    }

    /// The variables of a command's `let`: each may use those before it, and none a document.
    static func evaluate(commandLet variables: BSONDocument, now: BSONDate) throws -> ExpressionVariables {
        var result = ExpressionVariables(now: now)
        var scope = ExpressionScope()
        scope.readsDocument = false
        for (name, value) in variables {
            try checkUserName(name)
            result = result.binding(name, try scope.compile(value).evaluate([:], result))
            scope.variables.insert(name)
        }
        return result
    }

    private func compile(document: BSONDocument) throws -> CompiledExpression {
        let fields = Array(document)
        if let first = fields.first, first.key.utf8.first == UInt8(ascii: "$") {
            guard fields.count == 1 else {
                throw MongoError(
                    .init(15983), "an object representing an expression must have exactly one field: \(document)")
            }
            return try ExpressionOperators.compile(first.key, first.value, self)
        }
        var compiled: [(String, CompiledExpression)] = []
        for (key, value) in fields {
            try ExpressionPath.checkFieldName(key)
            if key.utf8.contains(UInt8(ascii: ".")) {
                throw MongoError(
                    .init(16405),
                    "FieldPath field names may not contain '.'. Consider using $getField or $setField.")
            }
            compiled.append((key, try compile(value)))
        }
        let parts = compiled
        return CompiledExpression { root, variables in
            var writer = BSONWriter()
            var budget = ValueBudget("An object")
            for (key, part) in parts {
                guard let value = try part.evaluate(root, variables) else { continue }
                try budget.take(value)
                writer.append(key, value)
            }
            return .document(writer.finish())
        }
    }

    private func compile(array: BSONArray) throws -> CompiledExpression {
        let parts = try array.map(compile)
        return CompiledExpression { root, variables in
            var budget = ValueBudget("An array")
            let values = try parts.map { part in
                let value = try part.evaluate(root, variables) ?? .null
                try budget.take(value)
                return value
            }
            return .array(BSONArray(values))
        }
    }

    /// Checks that users may give a variable this name: it starts with a lower-case letter or a non-ASCII character
    /// and goes on with letters, digits and underscores. `CURRENT` is theirs too.
    static func checkUserName(_ name: String) throws {
        if name.isEmpty { throw MongoError(.failedToParse, "empty variable names are not allowed") }
        if name == "CURRENT" { return }
        let bytes = Array(name.utf8)
        func isLower(_ byte: UInt8) -> Bool { byte >= 0x80 || (0x61...0x7A).contains(byte) }
        func isPart(_ byte: UInt8) -> Bool {
            isLower(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
        }
        guard let first = bytes.first, isLower(first) else {
            throw MongoError(
                .failedToParse, "'\(name)' starts with an invalid character for a user variable name")
        }
        if let bad = bytes.first(where: { !isPart($0) }) {
            let character = String(decoding: [bad], as: UTF8.self)
            throw MongoError(
                .failedToParse, "'\(name)' contains an invalid character for a variable name: '\(character)'")
        }
    }
}
