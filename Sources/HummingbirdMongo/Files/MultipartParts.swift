internal import Hummingbird
internal import MultipartForms
internal import NIOCore
internal import Synchronization

/// The parts of a form as they come, for one reader: ask for a part, then for its bytes. What is not read is passed over.
final class MultipartParts {
    private var pieces: PacedBody.Pieces
    private var parser: MultipartParser
    private var isInPart = false

    init(_ pieces: PacedBody.Pieces, boundary: String, limits: MultipartLimits) throws {
        self.pieces = pieces
        parser = try httpErrors { try MultipartParser(boundary: boundary, limits: limits) }
    }

    /// The next part; nil behind the last, where the whole body is read.
    nonisolated(nonsending) func next() async throws -> MultipartPartHeaders? {
        while try await nextBytes() != nil {}
        while let event = try await event() {
            if case .part(let headers) = event {
                isInPart = true
                return headers
            }
        }
        return nil
    }

    /// The next bytes of the part; nil behind the last.
    nonisolated(nonsending) func nextBytes() async throws -> [UInt8]? {
        guard isInPart else { return nil }
        switch try await event() {
        case .data(let bytes): return bytes
        case .part, .end, nil:
            isInPart = false
            return nil
        }
    }

    /// All bytes of the part.
    nonisolated(nonsending) func collect() async throws -> [UInt8] {
        var all: [UInt8] = []
        while let bytes = try await nextBytes() { all += bytes }
        return all
    }

    private nonisolated(nonsending) func event() async throws -> MultipartParser.Event? {
        while true {
            if let event = try httpErrors({ try parser.next() }) { return event }
            guard let piece = try await pieces.next() else {
                try httpErrors { try parser.finish() }
                return nil
            }
            try httpErrors { try parser.append(piece) }
        }
    }
}

/// What was saved so far; one task writes and, when that has ended, another reads.
final class SavedFiles: Sendable {
    private let files = Mutex<[SavedFile]>([])
    var all: [SavedFile] { files.withLock { $0 } }
    func add(_ file: SavedFile) { files.withLock { $0.append(file) } }
}

/// Runs what the form's parser does, with its errors as answers.
func httpErrors<R>(_ body: () throws -> R) throws -> R {
    do {
        return try body()
    } catch let error as MultipartError {
        throw HTTPError(error.kind == .tooLarge ? .contentTooLarge : .badRequest, message: error.description)
    }
}
