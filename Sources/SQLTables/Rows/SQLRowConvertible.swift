/// A type that reads a row's columns and writes them by itself, without `Codable`. `@Row` of the module `SQLRows` makes a
/// struct one.
///
/// A name `firstName` stands for the column `firstName` or, where there is none, `first_name`.
public protocol SQLRowConvertible {
    /// The columns, in the order in which they are read.
    static var _columnNames: [String] { get }
    /// Reads a row.
    init(_ reader: SQLRowReader) throws(SQLError)
    /// Writes the columns.
    func _writeColumns(into writer: inout SQLRowWriter) throws(SQLError)
}

/// Gives the values of a row by the numbers of a type's columns, which are looked for once in a result.
public struct SQLRowReader {
    /// Which column of a result each of a type's columns is.
    final class Plan {
        let names: [String]
        let columns: SQLColumnNames
        /// The places; -1 where the result has no such column.
        let positions: [Int]

        init(_ type: (some SQLRowConvertible).Type, _ columns: SQLColumnNames) {
            names = type._columnNames
            self.columns = columns
            positions = names.map { columns.position(ofProperty: $0) ?? -1 }
        }

        func reader(_ row: SQLRow) -> SQLRowReader {
            SQLRowReader(plan: self, positions: positions, values: row.values)
        }
    }

    let plan: Plan
    @usableFromInline let positions: [Int]
    @usableFromInline let values: [SQLValue]

    /// A column's value; nil where the result has no such column.
    @inlinable func value(_ index: Int) -> SQLValue? {
        guard positions.indices.contains(index), values.indices.contains(positions[index]) else { return nil }
        return values[positions[index]]
    }

    @usableFromInline func failure(_ index: Int, _ type: Any.Type) -> SQLError {
        let name = plan.names.indices.contains(index) ? plan.names[index] : "\(index)"
        return value(index) == nil ? plan.columns.missing(name) : RowState.mismatch(name, type)
    }

    /// A column's value as a type.
    /// - Throws: ``SQLError`` of kind `decoding` where there is no such column or its value is of another kind.
    @inlinable public func read<T: SQLConvertible>(_ index: Int, _ type: T.Type) throws(SQLError) -> T {
        guard let value = value(index), let read = T(sqlValue: value) else { throw failure(index, type) }
        return read
    }

    /// A column's value; nil for null, and where there is no such column.
    @inlinable public func read<T: SQLConvertible>(_ index: Int, _ type: T?.Type) throws(SQLError) -> T? {
        guard let value = value(index), !value.isNull else { return nil }
        guard let read = T(sqlValue: value) else { throw failure(index, type) }
        return read
    }

    /// A column's value, or another where there is no such column.
    @inlinable public func read<T: SQLConvertible>(
        _ index: Int, _ type: T.Type, default other: @autoclosure () -> T
    ) throws(SQLError) -> T {
        value(index) == nil ? other() : try read(index, type)
    }

    /// A value that is coded as one, or as JSON text.
    @_disfavoredOverload
    public func read<T: Decodable>(_ index: Int, _ type: T.Type) throws(SQLError) -> T {
        guard let value = value(index) else { throw failure(index, type) }
        return try decoded(index, type) { () throws in
            try ValueDecoder(value: value, name: plan.names[index]).decode(type)
        }
    }

    private func decoded<T>(_ index: Int, _ type: Any.Type, _ read: () throws -> T) throws(SQLError) -> T {
        do {
            return try read()
        } catch let error as SQLError {
            throw error
        } catch {
            throw failure(index, type)
        }
    }

    /// A value that is coded as one, or as JSON text; nil for null, JSON's own too, and where there is no such column.
    @_disfavoredOverload
    public func read<T: Decodable>(_ index: Int, _ type: T?.Type) throws(SQLError) -> T? {
        guard let value = value(index) else { return nil }
        return try decoded(index, type) { () throws in
            try ValueDecoder(value: value, name: plan.names[index]).decodeIfPresent(T.self)
        }
    }

    /// A value that is coded as one, or as JSON text, or another where there is no such column.
    @_disfavoredOverload
    public func read<T: Decodable>(
        _ index: Int, _ type: T.Type, default other: @autoclosure () -> T
    ) throws(SQLError) -> T {
        value(index) == nil ? other() : try read(index, type)
    }
}

/// Takes the values of a row by the names of a type's columns.
public struct SQLRowWriter {
    var fields: [(String, SQLValue)] = []

    /// Writes a column.
    public mutating func write(_ name: String, _ value: some SQLConvertible) throws(SQLError) {
        fields.append((name, value.sqlValue))
    }

    /// Writes a column as one value, or as JSON text.
    @_disfavoredOverload
    public mutating func write(_ name: String, _ value: some Encodable) throws(SQLError) {
        do {
            fields.append((name, try RowEncoder.value(of: value)))
        } catch {
            throw SQLError(.usage, "'\(name)' cannot be written as JSON: \(error)")
        }
    }

    /// Writes a column as one value, or as JSON text; null for nil.
    @_disfavoredOverload
    public mutating func write<T: Encodable>(_ name: String, _ value: T?) throws(SQLError) {
        if let value { try write(name, value) } else { fields.append((name, .null)) }
    }
}
