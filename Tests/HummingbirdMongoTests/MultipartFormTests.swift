import Hummingbird
import HummingbirdMongo
import Testing

@Suite("Forms with files")
struct MultipartFormTests {
    private static let good = """
        --B\r\nContent-Disposition: form-data; name="title"\r\n\r\nEmma\r\n\
        --B\r\nContent-Disposition: form-data; name="cover"; filename="a \\"b\\".png"\r\n\
        Content-Type: image/png\r\n\r\n\r\n--A\r\n\r\n--B--\r\n
        """

    @Test("Fields and files come out as they went in")
    func wellFormed() throws {
        let form = try MultipartForm(body: Array(Self.good.utf8), boundary: "B")
        #expect(form["title"] == "Emma")
        #expect(form["cover"] == nil)
        let file = try #require(form.file("cover"))
        #expect(file.filename == "a \"b\".png")
        #expect(file.contentType == "image/png")
        #expect(file.text == "\r\n--A\r\n")
    }

    @Test("No form that is cut off anywhere is taken, and none traps")
    func cutOff() {
        let bytes = Array(Self.good.utf8)
        // The last boundary's own end, "--", may be followed by nothing.
        for count in 0..<(bytes.count - 2) {
            #expect(throws: HTTPError.self) { try MultipartForm(body: Array(bytes.prefix(count)), boundary: "B") }
        }
    }

    @Test(
        "What is not as the standard has it is refused",
        arguments: [
            "", "x", "--B", "--B\r\n\r\n\r\n--B--", "--B\r\nX\r\n\r\n\r\n--B--", "--B\r\nA: b\r\n\r\n\r\n--B--",
        ])
    func malformed(text: String) {
        #expect(throws: HTTPError.self) { try MultipartForm(body: Array(text.utf8), boundary: "B") }
    }

    @Test("Limits hold")
    func limits() {
        let bytes = Array(Self.good.utf8)
        #expect(throws: HTTPError.self) {
            try MultipartForm(body: bytes, boundary: "B", limits: .init(parts: 1))
        }
        #expect(throws: HTTPError.self) {
            try MultipartForm(body: bytes, boundary: "B", limits: .init(headerBytes: 20))
        }
    }
}
