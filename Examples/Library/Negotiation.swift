internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdMongo

extension Request {
    /// Whether to answer with JSON: the client accepts it and does not like HTML better, or sends it without a wish.
    var asksForJSON: Bool {
        let accept = headers[.accept] ?? ""
        let json = Self.quality(of: "application/json", in: accept)
        let html = Self.quality(of: "text/html", in: accept)
        if let json { return json > 0 && json >= (html ?? 0) }
        return html == nil && hasJSONBody
    }

    /// How much a type is wanted where an `Accept` header names it (RFC 9110, section 12.5.1).
    private static func quality(of type: String, in accept: String) -> Double? {
        for entry in accept.lowercased().split(separator: ",") {
            let parts = entry.split(separator: ";").map { $0.filter { $0 != " " } }
            guard parts.first == type else { continue }
            return parts.first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
        }
        return nil
    }
}

extension Response {
    /// Sends the browser on after a form was taken, so that reloading the page does not send it again.
    static func seeOther(_ location: String) -> Response {
        Response(status: .seeOther, headers: [.location: location])
    }

    /// The answer in JSON to fields that are not valid.
    static func invalid(_ errors: FieldErrors, from request: Request, context: some RequestContext) -> Response {
        var list = BSONDocument()
        for (field, message) in errors.sorted(by: { $0.key < $1.key }) { list[field] = .string(message) }
        let body: BSONDocument = ["errors": .document(list)]
        var response = body.response(from: request, context: context)
        response.status = .unprocessableContent
        return response
    }

    /// The answer with a document as the answer to its creation.
    func created(at location: String) -> Response {
        var response = self
        response.status = .created
        response.headers[.location] = location
        return response
    }
}
