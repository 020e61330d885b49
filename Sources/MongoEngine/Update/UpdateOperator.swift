internal import BSON
internal import MongoProtocol

/// One change at one path, read from an operator's argument.
protocol UpdateOperator: Sendable {
    /// Changes the value that is there.
    func update(_ tree: inout UpdateTree, _ context: UpdateContext) throws -> UpdateOutcome

    /// The value to create where none is; nil leaves the document as it is.
    func initial(_ context: UpdateContext) throws -> BSONValue?

    /// What to do where a value that is no container stands in the path's way.
    func blocked(_ context: UpdateContext) -> UpdateBlockedPath
}

extension UpdateOperator {
    func blocked(_ context: UpdateContext) -> UpdateBlockedPath { .cannotCreate }
}

/// What a change did to the value.
enum UpdateOutcome {
    case unchanged
    case changed
    /// The value is to be taken away; an array keeps null in its place.
    case removed
}

/// What to do where a value that is no container stands in a path's way.
enum UpdateBlockedPath {
    /// Fail, as the field cannot be created.
    case cannotCreate
    /// Fail, as the field cannot be reached.
    case cannotTraverse
    /// Change nothing.
    case ignore
}

/// Where an operator's argument stands: what its factory reads.
struct UpdateArgument {
    /// The operator's name.
    let name: String
    /// The path to change.
    let path: UpdatePath
    /// The argument for this path; for a rename, the path the value comes from.
    let value: BSONValue
    /// The instant of the command.
    let now: BSONDate
    /// What the command's `let` defines.
    let variables: ExpressionVariables?
}

/// The operators of updates by their names.
enum UpdateOperators {
    typealias Factory = @Sendable (UpdateArgument) throws -> any UpdateOperator

    static let table: [String: Factory] = [
        "$set": { SetOperator(value: $0.value) },
        "$setOnInsert": { SetOnInsertOperator(value: $0.value) },
        "$unset": { _ in UnsetOperator() },
        "$rename": { RenameOperator(source: $0.value.string ?? "") },
        "$currentDate": { SetOperator(value: try CurrentDate.value($0)) },
        "$min": { ExtremeOperator(value: $0.value, wantsLess: true) },
        "$max": { ExtremeOperator(value: $0.value, wantsLess: false) },
        "$inc": { try ArithmeticOperator($0, verb: "increment", apply: BSONArithmetic.addChecked, missing: { $0 }) },
        "$mul": {
            try ArithmeticOperator(
                $0, verb: "multiply", apply: BSONArithmetic.multiplyChecked,
                missing: { BSONArithmetic.multiply(.int32(0), $0) })
        },
        "$bit": { try BitOperator($0) },
        "$push": { try PushOperator($0) },
        "$addToSet": { try AddToSetOperator($0) },
        "$pop": { try PopOperator($0) },
        "$pull": { try PullOperator($0) },
        "$pullAll": { try PullOperator(all: $0) },
    ]
}
