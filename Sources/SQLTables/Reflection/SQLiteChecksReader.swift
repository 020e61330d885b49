/// Reads a table's checks from the words that made it, which is all that SQLite keeps of them.
struct SQLiteChecksReader {
    private enum Token {
        /// A word without quotes, or a name in quotes.
        case word(String), quoted(String)
        case open, close, other
    }

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private var checks: [Check] = []

    private init(_ words: String) { bytes = Array(words.utf8) }

    /// The checks of columns and of the table, in order, without the remarks within.
    static func checks(_ words: String) -> [Check] {
        var reader = SQLiteChecksReader(words)
        reader.read()
        return reader.checks
    }

    private mutating func read() {
        // A virtual table's arguments are its module's own.
        var isTable = false
        while depth == 0, let token = next() {
            guard case .word(let word) = token else { continue }
            if word.lowercased() == "virtual" { return }
            if word.lowercased() == "table" { isTable = true }
        }
        var name: String?
        while isTable, depth > 0, let token = next() {
            let known = name
            name = nil
            guard depth == 1, case .word(let word) = token else { continue }
            switch word.lowercased() {
            case "constraint": name = nextName()
            case "check": if let text = nextBracket() { checks.append(Check(known, .words(text))) }
            default: break
            }
        }
    }

    private mutating func nextName() -> String? {
        switch next() {
        case .quoted(let text), .word(let text): return text
        default: return nil
        }
    }

    /// The text of a bracket and of those within it.
    private mutating func nextBracket() -> String? {
        let outside = depth
        guard case .open = next() else { return nil }
        var text: [UInt8] = []
        while true {
            let start = position
            let isRemark = skipRemark()
            guard isRemark || skipSpace() || next() != nil else { return nil }
            if depth == outside { break }
            text += isRemark ? [UInt8(ascii: " ")] : bytes[start..<position]
        }
        let isSpace = { (byte: UInt8) in byte == 32 || (9...13).contains(byte) }
        let start = text.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) } ?? start.startIndex
        return String(decoding: start.prefix(through: end), as: UTF8.self)
    }

    /// The next token; space and remarks before it are passed over.
    private mutating func next() -> Token? {
        while skipRemark() || skipSpace() {}
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "("):
            depth += 1
            return .open
        case UInt8(ascii: ")"):
            depth -= 1
            return .close
        case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"): return .quoted(rest(to: byte))
        case UInt8(ascii: "["): return .quoted(rest(to: UInt8(ascii: "]")))
        case _ where Self.isWord(byte):
            let start = position - 1
            while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
            return .word(String(decoding: bytes[start..<position], as: UTF8.self))
        default: return .other
        }
    }

    /// What stands before the closing mark; two marks are one within, but for brackets, which have none.
    private mutating func rest(to mark: UInt8) -> String {
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == mark {
                guard mark != UInt8(ascii: "]"), position < bytes.count, bytes[position] == mark else { break }
                position += 1
            }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func skipSpace() -> Bool {
        guard position < bytes.count, [9, 10, 12, 13, 32].contains(bytes[position]) else { return false }
        position += 1
        return true
    }

    /// Passes over `-- …` to the line's end, or over `/* … */`.
    private mutating func skipRemark() -> Bool {
        let rest = bytes[position...]
        if rest.starts(with: "--".utf8) {
            position = rest.firstIndex(of: 10) ?? bytes.count
        } else if rest.starts(with: "/*".utf8) {
            position += 2
            while position < bytes.count, !bytes[position...].starts(with: "*/".utf8) { position += 1 }
            position = Swift.min(position + 2, bytes.count)
        } else {
            return false
        }
        return true
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
