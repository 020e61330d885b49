import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import HummingbirdMongo

@Suite("The rules for files")
struct FileRuleTests {
    private static let day = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    private static let after = "Sun, 06 Nov 1994 08:49:38 GMT"

    private static let strong = FileConditions(tag: EntityTag(text: "t"), modified: 784_111_777)

    private func request(_ method: HTTPRequest.Method, _ fields: HTTPFields) -> Request {
        var head = HTTPRequest(method: method, scheme: nil, authority: nil, path: "/")
        head.headerFields = fields
        return Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    }

    private static let conditions: [(fields: HTTPFields, outcome: FileConditions.Outcome)] = [
        ([:], .proceed),
        // If-Match compares strongly, and makes If-Unmodified-Since void.
        ([.ifMatch: "\"t\""], .proceed), ([.ifMatch: "*"], .proceed), ([.ifMatch: "\"x\", \"t\""], .proceed),
        ([.ifMatch: "W/\"t\""], .failed), ([.ifMatch: "\"x\""], .failed), ([.ifMatch: ""], .failed),
        ([.ifMatch: "\"t\"", .ifUnmodifiedSince: before], .proceed),
        ([.ifMatch: "\"x\"", .ifUnmodifiedSince: after], .failed),
        ([.ifUnmodifiedSince: day], .proceed), ([.ifUnmodifiedSince: after], .proceed),
        ([.ifUnmodifiedSince: before], .failed), ([.ifUnmodifiedSince: "soon"], .proceed),
        // If-None-Match compares weakly, and makes If-Modified-Since void.
        ([.ifNoneMatch: "\"t\""], .notModified), ([.ifNoneMatch: "W/\"t\""], .notModified),
        ([.ifNoneMatch: "*"], .notModified), ([.ifNoneMatch: "\"x\""], .proceed),
        ([.ifNoneMatch: "\"a,\" , ,\"t\""], .notModified), ([.ifNoneMatch: "t"], .proceed),
        ([.ifNoneMatch: "\"x\"", .ifModifiedSince: after], .proceed),
        ([.ifModifiedSince: day], .notModified), ([.ifModifiedSince: after], .notModified),
        ([.ifModifiedSince: before], .proceed), ([.ifModifiedSince: "soon"], .proceed),
        ([.ifModifiedSince: "Sunday, 06-Nov-94 08:49:37 GMT"], .notModified),
        // What fails comes before what is fresh.
        ([.ifMatch: "\"x\"", .ifNoneMatch: "\"t\""], .failed),
        ([.ifUnmodifiedSince: before, .ifModifiedSince: day], .failed),
        ([.ifMatch: "\"t\"", .ifNoneMatch: "\"t\""], .notModified),
    ]

    @Test("Conditions count in the standard's order", arguments: conditions)
    func order(fields: HTTPFields, outcome: FileConditions.Outcome) {
        #expect(Self.strong.outcome(for: request(.get, fields)) == outcome)
        #expect(Self.strong.outcome(for: request(.head, fields)) == outcome)
    }

    @Test("A method that changes something fails where reading would be fresh")
    func writing() {
        #expect(Self.strong.outcome(for: request(.put, [.ifNoneMatch: "*"])) == .failed)
        #expect(Self.strong.outcome(for: request(.put, [.ifModifiedSince: Self.after])) == .proceed)
    }

    @Test("Without a date no condition on dates counts")
    func undated() {
        let file = FileConditions(tag: EntityTag(text: "t"), modified: nil)
        for name in [HTTPField.Name.ifModifiedSince, .ifUnmodifiedSince] {
            #expect(file.outcome(for: request(.get, [name: Self.day])) == .proceed)
        }
        #expect(!file.honoursRange(of: request(.get, [.range: "bytes=0-0", .ifRange: Self.day])))
    }

    @Test(
        "If-Range lets a range count for this very version only",
        arguments: [
            (nil, true), ("\"t\"", true), ("W/\"t\"", false), ("\"x\"", false), (day, true), (after, false),
            (before, false), ("soon", false), ("*", false),
        ] as [(String?, Bool)])
    func ifRange(condition: String?, counts: Bool) {
        var fields: HTTPFields = [.range: "bytes=0-0"]
        fields[.ifRange] = condition
        #expect(Self.strong.honoursRange(of: request(.get, fields)) == counts)
        #expect(!Self.strong.honoursRange(of: request(.head, fields)))
        fields[.range] = nil
        #expect(!Self.strong.honoursRange(of: request(.get, fields)))
    }

    @Test("A date names a version once its second is over: until then the file may change", arguments: [-1, 0, 1, 99])
    func ifRangeSoon(seconds: Int64) {
        let file = request(.get, [.range: "bytes=0-0", .ifRange: Self.day])
        #expect(Self.strong.honoursRange(of: file, at: 784_111_777 + seconds) == (seconds > 0))
        let tagged = request(.get, [.range: "bytes=0-0", .ifRange: "\"t\""])
        #expect(Self.strong.honoursRange(of: tagged, at: 784_111_777 + seconds))
    }

    @Test(
        "Range headers are read as the standard has them",
        arguments: [
            (nil, .whole), ("bytes=0-4", .parts([0..<5])), ("bytes=500-", .parts([500..<1000])),
            ("bytes=-3", .parts([997..<1000])), ("bytes=-3000", .parts([0..<1000])), ("BYTES=9-9", .parts([9..<10])),
            ("bytes=1000-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=4-3", .whole), ("bytes=-", .whole),
            ("bytes=a-b", .whole), ("items=0-4", .whole), ("bytes", .whole), ("bytes=", .whole), ("bytes=,", .whole),
            ("bytes=1--2", .whole), ("bytes=0-1,900-901", .parts([0..<2, 900..<902])),
            ("bytes=900-901 , 0-1", .parts([0..<2, 900..<902])), ("bytes=0-1,5-6,,", .parts([0..<7])),
            ("bytes=0-1,2000-", .parts([0..<2])), ("bytes=0-1,-1,x-1", .whole),
            ("bytes=0-99,50-199", .parts([0..<200])),
            ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=0-99999999999999999999", .parts([0..<1000])),
        ] as [(String?, ByteRanges)])
    func ranges(header: String?, ranges: ByteRanges) {
        #expect(ByteRanges(header, length: 1000) == ranges)
    }

    @Test("An empty file has no ranges")
    func emptyFile() {
        for header in ["bytes=0-", "bytes=-5", "bytes=0-0"] {
            #expect(ByteRanges(header, length: 0) == .unsatisfiable)
        }
    }

    @Test(
        "Content-Disposition says any name in a form for old clients and one for new",
        arguments: [
            ("a b.png", "inline; filename=\"a b.png\""),
            ("résumé.pdf", "inline; filename=\"r_sum_.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf"),
            ("a\"b\\c.txt", "inline; filename=\"c.txt\""),
            ("say \"hi\".txt", "inline; filename=\"say _hi_.txt\"; filename*=UTF-8''say%20%22hi%22.txt"),
            ("100%.txt", "inline; filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"),
            ("a\r\nX: y", "inline; filename=\"a__X: y\"; filename*=UTF-8''a__X%3A%20y"),
            ("pages/home/../x.png", "inline; filename=\"x.png\""), ("/", "inline"),
            ("日本.txt", "inline; filename=\"__.txt\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt"),
        ])
    func disposition(name: String, field: String) {
        #expect(ContentDisposition.field(.inline, filename: name) == field)
        #expect(ContentDisposition.field(.attachment, filename: nil) == "attachment")
    }
}
