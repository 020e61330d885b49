internal import BSON
internal import MongoProtocol

/// What `$group` gathers for one field of one group.
protocol Accumulator: AnyObject {
    /// Takes the input's value for one document; nil where it is missing.
    func add(_ value: BSONValue?) throws
    /// The value of the group's field.
    var result: BSONValue { get }
    /// The bytes it holds, about.
    var size: Int { get }
    /// The state as a value, for a group that goes to disk.
    var partial: BSONValue { get }
    /// Takes the state of a later part of the same group.
    func merge(_ partial: BSONValue) throws
}

/// `$sum`: numbers are added, all else is passed over.
final class SumAccumulator: Accumulator {
    private var sum = NumberSum()
    func add(_ value: BSONValue?) { if let number = BSONNumber(value) { sum.add(number) } }
    var result: BSONValue { sum.total.value }
    var size: Int { 64 }
    var partial: BSONValue { sum.partial }
    func merge(_ partial: BSONValue) { sum.add(NumberSum(partial: partial)) }
}

/// `$avg`: null where no number came.
final class AverageAccumulator: Accumulator {
    private var sum = NumberSum()
    private var count: Int64 = 0
    func add(_ value: BSONValue?) {
        guard let number = BSONNumber(value) else { return }
        sum.add(number)
        count &+= 1
    }
    var result: BSONValue { count == 0 ? .null : sum.average(count: count) }
    var size: Int { 72 }
    var partial: BSONValue { [sum.partial, .int64(count)] }
    func merge(_ partial: BSONValue) {
        sum.add(NumberSum(partial: partial.array?[0] ?? .null))
        count &+= partial.array?[1]?.int64 ?? 0
    }
}

/// `$min` and `$max`: null and missing values are passed over.
final class ExtremeAccumulator: Accumulator {
    private let sign: Int
    private var best: BSONValue?
    init(largest: Bool) { sign = largest ? 1 : -1 }
    func add(_ value: BSONValue?) {
        guard let value, !ExpressionOperators.isNullish(value) else { return }
        guard let best else {
            self.best = value
            return
        }
        if ExpressionOperators.compareValues(value, best) * sign > 0 { self.best = value }
    }
    var result: BSONValue { best ?? .null }
    var size: Int { 32 + (best.map(approximateSize) ?? 0) }
    var partial: BSONValue { result }
    func merge(_ partial: BSONValue) { add(partial) }
}

/// `$first` and `$last`: the value of the first or last document, null where it is missing there.
final class EndAccumulator: Accumulator {
    private let isLast: Bool
    private var value: BSONValue?
    init(last: Bool) { isLast = last }
    func add(_ value: BSONValue?) {
        if isLast || self.value == nil { self.value = value ?? .null }
    }
    var result: BSONValue { value ?? .null }
    var size: Int { 32 + (value.map(approximateSize) ?? 0) }
    var partial: BSONValue { result }
    func merge(_ partial: BSONValue) { add(partial) }
}

/// `$push`: all values that are not missing, in order.
final class PushAccumulator: Accumulator {
    private var values: [BSONValue] = []
    private(set) var size = 48
    func add(_ value: BSONValue?) {
        guard let value else { return }
        values.append(value)
        size += approximateSize(value)
    }
    var result: BSONValue { .array(BSONArray(values)) }
    var partial: BSONValue { result }
    func merge(_ partial: BSONValue) { for value in partial.array ?? [] { add(value) } }
}

/// `$addToSet`: each value once, equal numbers of different types counting as one.
final class SetAccumulator: Accumulator {
    private var keys: Set<[UInt8]> = []
    private var values: [BSONValue] = []
    private(set) var size = 64
    func add(_ value: BSONValue?) {
        guard let value, keys.insert(KeyEncoding.key(of: value)).inserted else { return }
        values.append(value)
        size += approximateSize(value) * 2
    }
    var result: BSONValue { .array(BSONArray(values)) }
    var partial: BSONValue { result }
    func merge(_ partial: BSONValue) { for value in partial.array ?? [] { add(value) } }
}

