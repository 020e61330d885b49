internal import HTTPTypes
internal import Hummingbird

/// What a request may ask of the version of a file (RFC 9110, section 13).
struct FileConditions {
    /// What comes of the conditions.
    enum Outcome: Equatable {
        /// The file, or the part of it that is asked for.
        case proceed
        /// 304: the client has this version.
        case notModified
        /// 412: this is not the version that the client means.
        case failed
    }

    /// Names the version.
    let tag: EntityTag
    /// When it was made, in seconds since 1970; nil where that is not known.
    let modified: Int64?

    /// Goes through the conditions in the order of section 13.2.2: `If-Match`, or else `If-Unmodified-Since`; then
    /// `If-None-Match`, or else `If-Modified-Since`. A date that is none is as if it were not there.
    func outcome(for request: Request) -> Outcome {
        let isReading = request.method == .get || request.method == .head
        if let condition = request.headers[.ifMatch] {
            if !EntityTagList(condition).matchesStrongly(tag) { return .failed }
        } else if let modified, let date = date(request, .ifUnmodifiedSince), modified > date {
            return .failed
        }
        if let condition = request.headers[.ifNoneMatch] {
            if EntityTagList(condition).matchesWeakly(tag) { return isReading ? .notModified : .failed }
        } else if isReading, let modified, let date = date(request, .ifModifiedSince), modified <= date {
            return .notModified
        }
        return .proceed
    }

    /// Whether the request's `Range` counts: for GET only, and under an `If-Range` of this very version, if there is one.
    ///
    /// A date names a version only once its second is over: until then the file may change again and keep its date (RFC 9110,
    /// section 8.8.2.2).
    /// - Parameter now: The time of the answer, in seconds since 1970.
    func honoursRange(of request: Request, at now: @autoclosure () -> Int64 = HTTPDate.now) -> Bool {
        guard request.method == .get, request.headers[.range] != nil else { return false }
        guard let condition = request.headers[.ifRange] else { return true }
        if case .tags(let tags) = EntityTagList(condition), let first = tags.first { return first.matchesStrongly(tag) }
        guard let modified, modified < now() else { return false }
        return HTTPDate.seconds(condition) == modified
    }

    private func date(_ request: Request, _ name: HTTPField.Name) -> Int64? {
        request.headers[name].flatMap { HTTPDate.seconds($0) }
    }
}
