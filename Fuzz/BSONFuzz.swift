// The fuzz target of BSON, for libFuzzer. `make fuzz-bson` compiles it and the module's sources as one module, so that
// all of them are instrumented, and runs it; the address sanitizer sees every read beyond a buffer.

import Foundation

/// Takes one input through everything that bytes from outside can reach.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBSON(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: start, count: count)
    readUnchecked(input)
    decode(input)
    if let document = try? BSONDocument(bytes: input) {
        check(document.bytes.elementsEqual(input), "the bytes of a document are not those it was read from")
        readAll(document)
        write(document)
    }
    if let document = try? BSONDocument(json: input) {
        check(isValid(document), "JSON gave bytes that are no document")
        let again = try? BSONDocument(json: document.json())
        check(again == document, "a document of JSON does not survive JSON")
    }
    let text = String(decoding: input, as: UTF8.self)
    if let document = try? BSONDocument(extendedJSON: text) {
        check(isValid(document), "Extended JSON gave bytes that are no document")
        write(document)
    }
    if let decimal = Decimal128(text) {
        check(
            Decimal128(decimal.description)?.description == decimal.description, "a decimal does not survive its text")
    }
    if let date = BSONDate(iso8601: text) { check(BSONDate(iso8601: date.iso8601) == date, "a date does not survive") }
    return 0
}

/// Writes valid documents and texts into the corpus, the first argument that is no option, to start from.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzInitialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let all = (1..<max(Int(count.pointee), 1)).compactMap { arguments.pointee[$0].map { String(cString: $0) } }
    guard let folder = all.first(where: { !$0.hasPrefix("-") }) else { return 0 }
    for (index, seed) in seeds().enumerated() {
        try? Data(seed).write(to: URL(filePath: folder).appending(path: "seed-\(index)"))
    }
    return 0
}

/// Reads bytes that nobody checked: every view must stay within them.
private func readUnchecked(_ input: UnsafeRawBufferPointer) {
    let copy = BSONBuffer(copying: input)
    copy.withUnsafeBytes { bytes in
        var key: [UInt8] = []
        for element in RawDocument(bytes) {
            readAll(BSONValue(copying: element.value))
            KeyEncoding.append(element.value, to: &key)
            _ = RawValue.compare(element.value, element.value)
        }
    }
}

private func readAll(_ document: BSONDocument) {
    for (_, value) in document { readAll(value) }
}

private func readAll(_ value: BSONValue) {
    switch value {
    case .document(let document): readAll(document)
    case .array(let array): for inner in array { readAll(inner) }
    case .javascriptWithScope(_, let scope): readAll(scope)
    default: _ = value.hashValue
    }
}

/// Writes a valid document in every form, and reads it back.
private func write(_ document: BSONDocument) {
    check(isValid(BSONDocument(fields: document.map { ($0.key, $0.value) })), "a rebuilt document is not valid")
    if let first = document.keys.first { check(document[first] != nil, "a key that is there is not found") }
    let value = BSONValue.document(document)
    check(BSONValue.compare(value, value) == 0, "a document does not equal itself")
    check(!KeyEncoding.key(of: value).isEmpty, "a document has no key")
    _ = document.json()
    for format in [.canonical, .relaxed] as [JSONFormat] {
        let text = document.extendedJSON(format)
        let again = try? BSONDocument(extendedJSON: text)
        // A key with a dollar may make a document look like a value of Extended JSON.
        if hasDollarKey(document) { continue }
        check(again != nil, "Extended JSON is not read back")
        if format == .canonical {
            check(again?.extendedJSON(.canonical) == text, "Extended JSON does not survive itself")
        }
    }
}

private func hasDollarKey(_ document: BSONDocument) -> Bool {
    document.contains { key, value in key.utf8.first == UInt8(ascii: "$") || hasDollarKey(value) }
}

private func hasDollarKey(_ value: BSONValue) -> Bool {
    switch value {
    case .document(let document): hasDollarKey(document)
    case .array(let array): array.contains { hasDollarKey($0) }
    case .javascriptWithScope(_, let scope): hasDollarKey(scope)
    default: false
    }
}

func isValid(_ document: BSONDocument) -> Bool { (try? BSONDocument(bytes: document.bytes)) != nil }

/// Stops at what must not be, so that libFuzzer keeps the input.
func check(_ condition: Bool, _ message: String) {
    if !condition { fatalError(message) }
}

/// A document of every type, nested ones, and JSON of both kinds.
private func seeds() -> [[UInt8]] {
    let scalars: [BSONValue] = [
        .double(1.5), .double(-0.0), .string("text"), .string("Příliš\u{0}žluťoučký"),
        .binary(BSONBinary(bytes: [1, 2, 3])),
        .binary(BSONBinary(subtype: .binaryOld, bytes: [1])), .undefined,
        .objectID(ObjectID(bytes: (0..<12).map { UInt8($0) }) ?? ObjectID()), .bool(true),
        .date(BSONDate(millisecondsSince1970: 1_356_351_330_501)), .null,
        .regularExpression(BSONRegularExpression(pattern: "a.b", options: "im")),
        .dbPointer(BSONDBPointer(namespace: "a.b", id: ObjectID())), .javascript("x"), .symbol("y"),
        .javascriptWithScope(code: "z", scope: ["a": 1]), .int32(-1), .timestamp(BSONTimestamp(rawValue: 1 << 33)),
        .int64(.min), .decimal128(Decimal128("-1.25E-7") ?? .nan), .minKey, .maxKey,
    ]
    var documents = scalars.map { BSONDocument(fields: [("key", $0)]) }
    documents.append(BSONDocument(fields: scalars.enumerated().map { ("k\($0)", $1) }))
    documents.append(["a": .array(BSONArray(scalars)), "b": ["c": ["d": [1, 2.5, "three"]]]])
    let leaf: BSONDocument = ["a": 1]
    documents.append(
        (0..<99).reduce(into: leaf) { inner, _ in inner = BSONDocument(fields: [("a", .document(inner))]) })
    let texts = documents.flatMap { [$0.extendedJSON(.canonical), $0.extendedJSON(.relaxed)] }
    return documents.map(\.bytes) + texts.map { Array($0.utf8) }
        + documents.map { $0.json() } + ["1.5E-7", "2012-12-24T12:15:30.501Z"].map { Array($0.utf8) }
}
