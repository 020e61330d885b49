internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$group`.
    static func group(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        let specification = try GroupSpecification(value, environment)
        return [stage("$group", specification)]
    }

    /// A stage that groups.
    static func stage(_ name: String, _ specification: GroupSpecification) -> Stage {
        Stage(name: name) { BlockingSource($0, GroupGatherer(specification, $1)) }
    }
}

/// A compiled `$group`.
struct GroupSpecification: Sendable {
    let id: CompiledExpression
    let names: [String]
    let accumulators: [CompiledAccumulator]
    let environment: PipelineEnvironment

    init(_ value: BSONValue, _ environment: PipelineEnvironment) throws {
        guard let document = value.document else {
            throw MongoError(.init(15947), "a group's fields must be specified in an object")
        }
        guard let id = document["_id"] else {
            throw MongoError(.init(15955), "a group specification must include an _id")
        }
        try self.init(id: try environment.scope.compile(id), output: document, environment)
    }

    /// Groups by an expression; an `_id` among the fields of the output is passed over.
    init(id: CompiledExpression, output document: BSONDocument, _ environment: PipelineEnvironment) throws {
        var names: [String] = []
        var accumulators: [CompiledAccumulator] = []
        for (name, value) in document {
            if name == "_id" { continue }
            if name.utf8.contains(UInt8(ascii: ".")) {
                throw MongoError(.init(40235), "The field name '\(name)' cannot contain '.'")
            }
            if name.utf8.first == UInt8(ascii: "$") {
                throw MongoError(.init(40236), "The field name '\(name)' cannot be an operator name")
            }
            guard let fields = value.document, !fields.isEmpty else {
                throw MongoError(.init(40234), "The field '\(name)' must be an accumulator object")
            }
            let operators = Array(fields)
            guard operators.count == 1 else {
                throw MongoError(.init(40238), "The field '\(name)' must specify one accumulator")
            }
            names.append(name)
            accumulators.append(
                try AccumulatorOperators.compile(operators[0].key, operators[0].value, environment))
        }
        self.id = id
        self.names = names
        self.accumulators = accumulators
        self.environment = environment
    }
}

/// Gathers groups in a table by the bytes of their ids; past the memory limit all go to disk as one run, sorted by
/// those bytes, and the runs are merged at the end.
private final class GroupGatherer: BlockingSource.Gatherer {
    private struct Group {
        let id: BSONValue
        let states: [any Accumulator]
    }

    private let specification: GroupSpecification
    private let variables: ExpressionVariables
    private var places: [[UInt8]: Int] = [:]
    private var groups: [Group] = []
    private var key: [UInt8] = []
    private var bytes = 0
    private var runs: [SpillFile] = []

    init(_ specification: GroupSpecification, _ variables: ExpressionVariables) {
        self.specification = specification
        self.variables = variables
    }

    func add(_ document: BSONDocument, _ context: ExecutionContext) throws {
        let place = try group(of: document)
        let states = groups[place].states
        for index in states.indices {
            let state = states[index]
            let before = state.size
            try state.add(specification.accumulators[index].input.evaluate(document, variables))
            bytes += state.size - before
        }
        if bytes > PipelineEnvironment.memoryLimit { try spill() }
    }

    /// The place of the document's group, which is made where it is new.
    private func group(of document: BSONDocument) throws -> Int {
        key.removeAll(keepingCapacity: true)
        if case .path(let path) = specification.id.form {
            // The common id, one path: its bytes serve as the key without a value being made of them.
            let found: Int?? = document.withRaw { raw in
                let (value, crossesArray) = path.rawValue(in: raw)
                if crossesArray { return nil }
                if let value { KeyEncoding.append(value, to: &key) } else { KeyEncoding.append(.null, to: &key) }
                return .some(places[key])
            }
            if let place = found.flatMap({ $0 }) { return place }
            key.removeAll(keepingCapacity: true)
        }
        let id = try specification.id.evaluate(document, variables) ?? .null
        KeyEncoding.append(id, to: &key)
        if let place = places[key] { return place }
        let states = try makeStates(id)
        places[key] = groups.count
        groups.append(Group(id: id, states: states))
        bytes += key.count + approximateSize(id) + 128 + states.reduce(0) { $0 + $1.size }
        return groups.count - 1
    }

    /// The accumulators of a new group, whose id decides what their `n` is.
    private func makeStates(_ id: BSONValue) throws -> [any Accumulator] {
        try specification.accumulators.map { try $0.make(id.document ?? ["_id": id], variables) }
    }

    private func spill() throws {
        guard specification.environment.allowsDiskUse else {
            throw MongoError(
                .queryExceededMemoryLimit,
                "Exceeded memory limit for $group, but didn't allow external sort. Pass allowDiskUse:true to opt in.")
        }
        let order = places.sorted { SpillFile.precedes($0.key, $1.key) }
        let file = try SpillFile()
        for (key, place) in order {
            let group = groups[place]
            var writer = BSONWriter()
            writer.append("i", group.id)
            for (index, state) in group.states.enumerated() { writer.append(String(index), state.partial) }
            try file.append(key: key, writer.finish())
        }
        runs.append(file)
        places.removeAll()
        groups.removeAll()
        bytes = 0
    }

    func finish() throws -> any DocumentSource {
        if runs.isEmpty {
            places.removeAll()
            var remaining = groups.makeIterator()
            groups.removeAll()
            return ClosureSource { [self] _ in remaining.next().map { result($0.id, $0.states) } }
        }
        if !groups.isEmpty { try spill() }
        let merge = try SpillMerge(runs)
        var pending = try merge.next()
        return ClosureSource { [self] context in
            guard let first = pending else { return nil }
            let states = try makeStates(first.document["i"] ?? .null)
            while let part = pending, part.key == first.key {
                for (index, state) in states.enumerated() {
                    if let partial = part.document[String(index)] { try state.merge(partial) }
                }
                pending = try merge.next()
            }
            _ = try context.countRow()
            return result(first.document["i"] ?? .null, states)
        }
    }

    private func result(_ id: BSONValue, _ states: [any Accumulator]) -> BSONDocument {
        var writer = BSONWriter()
        writer.append("_id", id)
        for (name, state) in zip(specification.names, states) { writer.append(name, state.result) }
        return writer.finish()
    }
}
