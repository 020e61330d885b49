internal import MongoProtocol
internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Why a server did not start.
public struct ServerStartError: Error, Sendable, CustomStringConvertible {
    /// What happened, and what to do.
    public let description: String

    init(description: String) { self.description = description }

    /// The error of a socket that could not be bound, without the network library's words for it.
    init(bindingTo address: ServerAddress, _ error: any Error) {
        let reason =
            switch error {
            case let error as IOError:
                switch error.errnoCode {
                case EADDRINUSE: "another program listens there. End it, or choose another port."
                case EACCES: "this user may not listen there. Choose a port above 1023."
                case EADDRNOTAVAIL: "this machine has no such address."
                case let code: "\(String(cString: strerror(code)))."
                }
            case is SocketAddressError.UnknownHost: "there is no host of this name."
            default: "\(error)"
            }
        description = "cannot listen on \(address): \(reason)"
    }
}
