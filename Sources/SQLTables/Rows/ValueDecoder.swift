internal import Foundation

/// Reads one value: as a type that columns hold, as one that is coded as a single value, or from JSON text.
struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: SQLValue
    let name: String
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func decodeNil() -> Bool { value.isNull }

    // Enums with raw values come this way.
    func decode(_ type: String.Type) throws -> String { try read() }
    func decode(_ type: Int.Type) throws -> Int { try read() }

    private func read<T: SQLConvertible>() throws(SQLError) -> T {
        guard let read = T(sqlValue: value) else { throw RowState.mismatch(name, T.self) }
        return read
    }

    /// The value, or nil for none; JSON's own null is none too where a value would be JSON.
    func decodeIfPresent<T: Decodable>(_ type: T.Type) throws -> T? {
        guard !value.isNull else { return nil }
        guard case .text("null") = value, !(T.self is any SQLConvertible.Type) else { return try decode(type) }
        do { return try T(from: self) } catch is NotOneValue { return nil }
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if let convertible = T.self as? any SQLConvertible.Type {
            guard let read = convertible.init(sqlValue: value) as? T else { throw RowState.mismatch(name, type) }
            return read
        }
        do {
            return try T(from: self)
        } catch let error as NotOneValue {
            guard let json = String(sqlValue: value) else {
                throw SQLError(
                    .decoding, "The column '\(name)' holds no \(T.self): \(error.what) is read from JSON text")
            }
            do {
                return try JSONDecoder().decode(T.self, from: Data(json.utf8))
            } catch {
                throw SQLError(.decoding, "The column '\(name)' holds no JSON of \(T.self)")
            }
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw NotOneValue(what: "an object")
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NotOneValue(what: "a list") }
    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    /// The type is made of several values: it is to be found as JSON text.
    struct NotOneValue: Error { let what: String }
}
