/// An entity tag (RFC 9110, section 8.8.3): a name for one version of what an address gives.
struct EntityTag: Equatable {
    /// The text between the quotes.
    let text: String
    /// Whether equal tags promise no more than about the same content.
    var isWeak = false

    /// As a header bears it.
    var field: String { "\(isWeak ? "W/" : "")\"\(text)\"" }

    /// Whether both name the very same bytes.
    func matchesStrongly(_ other: EntityTag) -> Bool { !isWeak && !other.isWeak && text == other.text }

    /// Whether both name about the same content.
    func matchesWeakly(_ other: EntityTag) -> Bool { text == other.text }
}

/// What `If-Match` and `If-None-Match` list.
enum EntityTagList: Equatable {
    /// `*`: any version.
    case any
    case tags([EntityTag])

    /// Reads a header's value. What is no tag is passed over, and the tags beside it count.
    init(_ text: String) {
        var rest = Substring(text)
        func skipSeparators() { rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," } }
        skipSeparators()
        if rest.first == "*" {
            self = .any
            return
        }
        var tags: [EntityTag] = []
        while !rest.isEmpty {
            let isWeak = rest.hasPrefix("W/")
            if isWeak { rest = rest.dropFirst(2) }
            if rest.first == "\"" {
                // A tag may hold commas, and no quotes.
                let inner = rest.dropFirst()
                guard let end = inner.firstIndex(of: "\"") else { break }
                tags.append(EntityTag(text: String(inner[..<end]), isWeak: isWeak))
                rest = inner[end...].dropFirst()
            } else {
                rest = rest.drop { $0 != "," }
            }
            skipSeparators()
        }
        self = .tags(tags)
    }

    /// Whether the list names a version, compared byte for byte.
    func matchesStrongly(_ tag: EntityTag) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains { $0.matchesStrongly(tag) }
        }
    }

    /// Whether the list names a version, or one as good.
    func matchesWeakly(_ tag: EntityTag) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains { $0.matchesWeakly(tag) }
        }
    }
}
