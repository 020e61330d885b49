internal import BSON

/// What a projection leaves of documents.
struct Projection {
    /// What it names, and whether that is shown; nil where it computes something.
    private let fields: [(path: String, isShown: Bool)]?

    init(_ document: BSONDocument) {
        var fields: [(path: String, isShown: Bool)] = []
        for (path, value) in document {
            // `a.$`, and operators: what comes is not what is stored.
            guard let isShown = value.bool ?? value.double.map({ $0 != 0 }), !path.contains("$") else {
                self.fields = nil
                return
            }
            fields.append((path, isShown))
        }
        self.fields = fields
    }

    /// Whether a field comes whole, as it is stored.
    func shows(_ path: String) -> Bool {
        guard let fields else { return false }
        let (shown, left) = (fields.filter(\.isShown).map(\.path), fields.filter { !$0.isShown }.map(\.path))
        if left.contains(where: { $0.isWithin(path) || path.isWithin($0) }) { return false }
        if shown.contains(where: { path.isWithin($0) }) { return true }
        // An `_id` comes unless it is left out, or a part of it is asked for.
        if path.isWithin("_id") { return !fields.contains { $0.path.isWithin("_id") } }
        // What names fields to leave out shows all others; an `_id` left out says nothing of them.
        return shown.isEmpty || left.contains { !$0.isWithin("_id") }
    }
}

extension String {
    /// Whether a dotted path is another one, or leads to a place within what that leads to.
    fileprivate func isWithin(_ other: String) -> Bool {
        self == other || utf8.count > other.utf8.count && hasPrefix("\(other).")
    }
}
