/// Gathers what breaks the rules of a value's fields.
public struct _FieldChecks {
    private(set) var problems: [FieldProblem] = []
    private var prefix = ""

    init() {}

    /// Checks a field's rules; nil breaks none.
    public mutating func field<Value>(_ name: String, _ value: Value?, _ rules: FieldRule<Value>...) {
        guard let value else { return }
        for rule in rules {
            if let message = rule.problem(value) {
                problems.append(FieldProblem(path: prefix + name, message: message))
            }
        }
    }

    /// Checks what a field embeds.
    @inlinable
    public mutating func nested(_ name: String, _ value: some FieldValue) { value._check(name, &self) }

    mutating func within(_ name: String, _ body: (inout _FieldChecks) -> Void) {
        let outer = prefix
        prefix += name + "."
        body(&self)
        prefix = outer
    }

    mutating func add(_ further: [FieldProblem]) {
        problems += further.map { FieldProblem(path: prefix + $0.path, message: $0.message) }
    }
}
