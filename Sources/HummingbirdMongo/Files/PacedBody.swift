internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Synchronization

/// A request's body with a limit on its bytes and a watch over its pace.
///
/// ``read(_:limits:_:)`` runs a reader of it beside a watch that ends it: a client that stops sending, or sends a byte now and
/// then, would otherwise hold the connection and the half of a file for as long as it likes.
final class PacedBody: Sendable {
    private let request: Request
    private let limit: Int
    private let received = Atomic<Int>(0)
    private let isEnded = Atomic<Bool>(false)
    /// Whether the reader waits for the client. While it does something else, slowness is not the client's.
    private let isWaiting = Atomic<Bool>(false)

    private init(_ request: Request, limit: Int) {
        self.request = request
        self.limit = limit
    }

    /// Hands the body to `reader` while it comes fast enough.
    /// - Throws: 413 beyond the limit (before reading where the length is announced), 408 for one that is too slow, 400 for
    ///   one that breaks off, or what the reader throws.
    static func read<R: Sendable>(
        _ request: Request, limits: UploadLimits, limit: Int,
        _ reader: @Sendable @escaping (PacedBody) async throws -> R
    ) async throws -> R {
        let body = PacedBody(request, limit: limit)
        if let announced = body.announced, announced > limit { throw body.tooLarge }
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await reader(body) }
            group.addTask {
                try await body.watch(limits)
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// The pieces, once.
    func pieces() -> Pieces { Pieces(body: self, iterator: request.body.makeAsyncIterator()) }

    struct Pieces: AsyncSequence, AsyncIteratorProtocol {
        let body: PacedBody
        var iterator: RequestBody.AsyncIterator

        func makeAsyncIterator() -> Pieces { self }

        nonisolated(nonsending) mutating func next() async throws -> ByteBufferView? {
            body.isWaiting.store(true, ordering: .relaxed)
            let next: ByteBuffer?
            do {
                next = try await iterator.next(isolation: #isolation)
            } catch let error where !(error is CancellationError) {
                // Chunks that are none, or a client that is gone: no fault of the application's.
                throw HTTPError(.badRequest, message: "The body cannot be read to its end.")
            }
            body.isWaiting.store(false, ordering: .relaxed)
            guard let buffer = next else {
                // A body that was given up ends like one that is whole.
                try Task.checkCancellation()
                try body.end()
                return nil
            }
            try body.count(buffer.readableBytes)
            return buffer.readableBytesView
        }
    }

    private var announced: Int? { request.headers[.contentLength].flatMap { Int($0) } }
    private var tooLarge: HTTPError {
        HTTPError(.contentTooLarge, message: "The body may have at most \(limit) bytes.")
    }

    private func count(_ bytes: Int) throws {
        if received.wrappingAdd(bytes, ordering: .relaxed).newValue > limit { throw tooLarge }
    }

    private func end() throws {
        isEnded.store(true, ordering: .relaxed)
        if let announced, announced != received.load(ordering: .relaxed) {
            throw HTTPError(.badRequest, message: "The body is shorter than its Content-Length says.")
        }
    }

    /// Ends with an error as soon as the body is too slow.
    private func watch(_ limits: UploadLimits) async throws {
        let allowed = limits.grace
        var before = 0
        while true {
            try await Task.sleep(for: allowed)
            guard !isEnded.load(ordering: .relaxed) else { return }
            let now = received.load(ordering: .relaxed)
            defer { before = now }
            guard isWaiting.load(ordering: .relaxed) else { continue }
            let seconds = Double(allowed.components.seconds) + Double(allowed.components.attoseconds) / 1e18
            guard Double(now - before) >= Double(limits.bytesPerSecond) * seconds else {
                throw HTTPError(.requestTimeout, message: "The body comes too slowly.")
            }
        }
    }
}