/// `$mergeObjects`: later fields replace earlier ones.
final class MergeAccumulator: Accumulator {
    private var merged = BSONDocument()
    func add(_ value: BSONValue?) throws {
        switch value {
        case nil, .null?, .undefined?: return
        case .document(let document)?: merged = merged.isEmpty ? document : merged.merging(document)
        case let value?:
            throw MongoError(
                .init(40400), "$mergeObjects requires object inputs, but input \(value) is of type \(value.type.alias)")
        }
    }
    var result: BSONValue { .document(merged) }
    var size: Int { 32 + merged.byteCount }
    var partial: BSONValue { result }
    func merge(_ partial: BSONValue) throws { try add(partial) }
}

/// `$stdDevPop` and `$stdDevSamp`, by Welford's method.
final class DeviationAccumulator: Accumulator {
    private let isSample: Bool
    private var count = 0.0
    private var mean = 0.0
    private var squares = 0.0
    init(sample: Bool) { isSample = sample }
    func add(_ value: BSONValue?) {
        guard let number = BSONNumber(value)?.double else { return }
        count += 1
        let delta = number - mean
        mean += delta / count
        squares += delta * (number - mean)
    }
    var result: BSONValue {
        let divisor = isSample ? count - 1 : count
        return divisor > 0 ? .double((squares / divisor).squareRoot()) : .null
    }
    var size: Int { 48 }
    var partial: BSONValue { [.double(count), .double(mean), .double(squares)] }
    func merge(_ partial: BSONValue) {
        let parts = (partial.array.map { Array($0) } ?? []).compactMap(\.double)
        guard parts.count == 3, parts[0] > 0 else { return }
        let total = count + parts[0]
        let delta = parts[1] - mean
        squares += parts[2] + delta * delta * count * parts[0] / total
        mean += delta * parts[0] / total
        count = total
    }
}

/// `$firstN` and `$lastN`: the values of the first or last n documents, a missing one as null.
final class EndsAccumulator: Accumulator {
    private let isLast: Bool
    private let limit: Int
    private var values: [BSONValue] = []
    private(set) var size = 48
    init(last: Bool, limit: Int) {
        isLast = last
        self.limit = limit
    }
    func add(_ value: BSONValue?) {
        if values.count >= limit {
            guard isLast, !values.isEmpty else { return }
            // An array of few values; a ring would pay only for large n.
            size -= approximateSize(values.removeFirst())
        }
        let value = value ?? .null
        values.append(value)
        size += approximateSize(value)
    }
    var result: BSONValue { .array(BSONArray(values)) }
    var partial: BSONValue { result }
    func merge(_ partial: BSONValue) { for value in partial.array ?? [] { add(value) } }
}

/// `$minN` and `$maxN`: the n least or greatest values, null and missing ones passed over.
final class ExtremesAccumulator: Accumulator {
    private let sign: Int
    private let limit: Int
    private var values: [BSONValue] = []
    private(set) var size = 48
    init(largest: Bool, limit: Int) {
        sign = largest ? -1 : 1
        self.limit = limit
    }
    func add(_ value: BSONValue?) {
        guard let value, !ExpressionOperators.isNullish(value) else { return }
        if values.count >= limit, let last = values.last,
            ExpressionOperators.compareValues(value, last) * sign >= 0
        {
            return
        }
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if ExpressionOperators.compareValues(values[middle], value) * sign <= 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        values.insert(value, at: low)
        size += approximateSize(value)
        if values.count > limit { size -= approximateSize(values.removeLast()) }
    }
    var result: BSONValue { .array(BSONArray(values)) }
    var partial: BSONValue { result }
    func merge(_ partial: BSONValue) { for value in partial.array ?? [] { add(value) } }
}

/// The bytes a value takes in memory, about.
func approximateSize(_ value: BSONValue) -> Int {
    switch value {
    case .string(let text), .symbol(let text), .javascript(let text): 40 + text.utf8.count
    case .document(let document): 40 + document.byteCount
    case .array(let array): 40 + array.document.byteCount
    case .binary(let binary): 40 + binary.bytes.count
    default: 40
    }
}

extension BSONDocument {
    /// This document with the fields of another: those of the same name in their old places, new ones at the end.
    func merging(_ other: BSONDocument) -> BSONDocument {
        var writer = BSONWriter(capacity: byteCount + other.byteCount)
        withRaw { raw in
            other.withRaw { others in
                for element in raw {
                    if let replacement = others[element.key] {
                        writer.append(key: element.key, replacement)
                    } else {
                        writer.append(element)
                    }
                }
                for element in others where raw[element.key] == nil { writer.append(element) }
            }
        }
        return writer.finish()
    }
}
