import MultipartForms
import Testing

@Suite("Multipart forms as they come")
struct MultipartParserTests {
    private static let form = """
        --B\r\nContent-Disposition: form-data; name="title"\r\n\r\nEmma\r\n\
        --B \t\r\ncontent-disposition: form-data; name="c%22d"; filename="a \\"b\\".png"\r\n\
        Content-Type: image/png\r\n\r\n\r\n--A\r\n\r\r\n--\r\n\
        --B\r\nContent-Disposition: form-data; name=empty\r\n\r\n\r\n--B--\r\nrest
        """

    private struct Part: Equatable {
        let headers: MultipartPartHeaders
        var bytes: [UInt8] = []
    }

    private func parse(_ text: String, pieces size: Int, limits: MultipartLimits = .init()) throws -> [Part] {
        var parser = try MultipartParser(boundary: "B", limits: limits)
        var parts: [Part] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try parser.append(bytes[start..<min(start + size, bytes.count)])
            while let event = try parser.next() {
                switch event {
                case .part(let headers): parts.append(Part(headers: headers))
                case .data(let bytes): parts[parts.count - 1].bytes += bytes
                case .end: break
                }
            }
        }
        try parser.finish()
        return parts
    }

    @Test("The same parts come out, however the body is cut", arguments: [1, 2, 3, 5, 8, 64, 1000])
    func pieces(size: Int) throws {
        let parts = try parse(Self.form, pieces: size)
        #expect(parts.map(\.headers.name) == ["title", "c\"d", "empty"])
        #expect(parts.map(\.headers.filename) == [nil, "a \"b\".png", nil])
        #expect(parts.map(\.headers.contentType) == [nil, "image/png", nil])
        #expect(parts.map { String(decoding: $0.bytes, as: UTF8.self) } == ["Emma", "\r\n--A\r\n\r\r\n--", ""])
        // Some clients put an empty line in front of it all.
        #expect(try parse("\r\n\(Self.form)", pieces: size) == parts)
        #expect(throws: MultipartError.self) { try parse("\r\n\r\n\(Self.form)", pieces: size) }
    }

    @Test("A large part comes out as it comes in, and no more than a boundary of it is kept")
    func streaming() throws {
        var parser = try MultipartParser(boundary: "B", limits: MultipartLimits(bytes: .max))
        try parser.append("--B\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n".utf8)
        _ = try parser.next()
        var (given, got) = (0, 0)
        let piece = [UInt8](repeating: 0x0D, count: 1000)
        for _ in 0..<100 {
            try parser.append(piece)
            given += piece.count
            while case .data(let bytes)? = try parser.next() { got += bytes.count }
            #expect(given - got < 10)
        }
    }

    @Test("Each limit holds, and says which it is")
    func limits() {
        let cases: [(limits: MultipartLimits, words: String)] = [
            (MultipartLimits(bytes: 100), "more than 100 bytes"), (MultipartLimits(parts: 2), "more than 2 parts"),
            (MultipartLimits(headerBytes: 30), "headers have more than 30 bytes"),
            (MultipartLimits(fieldBytes: 3), "a field of more than 3 bytes"),
            (MultipartLimits(fileBytes: 11), "a file of more than 11 bytes"),
        ]
        for (limits, words) in cases {
            for size in [1, 1000] {
                let error = #expect(throws: MultipartError.self) {
                    try parse(Self.form, pieces: size, limits: limits)
                }
                #expect(error?.kind == .tooLarge && error?.description.contains(words) == true)
            }
        }
    }

    @Test(
        "What is no form is refused",
        arguments: [
            "", "x", "x\r\n--B--", "\r\n\r\n--B--", "\n--B--", "\r--B--", "--B", "--Bx\r\n", "--B\r\n\r\n\r\n--B--",
            "--B\r\nX\r\n\r\n\r\n--B--",
            "--B\r\nA: b\r\n\r\n\r\n--B--", "--B\r\n: b\r\n\r\n\r\n--B--", "--B -x\r\n",
            "--B\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--B--",
            "--B\r\nContent-Disposition: form-data; name=a\r\nX: \0\r\n\r\n\r\n--B--",
            "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--C--",
        ])
    func malformed(text: String) {
        for size in [1, 1000] {
            #expect(throws: MultipartError.self) { try parse(text, pieces: size) }
        }
    }

    @Test(
        "A boundary is 1 to 70 bytes that can be seen",
        arguments: ["", "a\r\n", "é", "a ", String(repeating: "a", count: 71)])
    func boundaries(text: String) {
        #expect(throws: MultipartError.self) { try MultipartParser(boundary: text) }
    }
}
