internal import Hummingbird
internal import MongoProtocol

/// The addresses of a list's other pages: the request's own, with other values of the parameters that name a page.
struct PageLinks {
    /// What the address is, without the parameters that name a page: `/books?q=sea`.
    private let base: String
    private let hasQuery: Bool

    init(_ request: Request, without names: [String]) {
        let pairs = (request.uri.query ?? "").split(separator: "&").filter { pair in
            let name = pair.prefix { $0 != "=" }
            return !names.contains(PercentEncoding.decode(name) ?? "")
        }
        hasQuery = !pairs.isEmpty
        base = Self.safe(request.uri.path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")))
    }

    /// The address with these parameters; those without a value are left out.
    func address(_ parameters: [(name: String, value: String?)]) -> String {
        let given = parameters.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        guard !given.isEmpty else { return base }
        return base + (hasQuery ? "&" : "?") + given.joined(separator: "&")
    }

    /// A `Link` header's value (RFC 8288).
    static func header(_ links: [(relation: String, address: String)]) -> String {
        links.map { "<\($0.address)>; rel=\"\($0.relation)\"" }.joined(separator: ", ")
    }

    /// The same address with all percent-encoded that RFC 3986 has no place for, so that nothing ends a header's
    /// `<…>`. Two slashes in front would name another host.
    private static func safe(_ address: String) -> String {
        var text = ""
        for byte in address.utf8 {
            let isPlain = byte > 0x20 && byte < 0x7F && !"\"<>\\^`{|}".utf8.contains(byte)
            if isPlain {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return "/" + text.drop { $0 == "/" }
    }
}
