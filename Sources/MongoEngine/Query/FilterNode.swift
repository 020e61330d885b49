internal import BSON
internal import MongoProtocol

/// A filter as a tree, for the planner to look for bounds in and for ``CompiledFilter`` to run.
indirect enum FilterNode: Sendable {
    /// A test of a whole document.
    typealias Test = @Sendable (RawDocument, ExpressionVariables) throws -> Bool

    /// All of these hold; with none of them, always.
    case and([FilterNode])
    /// One of these holds.
    case or([FilterNode])
    /// None of these holds.
    case nor([FilterNode])
    /// Some value that the path leads to meets the predicate.
    case field(path: String, predicate: FieldPredicate)
    /// The predicates do not all hold at the path (`$not`, `$ne`, `$nin`).
    case not(path: String, [FieldPredicate])
    /// `$expr`: an aggregation expression that is true, and equalities that hold wherever it is.
    case expression(BSONValue, implies: [ImpliedEquality], test: Test)
    /// Any other operator of the top level, with its argument.
    case other(name: String, argument: BSONValue, test: Test)
}

/// One operator at a path, such as `{$gt: 5}`.
///
/// Its tests run on bytes in place and allocate nothing for plain comparisons.
struct FieldPredicate: Sendable {
    /// The operator, `$eq` where the filter gives a plain value.
    let name: String
    /// The operator's argument.
    let argument: BSONValue
    /// Whether one value meets the predicate; nil stands for a path that leads nowhere.
    let matches: @Sendable (RawValue?) throws -> Bool
    /// Whether elements of an array at the end of the path are values of their own.
    var leaf = FieldPath.Leaf.elements
    /// What a predicate of several parts (`$all`) asks: each has to hold, by whatever value. Empty for the others.
    var parts: [FieldPredicate] = []
    /// What a predicate that negates others (`$not`, `$ne`, `$nin`) denies; nil for the others.
    var negated: [FieldPredicate]?
    /// The place of the first element that meets it, for the predicates that look for one (`$elemMatch`).
    var elementIndex: (@Sendable (RawValue) throws -> Int?)?

    init(_ name: String, _ argument: BSONValue, matches: @escaping @Sendable (RawValue?) throws -> Bool) {
        self.name = name
        self.argument = argument
        self.matches = matches
    }
}
