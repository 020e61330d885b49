internal import CResolv
internal import MongoProtocol
internal import NIOPosix

/// Asks through the C library, and so the servers that the system is set up with.
///
/// The library blocks: the questions run on NIO's threads for blocking work.
public struct SystemDNSResolver: DNSResolver {
    /// Makes a resolver.
    public init() {}

    /// The SRV records of a name; see ``DNSResolver``.
    public func serviceRecords(of name: String) async throws -> [ServiceRecord] {
        try await Self.ask(name, .service)?.serviceRecords ?? []
    }

    /// The TXT records of a name; see ``DNSResolver``.
    public func textRecords(of name: String) async throws -> [String] {
        try await Self.ask(name, .text)?.textRecords ?? []
    }

    /// The answer; nil where there are no such records.
    private static func ask(_ name: String, _ type: DNSMessage.RecordType) async throws -> DNSMessage? {
        try await NIOThreadPool.singleton.runIfActive {
            // The longest message there is.
            var answer = [UInt8](repeating: 0, count: 65_535)
            let length = answer.withUnsafeMutableBufferPointer { buffer in
                nectar_res_query(name, Int32(type.rawValue), buffer.baseAddress, Int32(buffer.count))
            }
            if length == NECTAR_RESOLV_NO_RECORDS.rawValue { return nil }
            guard length >= 0 else {
                throw MongoError(
                    .network, "No DNS server answers for \(name): check the network, and the system's DNS servers")
            }
            do {
                return try DNSMessage(Array(answer.prefix(Int(length))))
            } catch {
                throw MongoError(.network, "The DNS answer for \(name) cannot be read")
            }
        }
    }
}
