internal import HTTPTypes
internal import Hummingbird
internal import Nectar

/// What requests may ask of a file's version (RFC 9110, section 13).
struct FileConditions {
    /// The entity tag, strong: a file of GridFS never changes, so its id is as good as a digest of it.
    let tag: String
    /// When the file was uploaded; nil where that is not known.
    let lastModified: String?
    private let modified: Int64
    private let length: Int64

    init(_ file: GridFSFile) {
        length = file.length
        modified = HTTPDate.seconds(file.uploadDate)
        lastModified = file.uploadDate.millisecondsSince1970 == 0 ? nil : HTTPDate.text(file.uploadDate)
        let date = String(file.uploadDate.millisecondsSince1970, radix: 16)
        tag = "\"\(file.id.objectID.map(\.description) ?? "\(date).\(String(length, radix: 16))")\""
    }

    /// Whether the client has this version. `If-Modified-Since` counts where there is no `If-None-Match` only.
    func isFresh(for request: Request) -> Bool {
        guard request.method == .get || request.method == .head else { return false }
        if let condition = request.headers[.ifNoneMatch] {
            return condition.split(separator: ",").contains { entry in
                let name = entry.drop { $0 == " " }.prefix { $0 != " " }
                return name == "*" || name == tag || name == "W/\(tag)"
            }
        }
        guard lastModified != nil, let since = request.headers[.ifModifiedSince].flatMap({ HTTPDate.seconds($0) })
        else { return false }
        return modified <= since
    }

    /// The part that is asked for. With an `If-Range` of another version that is everything.
    func range(for request: Request) -> ByteRange {
        guard request.method == .get else { return .whole }
        if let version = request.headers[.ifRange], version != tag, version != lastModified { return .whole }
        return ByteRange(request.headers[.range], length: length)
    }
}
