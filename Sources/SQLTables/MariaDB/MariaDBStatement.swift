#if MariaDB
    internal import CMariaDB

    /// A prepared statement: binds values, runs, and reads rows.
    final class MariaDBStatement {
        private let pointer: UnsafeMutablePointer<MYSQL_STMT>
        private var isClosed = false

        init(_ pointer: UnsafeMutablePointer<MYSQL_STMT>) { self.pointer = pointer }

        var lastError: SQLError {
            MariaDBErrors.error(
                code: Int(mysql_stmt_errno(pointer)), message: String(cString: mysql_stmt_error(pointer)))
        }

        func close() {
            guard !isClosed else { return }
            isClosed = true
            mysql_stmt_close(pointer)
        }

        func run(_ parameters: [SQLValue]) throws(SQLError) -> SQLResult {
            guard mysql_stmt_param_count(pointer) == UInt(parameters.count) else {
                throw SQLError(
                    .usage, "The statement has \(mysql_stmt_param_count(pointer)) ?s for \(parameters.count) values")
            }
            let bound = BoundParameters(parameters)
            defer { bound.deallocate() }
            if !parameters.isEmpty, mysql_stmt_bind_param(pointer, bound.binds.baseAddress) != 0 { throw lastError }
            guard mysql_stmt_execute(pointer) == 0 else { throw lastError }
            defer { mysql_stmt_free_result(pointer) }
            guard let metadata = mysql_stmt_result_metadata(pointer) else {
                let id = mysql_stmt_insert_id(pointer)
                return SQLResult(
                    affectedRows: Int(clamping: mysql_stmt_affected_rows(pointer)),
                    lastInsertID: id == 0 ? nil : Int64(clamping: id))
            }
            defer { mysql_free_result(metadata) }
            return try readRows(metadata)
        }

        private func readRows(_ metadata: UnsafeMutablePointer<MYSQL_RES>) throws(SQLError) -> SQLResult {
            let count = Int(mysql_num_fields(metadata))
            guard count > 0, let fields = mysql_fetch_fields(metadata) else { return SQLResult() }
            let columns = UnsafeBufferPointer(start: fields, count: count).map { MariaDBColumn($0) }
            let buffers = ResultBuffers(columns)
            defer { buffers.deallocate() }
            guard mysql_stmt_bind_result(pointer, buffers.binds.baseAddress) == 0,
                mysql_stmt_store_result(pointer) == 0
            else { throw lastError }
            let names = SQLColumnNames(columns.map(\.name))
            var rows: [SQLRow] = []
            while true {
                let outcome = mysql_stmt_fetch(pointer)
                // A value longer than its buffer is fetched once more below.
                guard outcome == 0 || outcome == MYSQL_DATA_TRUNCATED else {
                    if outcome == MYSQL_NO_DATA { break }
                    throw lastError
                }
                var values: [SQLValue] = []
                values.reserveCapacity(count)
                for index in 0..<count { values.append(try buffers.value(index, of: pointer)) }
                rows.append(SQLRow(columns: names, values: values))
            }
            let id = mysql_stmt_insert_id(pointer)
            return SQLResult(
                rows: rows, affectedRows: Int(clamping: mysql_stmt_affected_rows(pointer)),
                lastInsertID: id == 0 ? nil : Int64(clamping: id))
        }
    }

    /// The values of a statement where the library finds them.
    private struct BoundParameters {
        let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
        private var memory: [UnsafeMutableRawBufferPointer] = []

        init(_ values: [SQLValue]) {
            binds = .allocate(capacity: values.count)
            for (index, value) in values.enumerated() {
                var bind = MYSQL_BIND()
                switch value {
                case .null: bind.buffer_type = MYSQL_TYPE_NULL
                case .bool(let value): store(Int64(value ? 1 : 0), MYSQL_TYPE_LONGLONG, &bind)
                case .integer(let value): store(value, MYSQL_TYPE_LONGLONG, &bind)
                case .double(let value): store(value, MYSQL_TYPE_DOUBLE, &bind)
                case .decimal(let text):
                    // The server computes with a text by binary fractions.
                    let isNumber = DecimalText.digits(of: value) != nil
                    store(text.utf8, isNumber ? MYSQL_TYPE_NEWDECIMAL : MYSQL_TYPE_STRING, &bind)
                case .text(let text), .date(let text): store(text.utf8, MYSQL_TYPE_STRING, &bind)
                case .dateTime(let date): store(SQLDateText.text(date).utf8, MYSQL_TYPE_STRING, &bind)
                case .binary(let bytes): store(bytes, MYSQL_TYPE_BLOB, &bind)
                }
                binds.initializeElement(at: index, to: bind)
            }
        }

        private mutating func store<T: BitwiseCopyable>(_ value: T, _ type: enum_field_types, _ bind: inout MYSQL_BIND)
        {
            let place = UnsafeMutableRawBufferPointer.allocate(
                byteCount: MemoryLayout<T>.size, alignment: MemoryLayout<T>.alignment)
            place.storeBytes(of: value, as: T.self)
            memory.append(place)
            bind.buffer_type = type
            bind.buffer = place.baseAddress
        }

        private mutating func store(
            _ bytes: some Collection<UInt8>, _ type: enum_field_types, _ bind: inout MYSQL_BIND
        ) {
            let place = UnsafeMutableRawBufferPointer.allocate(byteCount: Swift.max(1, bytes.count), alignment: 1)
            place.copyBytes(from: bytes)
            memory.append(place)
            bind.buffer_type = type
            bind.buffer = place.baseAddress
            bind.buffer_length = UInt(bytes.count)
            // Where no length is pointed to, the library takes this one.
            bind.length_value = UInt(bytes.count)
        }

        func deallocate() {
            for place in memory { place.deallocate() }
            binds.deallocate()
        }
    }
#endif
