internal import BSON
internal import MongoProtocol

extension Stages {
    /// `$bucket`: a `$group` by the boundary below a value, and a `$sort`.
    static func bucket(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [Stage] {
        guard let document = value.document else {
            throw MongoError(
                .init(40201), "Argument to $bucket stage must be an object, but found type: \(value.type.alias).")
        }
        for key in document.keys where !["groupBy", "boundaries", "default", "output"].contains(key) {
            throw MongoError(.init(40197), "Unrecognized option to $bucket: \(key).")
        }
        guard let groupBy = document["groupBy"], let list = document["boundaries"] else {
            throw MongoError(.init(40198), "$bucket requires 'groupBy' and 'boundaries' to be specified.")
        }
        try checkGroupBy(groupBy, "$bucket", 40202)
        let boundaries = try bucketBoundaries(list, environment)
        let fallback = try document["default"].map { value in
            try bucketConstant(value, 40195, "The $bucket 'default' field must be a constant expression", environment)
        }
        if let fallback, let low = boundaries.first, let high = boundaries.last {
            guard
                ExpressionOperators.compareValues(fallback, low) < 0
                    || ExpressionOperators.compareValues(fallback, high) >= 0
            else {
                throw MongoError(
                    .init(40199),
                    "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the "
                        + "highest boundary.")
            }
        }
        let output = try bucketOutput(document["output"], "$bucket", 40196)
        let expression = try environment.scope.compile(groupBy)
        let id = CompiledExpression { document, variables in
            let value = try expression.evaluate(document, variables)
            if let value, let place = bucketPlace(of: value, boundaries) { return boundaries[place] }
            if let fallback { return fallback }
            throw MongoError(
                .init(40066), "$switch could not find a matching branch for an input, and no default was specified.")
        }
        return [stage("$bucket", try GroupSpecification(id: id, output: output, environment))]
            + (try sort(["_id": 1], environment))
    }

    /// The fields of a bucket, the count of its documents where none are given.
    static func bucketOutput(_ value: BSONValue?, _ stage: String, _ code: Int32) throws -> BSONDocument {
        guard let value else { return ["count": ["$sum": 1]] }
        guard let document = value.document else {
            throw MongoError(
                .init(code), "The \(stage) 'output' field must be an object, but found type: \(value.type.alias).")
        }
        return document
    }

    /// Checks that buckets are made by an expression, not by a constant.
    static func checkGroupBy(_ value: BSONValue, _ stage: String, _ code: Int32) throws {
        let isExpression =
            switch value {
            case .string(let text): text.utf8.first == UInt8(ascii: "$")
            case .document(let document): document.keys.first?.utf8.first == UInt8(ascii: "$")
            default: false
            }
        guard isExpression else {
            throw MongoError(
                .init(code),
                "The \(stage) 'groupBy' field must be defined as a $-prefixed path or an expression, but found: \(value)."
            )
        }
    }

    private static func bucketBoundaries(_ value: BSONValue, _ environment: PipelineEnvironment) throws -> [BSONValue] {
        guard let array = value.array else {
            throw MongoError(
                .init(40200),
                "The $bucket 'boundaries' field must be an array, but found type: \(value.type.alias).")
        }
        guard array.count >= 2 else {
            throw MongoError(
                .init(40192),
                "The $bucket 'boundaries' field must have at least 2 values, but found \(array.count) value(s).")
        }
        let values = try array.map {
            try bucketConstant(
                $0, 40191, "The $bucket 'boundaries' field must be an array of constant values", environment)
        }
        for (low, high) in zip(values, values.dropFirst()) {
            guard low.type.canonicalOrder == high.type.canonicalOrder else {
                throw MongoError(
                    .init(40193),
                    "All values in the the 'boundaries' option to $bucket must have the same type. Found conflicting "
                        + "types \(low.type.alias) and \(high.type.alias).")
            }
            guard ExpressionOperators.compareValues(low, high) < 0 else {
                throw MongoError(
                    .init(40194),
                    "The 'boundaries' option to $bucket must be sorted, but elements \(low) and \(high) are not in "
                        + "ascending order.")
            }
        }
        return values
    }

    private static func bucketConstant(
        _ value: BSONValue, _ code: Int32, _ message: String, _ environment: PipelineEnvironment
    ) throws -> BSONValue {
        do {
            return try environment.scope.constant(value, environment.variables) ?? .null
        } catch let error as MongoError where error.code?.rawValue == 4_890_500 {
            throw MongoError(.init(code), "\(message), but found: \(value).")
        }
    }

    /// The place of the boundary at or below a value, where the value lies below the last one.
    private static func bucketPlace(of value: BSONValue, _ boundaries: [BSONValue]) -> Int? {
        guard let last = boundaries.last, ExpressionOperators.compareValues(value, last) < 0 else { return nil }
        var low = 0
        var high = boundaries.count
        while low < high {
            let middle = (low + high) / 2
            if ExpressionOperators.compareValues(boundaries[middle], value) <= 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low > 0 ? low - 1 : nil
    }
}
