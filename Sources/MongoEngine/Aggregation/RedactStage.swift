internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$redact`: an expression says of each document whether to keep it, to drop it, or to ask the same of the
    /// documents inside it.
    static func redact(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        var scope = environment.scope
        scope.variables.formUnion(["KEEP", "PRUNE", "DESCEND", "ROOT"])
        let redaction = Redaction(expression: try scope.compile(value))
        return [
            Stage(name: "$redact") { source, variables in
                let decisions = Redaction.Decision.allCases.reduce(variables) {
                    $0.binding($1.variable, .string($1.rawValue))
                }
                return TransformSource(source) { document, _ in
                    // Inside, the document looked at is an embedded one; $$ROOT stays the whole.
                    try redaction.apply(document, decisions.binding("ROOT", .document(document)))
                }
            }
        ]
    }
}

/// The expression of a `$redact`.
private struct Redaction: Sendable {
    /// What the expression can ask for.
    enum Decision: String, CaseIterable {
        case keep, prune, descend

        /// The variable that stands for it.
        var variable: String { rawValue.uppercased() }
    }

    let expression: CompiledExpression

    /// What is left of a document; nil where it goes.
    func apply(_ document: BSONDocument, _ variables: ExpressionVariables) throws -> BSONDocument? {
        let result = try expression.evaluate(document, variables)
        guard let decision = result?.string.flatMap({ Decision(rawValue: $0) }) else {
            throw MongoError(
                .init(17053),
                "$redact must not return \(ExpressionOperators.typeName(result)): it returns one of $$KEEP, $$DESCEND "
                    + "and $$PRUNE")
        }
        switch decision {
        case .keep: return document
        case .prune: return nil
        case .descend:
            var writer = BSONWriter(capacity: document.byteCount)
            for (name, value) in document {
                if let kept = try apply(value, variables) { writer.append(name, kept) }
            }
            return writer.finish()
        }
    }

    private func apply(_ value: BSONValue, _ variables: ExpressionVariables) throws -> BSONValue? {
        switch value {
        case .document(let document): return try apply(document, variables).map { .document($0) }
        case .array(let array): return .array(BSONArray(try array.compactMap { try apply($0, variables) }))
        default: return value
        }
    }
}
