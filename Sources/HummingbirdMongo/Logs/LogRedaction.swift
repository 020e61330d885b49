internal import MongoProtocol
public import Nectar

/// What is left out of log records: the values of fields and query parameters whose names tell of a secret.
public struct LogRedaction: Sendable {
    /// Parts of names, in lower case: a name that has one of them in it is masked.
    public var names: Set<String> = [
        "password", "passwd", "pwd", "secret", "token", "api_key", "apikey", "authorization", "auth", "credential",
        "session", "cookie", "card", "cvv", "ssn", "pin", "signature", "private",
    ]
    /// What stands in the place of a value.
    public var mask = "***"
    /// The longest text that is kept whole, in characters.
    public var longestText = 1000
    /// How deep documents are kept.
    public var deepest = 8

    /// The defaults.
    public init() {}

    /// Whether values under a name are masked.
    public func isSensitive(_ name: String) -> Bool {
        let name = name.lowercased().replacing("-", with: "_")
        return names.contains { part in
            // Short parts are words of their own: `pin`, not `shipping`.
            part.count > 4 ? name.contains(part) : name.split(separator: "_").contains { $0 == part }
        }
    }

    /// A document with masks for secrets and cut texts.
    public func redacted(_ document: BSONDocument) -> BSONDocument { redacted(document, depth: 1) }

    private func redacted(_ document: BSONDocument, depth: Int) -> BSONDocument {
        BSONDocument(
            fields: document.map { key, value in
                (key, isSensitive(key) ? .string(mask) : redacted(value, depth: depth))
            })
    }

    private func redacted(_ value: BSONValue, depth: Int) -> BSONValue {
        guard depth < deepest else { return .string("…") }
        switch value {
        case .document(let document): return .document(redacted(document, depth: depth + 1))
        case .array(let array): return .array(BSONArray(array.prefix(100).map { redacted($0, depth: depth + 1) }))
        case .string(let text): return .string(cut(text))
        default: return value
        }
    }

    /// A path and its query as they were received, with masks for the values of sensitive names.
    public func redacted(uri: String) -> String {
        guard let mark = uri.firstIndex(of: "?") else { return cut(uri) }
        let pairs = uri[uri.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false).map { pair in
            guard let equals = pair.firstIndex(of: "=") else { return String(pair) }
            let name = pair[..<equals]
            // A name may itself be encoded, so as to slip by.
            let isSecret = PercentEncoding.decode(name).map(isSensitive) ?? true
            return isSecret ? "\(name)=\(mask)" : String(pair)
        }
        return cut(String(uri[...mark]) + pairs.joined(separator: "&"))
    }

    private func cut(_ text: String) -> String {
        text.count <= longestText ? text : String(text.prefix(longestText)) + "…"
    }

    /// An error's type, and its kind where it has one: no words that may repeat what a client sent.
    static func name(of error: any Error) -> String {
        if let error = error as? MongoError { return "MongoError.\(error.kind)" }
        return "\(type(of: error))"
    }
}
