/// Reads a body of type `multipart/form-data` (RFC 7578) as it comes, in pieces of any size.
///
/// It holds no more than one piece, the headers of one part and a boundary. It is strict: what is not as the standard has
/// it is an error. Feed it with ``append(_:)``, ask for events until there is none, and say ``finish()`` in the end.
public struct MultipartParser: Sendable {
    /// What comes out.
    public enum Event: Sendable, Hashable {
        /// A part begins.
        case part(MultipartPartHeaders)
        /// Bytes of the part.
        case data([UInt8])
        /// The part ends.
        case end
    }

    private enum State {
        /// Before the first boundary.
        case start
        /// Behind a boundary: the end of its line, or the two hyphens of the last one.
        case boundary
        case headers
        case content
        /// Behind the last boundary, where bytes mean nothing.
        case epilogue
    }

    /// What stands before a boundary's own text, and the text.
    private let delimiter: [UInt8]
    private let limits: MultipartLimits
    private var state = State.start
    private var buffer: [UInt8] = []
    /// Where in the buffer the bytes begin that were not taken yet.
    private var position = 0
    private var received = 0
    private var parts = 0
    private var partBytes = 0
    private var partLimit = 0
    private var isFile = false

    /// Begins a form.
    /// - Parameter boundary: The parameter of the body's content type.
    /// - Throws: ``MultipartError`` for a boundary that none may have.
    public init(boundary: String, limits: MultipartLimits = MultipartLimits()) throws(MultipartError) {
        let text = Array(boundary.utf8)
        guard (1...70).contains(text.count), text.allSatisfy({ (0x20...0x7E).contains($0) }), text.last != 0x20 else {
            throw .malformed("its boundary is missing or none")
        }
        delimiter = Array("\r\n--".utf8) + text
        self.limits = limits
    }

    /// Takes more of the body.
    /// - Throws: ``MultipartError`` of kind `tooLarge` beyond the limit of the whole body.
    public mutating func append(_ bytes: some Collection<UInt8>) throws(MultipartError) {
        guard bytes.count <= limits.bytes - received else { throw .tooLarge("more than \(limits.bytes) bytes") }
        received += bytes.count
        guard state != .epilogue else { return }
        if position > 0 {
            buffer.removeFirst(position)
            position = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next event; nil where more of the body is needed.
    /// - Throws: ``MultipartError``; the parser is of no use behind one.
    public mutating func next() throws(MultipartError) -> Event? {
        while true {
            switch state {
            case .start:
                // Some clients put an empty line in front of the first boundary.
                let first = buffer.dropFirst(position).first == 0x0D ? delimiter[...] : delimiter[2...]
                guard let begins = starts(with: first) else { return nil }
                guard begins else { throw .malformed("it does not start with its boundary") }
                position += first.count
                state = .boundary
            case .boundary:
                guard try lineEnds() else { return nil }
            case .headers:
                guard let headers = try takeHeaders() else { return nil }
                return .part(headers)
            case .content: return try takeContent()
            case .epilogue:
                buffer = []
                position = 0
                return nil
            }
        }
    }

    /// Says that the body has ended.
    /// - Throws: ``MultipartError`` where the form has not.
    public func finish() throws(MultipartError) {
        if state != .epilogue { throw .malformed("its last boundary is missing") }
    }

    /// Whether what is left begins with these bytes; nil where too little is there to tell.
    private func starts(with pattern: some Collection<UInt8>) -> Bool? {
        let rest = buffer[position...]
        guard rest.count < pattern.count else { return rest.starts(with: pattern) }
        return pattern.starts(with: rest) ? nil : false
    }

    /// Passes the end of a boundary's line; false where more bytes are needed.
    private mutating func lineEnds() throws(MultipartError) -> Bool {
        if starts(with: "--".utf8) == true {
            state = .epilogue
            return true
        }
        // Spaces may stand behind a boundary; they are bounded, like headers.
        let padding = buffer[position...].prefix { $0 == 0x20 || $0 == 0x09 }.count
        guard padding <= limits.headerBytes else { throw .malformed("a boundary is not the end of its line") }
        let rest = buffer[(position + padding)...]
        if rest.count < 2 {
            let isOpen = rest.isEmpty || rest.first == 0x0D || (rest.first == 0x2D && padding == 0)
            if isOpen { return false }
        } else if rest.starts(with: "\r\n".utf8) {
            position += padding + 2
            guard parts < limits.parts else { throw .tooLarge("more than \(limits.parts) parts") }
            parts += 1
            state = .headers
            return true
        }
        throw .malformed("a boundary is not the end of its line")
    }

    private mutating func takeHeaders() throws(MultipartError) -> MultipartPartHeaders? {
        let end = Array("\r\n\r\n".utf8)
        let head = buffer[position...].prefix(limits.headerBytes)
        guard let found = Self.find(end, in: head) else {
            guard buffer.count - position < limits.headerBytes else {
                throw .tooLarge("a part whose headers have more than \(limits.headerBytes) bytes")
            }
            return nil
        }
        let headers = try MultipartPartHeaders(buffer[position..<found])
        position = found + end.count
        partBytes = 0
        isFile = headers.filename != nil
        partLimit = isFile ? limits.fileBytes : limits.fieldBytes
        // The end of the headers may be the beginning of the boundary of an empty part, whose content is nothing.
        state = .content
        return headers
    }

    /// Bytes of the part, or its end. What may be the beginning of a boundary is kept until more is known.
    private mutating func takeContent() throws(MultipartError) -> Event? {
        let rest = buffer[position...]
        let end: Int
        if let found = Self.find(delimiter, in: rest) {
            guard found > position else {
                position += delimiter.count
                state = .boundary
                return .end
            }
            end = found
        } else {
            end = rest.endIndex - Self.openEnd(of: rest, delimiter)
            guard end > position else { return nil }
        }
        partBytes += end - position
        guard partBytes <= partLimit else {
            throw .tooLarge("a \(isFile ? "file" : "field") of more than \(partLimit) bytes")
        }
        let bytes = position == 0 && end == buffer.count ? buffer : Array(buffer[position..<end])
        position = end
        return .data(bytes)
    }

    /// How many bytes at the end may be the beginning of a pattern. It begins with the only `\r` that it has.
    private static func openEnd(of bytes: ArraySlice<UInt8>, _ pattern: [UInt8]) -> Int {
        let tail = bytes.suffix(pattern.count - 1)
        guard let first = tail.lastIndex(of: 0x0D) else { return 0 }
        return pattern.starts(with: tail[first...]) ? tail.endIndex - first : 0
    }

    /// Where a pattern first stands; looks for its first byte and compares only there.
    private static func find(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = pattern.first else { return nil }
        var rest = bytes
        while let index = rest.firstIndex(of: first) {
            if bytes[index...].starts(with: pattern) { return index }
            rest = bytes[(index + 1)...]
        }
        return nil
    }
}
