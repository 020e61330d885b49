internal import ExampleSupport

/// The wiki's markup, made into HTML. Everything that is not markup is escaped, so no page can hold code.
///
/// Blocks: `= Title`, `== Title`, `* item`, `# item`, `> quotation`, lines between "```" as they are, paragraphs.
/// Within them: `**strong**`, `//emphasis//`, "`code`", `[[Page]]`, `[[Page|words]]`, `[[https://…|words]]`, `{{picture.png|words}}`.
struct Markup {
    /// Which pages are there; links to others look different.
    let isPage: (String) -> Bool

    /// The names of pages that a text links to.
    static func links(in text: String) -> Set<String> {
        var names: Set<String> = []
        for part in text.components(between: "[[", and: "]]") {
            if let name = PageName.of(String(part.prefix { $0 != "|" })) { names.insert(name) }
        }
        return names
    }

    /// The HTML of a text.
    func html(_ text: String) -> String {
        var out = ""
        var lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.first {
            if line.allSatisfy(\.isWhitespace) {
                lines = lines.dropFirst()
            } else if line.hasPrefix("```") {
                let code = lines.dropFirst().prefix { !$0.hasPrefix("```") }
                out += "<pre>\(EscapedHTML.escape(code.joined(separator: "\n")))</pre>\n"
                lines = lines[code.endIndex...].dropFirst()
            } else if let level = Self.headingLevel(line) {
                let words = line.drop { $0 == "=" }.reversed().drop { $0 == "=" || $0 == " " }.reversed()
                out += "<h\(level + 1)>\(inline(Substring(String(words)).drop { $0 == " " }))</h\(level + 1)>\n"
                lines = lines.dropFirst()
            } else if let (mark, tag, item) = Self.blocks.first(where: { line.hasPrefix($0.mark) }) {
                let run = lines.prefix { $0.hasPrefix(mark) }
                let parts = run.map { inline($0.dropFirst(mark.count)) }
                let inner = parts.map { item.isEmpty ? "\($0)<br>" : "<\(item)>\($0)</\(item)>" }
                out += "<\(tag)>\n\(inner.joined(separator: "\n"))\n</\(tag)>\n"
                lines = lines[run.endIndex...]
            } else {
                let run = lines.prefix { line in
                    !line.allSatisfy(\.isWhitespace) && !line.hasPrefix("```") && Self.headingLevel(line) == nil
                        && !Self.blocks.contains { line.hasPrefix($0.mark) }
                }
                out += "<p>\(run.map { inline($0) }.joined(separator: "<br>\n"))</p>\n"
                lines = lines[run.endIndex...]
            }
        }
        return out
    }

    private static let blocks = [
        (mark: "* ", tag: "ul", item: "li"), (mark: "# ", tag: "ol", item: "li"),
        (mark: "> ", tag: "blockquote", item: ""),
    ]

    private static func headingLevel(_ line: Substring) -> Int? {
        let marks = line.prefix { $0 == "=" }.count
        return (1...3).contains(marks) && line.dropFirst(marks).first == " " ? marks : nil
    }

    /// A line with its marks as tags. A mark without its partner is text.
    private func inline(_ text: Substring) -> String {
        var out = ""
        var rest = text
        while let character = rest.first {
            if let (made, after) = marked(rest) {
                out += made
                rest = after
            } else {
                out += EscapedHTML.escape(String(character))
                rest = rest.dropFirst()
            }
        }
        return out
    }

    private func marked(_ rest: Substring) -> (html: String, after: Substring)? {
        if let (inner, after) = rest.enclosed("[[", "]]") { return (link(inner), after) }
        if let (inner, after) = rest.enclosed("{{", "}}") { return (picture(inner), after) }
        if let (inner, after) = rest.enclosed("`", "`") {
            return ("<code>\(EscapedHTML.escape(String(inner)))</code>", after)
        }
        if let (inner, after) = rest.enclosed("**", "**") { return ("<strong>\(inline(inner))</strong>", after) }
        if let (inner, after) = rest.enclosed("//", "//") { return ("<em>\(inline(inner))</em>", after) }
        return nil
    }

    private func link(_ inner: Substring) -> String {
        let target = inner.prefix { $0 != "|" }
        let words = inner.dropFirst(target.count + 1)
        if target.hasPrefix("https://") || target.hasPrefix("http://") {
            let address = EscapedHTML.escape(String(target))
            return
                "<a href=\"\(address)\" rel=\"noopener\">\(words.isEmpty ? address : EscapedHTML.escape(String(words)))</a>"
        }
        guard let name = PageName.of(String(target)) else { return EscapedHTML.escape("[[\(inner)]]") }
        let shown = EscapedHTML.escape(words.isEmpty ? PageName.title(name) : String(words))
        let missing = isPage(name) ? "" : " class=\"missing\" title=\"Nobody has written this page yet\""
        return "<a href=\"/wiki/\(Address.encode(name))\"\(missing)>\(shown)</a>"
    }

    private func picture(_ inner: Substring) -> String {
        let name = inner.prefix { $0 != "|" }
        let words = inner.dropFirst(name.count + 1)
        let source = "/files/\(Address.encode(String(name)))"
        return "<img src=\"\(source)\" alt=\"\(EscapedHTML.escape(String(words)))\" loading=\"lazy\">"
    }
}

extension Substring {
    /// What stands between two marks at the beginning, and what follows; nil where there is nothing between them.
    fileprivate func enclosed(_ open: String, _ close: String) -> (inner: Substring, after: Substring)? {
        guard hasPrefix(open) else { return nil }
        let rest = dropFirst(open.count)
        guard let end = rest.firstRange(of: close), end.lowerBound > rest.startIndex else { return nil }
        return (rest[..<end.lowerBound], rest[end.upperBound...])
    }
}

extension String {
    /// Everything between two marks.
    fileprivate func components(between open: String, and close: String) -> [Substring] {
        var found: [Substring] = []
        var rest = self[...]
        while let start = rest.firstRange(of: open) {
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: close) else { break }
            found.append(rest[..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        return found
    }
}
