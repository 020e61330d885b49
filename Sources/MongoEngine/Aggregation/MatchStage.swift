internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$match`.
    static func match(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let document = value.document else {
            throw MongoError(.init(15959), "the match filter must be an expression in an object")
        }
        let filter = try CompiledFilter.compile(
            document, variables: environment.variables, names: environment.scope.variables)
        return [
            Stage(name: "$match", role: .match(document)) { source, variables in
                TransformSource(source) { document, _ in
                    try document.withRaw { try filter.matches($0, variables) } ? document : nil
                }
            }
        ]
    }
}
