internal import CSocket
internal import MongoProtocol
internal import NIOPosix
internal import Synchronization

/// Opens sockets whose descriptors the driver knows, which NIO's own do not show.
enum SocketOpener {
    /// Finding a host's addresses blocks, and so does this: on threads that have nothing else to do.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    /// Opens a connection of TCP; the addresses of the host are tried one after the other.
    /// - Returns: The descriptor, which is the caller's to close.
    /// - Throws: ``MongoError`` of kind `network` with the reason, `CancellationError`.
    static func open(_ address: ServerAddress, timeout: Duration) async throws -> CInt {
        let isCancelled = Flag()
        return try await withTaskCancellationHandler {
            try await threads.runIfActive { try connect(address, timeout, isCancelled) }
        } onCancel: {
            isCancelled.value.store(true, ordering: .relaxed)
        }
    }

    private final class Flag: Sendable { let value = Atomic<Bool>(false) }

    private static func connect(_ address: ServerAddress, _ timeout: Duration, _ isCancelled: Flag) throws -> CInt {
        var list: UnsafeMutablePointer<addrinfo>?
        let found = nectar_socket_resolve(address.host, "\(address.port ?? 0)", &list)
        guard found == 0, let list else { throw failure(address, String(cString: gai_strerror(found))) }
        defer { freeaddrinfo(list) }
        let end = ContinuousClock.now + timeout
        var reason = "it has no address"
        var next: UnsafeMutablePointer<addrinfo>? = list
        while let candidate = next {
            next = candidate.pointee.ai_next
            let descriptor = nectar_socket_begin(candidate)
            var state = min(descriptor, 0)
            while state == 0, ContinuousClock.now < end, !isCancelled.value.load(ordering: .relaxed) {
                state = nectar_socket_arrive(descriptor, 20)
            }
            if state == 1, !isCancelled.value.load(ordering: .relaxed) { return descriptor }
            if descriptor >= 0 { close(descriptor) }
            if isCancelled.value.load(ordering: .relaxed) { throw CancellationError() }
            reason = state == 0 ? "it did not answer within \(timeout)" : String(cString: strerror(-state))
        }
        throw failure(address, reason)
    }

    private static func failure(_ address: ServerAddress, _ reason: String) -> MongoError {
        var error = MongoError(.network, "\(address) cannot be reached: \(reason)")
        error.address = address.description
        return error
    }
}
