/// Collects what differs from what a case expects.
struct SpecFaults {
    private(set) var list: [String] = []

    mutating func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
        if !condition { list.append(what()) }
    }

    mutating func equal<T: Equatable>(_ found: T, _ expected: T, _ what: String) {
        if found != expected { list.append("\(what) is \(found), not \(expected)") }
    }
}
