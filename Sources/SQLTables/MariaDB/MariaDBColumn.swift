#if MariaDB
    internal import CMariaDB

    /// A column of a result: how its values are fetched and what they become.
    struct MariaDBColumn {
        enum Kind { case whole(isUnsigned: Bool), double, decimal, date, dateTime, text, binary }

        let name: String
        let kind: Kind

        init(_ field: MYSQL_FIELD) {
            name = field.name.map { String(cString: $0) } ?? ""
            let isBinary = field.charsetnr == 63
            switch field.type {
            case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_LONG, MYSQL_TYPE_INT24, MYSQL_TYPE_LONGLONG,
                MYSQL_TYPE_YEAR:
                kind = .whole(isUnsigned: field.flags & UInt32(UNSIGNED_FLAG) != 0)
            case MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE: kind = .double
            case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL: kind = .decimal
            case MYSQL_TYPE_DATE: kind = .date
            case MYSQL_TYPE_DATETIME, MYSQL_TYPE_TIMESTAMP: kind = .dateTime
            case MYSQL_TYPE_TIME, MYSQL_TYPE_JSON: kind = .text
            default: kind = isBinary ? .binary : .text
            }
        }

        var type: enum_field_types {
            switch kind {
            case .whole: MYSQL_TYPE_LONGLONG
            case .double: MYSQL_TYPE_DOUBLE
            case .binary: MYSQL_TYPE_BLOB
            default: MYSQL_TYPE_STRING
            }
        }

        /// Bytes set aside for a value; longer ones are fetched on their own.
        var size: Int {
            switch kind {
            case .whole, .double: 8
            case .decimal, .date, .dateTime: 96
            case .text, .binary: 512
            }
        }

        func value(_ bytes: UnsafeRawBufferPointer) -> SQLValue {
            switch kind {
            case .whole(let isUnsigned):
                let bits = bytes.loadUnaligned(as: UInt64.self)
                guard isUnsigned, bits > UInt64(Int64.max) else { return .integer(Int64(bitPattern: bits)) }
                return .decimal(String(bits))
            case .double: return .double(bytes.loadUnaligned(as: Double.self))
            case .decimal: return .decimal(String(decoding: bytes, as: UTF8.self))
            case .date: return .date(String(decoding: bytes, as: UTF8.self))
            case .dateTime:
                let text = String(decoding: bytes, as: UTF8.self)
                return SQLDateText.date(text).map { .dateTime($0) } ?? .text(text)
            case .text: return .text(String(decoding: bytes, as: UTF8.self))
            case .binary: return .binary([UInt8](bytes))
            }
        }
    }

    /// Where the library puts a row's values.
    struct ResultBuffers {
        let columns: [MariaDBColumn]
        let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
        private let lengths: UnsafeMutableBufferPointer<UInt>
        private let nulls: UnsafeMutableBufferPointer<my_bool>
        private let memory: [UnsafeMutableRawBufferPointer]

        init(_ columns: [MariaDBColumn]) {
            self.columns = columns
            binds = .allocate(capacity: columns.count)
            lengths = .allocate(capacity: columns.count)
            lengths.initialize(repeating: 0)
            nulls = .allocate(capacity: columns.count)
            nulls.initialize(repeating: 0)
            memory = columns.map { .allocate(byteCount: $0.size, alignment: 8) }
            for (index, column) in columns.enumerated() {
                var bind = MYSQL_BIND()
                bind.buffer_type = column.type
                bind.buffer = memory[index].baseAddress
                bind.buffer_length = UInt(column.size)
                bind.length = lengths.baseAddress.map { $0 + index }
                bind.is_null = nulls.baseAddress.map { $0 + index }
                if case .whole(isUnsigned: true) = column.kind { bind.is_unsigned = 1 }
                binds.initializeElement(at: index, to: bind)
            }
        }

        func value(_ index: Int, of statement: UnsafeMutablePointer<MYSQL_STMT>) throws(SQLError) -> SQLValue {
            guard nulls[index] == 0 else { return .null }
            let column = columns[index]
            if case .whole = column.kind { return column.value(UnsafeRawBufferPointer(memory[index])) }
            if case .double = column.kind { return column.value(UnsafeRawBufferPointer(memory[index])) }
            let length = Int(clamping: lengths[index])
            if length <= column.size {
                return column.value(UnsafeRawBufferPointer(rebasing: memory[index][0..<length]))
            }
            let place = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 1)
            defer { place.deallocate() }
            var bind = MYSQL_BIND()
            bind.buffer_type = column.type
            bind.buffer = place.baseAddress
            bind.buffer_length = UInt(length)
            guard mysql_stmt_fetch_column(statement, &bind, UInt32(index), 0) == 0 else {
                throw SQLError(.other, "A value of '\(column.name)' could not be fetched")
            }
            return column.value(UnsafeRawBufferPointer(place))
        }

        func deallocate() {
            for place in memory { place.deallocate() }
            binds.deallocate()
            lengths.deallocate()
            nulls.deallocate()
        }
    }
#endif
