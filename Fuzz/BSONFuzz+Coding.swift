import Foundation

/// Takes bytes that nobody checked, and valid documents, through the coders and the reader that macros generate calls of.
func decode(_ input: UnsafeRawBufferPointer) {
    _ = KeyEncoding.end(ofValueIn: input, from: 0)
    _ = KeyEncoding.end(ofValueIn: input, from: 0, descending: true)
    guard input.count >= 5 else { return }
    let copy = BSONBuffer(copying: input)
    let unchecked = BSONDocument(RawDocument(base: copy.base, count: copy.count), owner: copy)
    _ = try? BSONDecoder().decode(Probe.self, from: unchecked)
    // The text of an error is made of the bytes too.
    do { _ = try BSONDecoder().decode(Shape.self, from: unchecked) } catch { _ = "\(error)".utf8.count }
    _ = try? unchecked.get("a.b.c", as: Int.self)
    _ = unchecked[path: "a.b.0"]
    unchecked.withRaw { readFields($0.value(.document), depth: 1) }
    guard let document = try? BSONDocument(bytes: input) else { return }
    if let shape = try? BSONDecoder().decode(Shape.self, from: document),
        let encoded = try? BSONEncoder().encode(shape)
    {
        check(isValid(encoded), "the encoder wrote no document")
    }
    if let fields = try? BSONDecoder().decode([String: BSONValue].self, from: document) {
        let encoded = try? BSONEncoder().encode(fields)
        check(encoded.map { isValid($0) } ?? false, "what was decoded is not encoded")
    }
}

/// Reads fields as code that macros generate does, by names in any order and then one by one.
private func readFields(_ document: RawValue, depth: Int) {
    guard depth < BSONValidator.maximumDepth else { return }
    let names: [StaticString] = ["b\0", "k1\0", "a\0", "key\0", "\0", "k12345678\0", "some longer words\0", "k3\0"]
    var fields = _BSONFieldReader(document)
    for name in names {
        for room in [1, 5, 8, 12] where fields.next(name, room: room).map({ fields.has(room, behind: $0) }) == false {
            check(false, "a field has less room than it was said to have")
        }
        if let start = fields.find(name) { take(start, &fields, depth: BSONValidator.maximumDepth) }
    }
    var elements = _BSONFieldReader(document)
    check(elements._likelyCount >= 0, "fewer elements than none")
    while let start = elements.findElement() {
        let before = elements._place
        _ = elements.name
        take(start, &elements, depth: depth)
        check(elements._place > before, "an element was not gone past")
    }
    _ = elements._holdsTogether
}

/// Takes a value as what it is; one that is nothing is gone past.
private func take(_ start: UnsafeRawPointer, _ reader: inout _BSONFieldReader, depth: Int) {
    if reader.takeNull(start) { return }
    if reader.has(5, behind: start), reader.takeString(within: start).map({ $0.hashValue }) != nil { return }
    if reader.has(12, behind: start), reader.takeObjectID(within: start) != nil { return }
    if reader.take(start, .int32, as: Int32.self) != nil { return }
    if reader.take(start, .int64, as: Int64.self) != nil || reader.take(start, .bool, as: UInt8.self) != nil { return }
    let inner = reader.take(start, container: .document) ?? reader.take(start, container: .array)
    if let inner { return readFields(inner, depth: depth + 1) }
    reader.skip(start)
}

private struct Shape: Codable {
    struct Inner: Codable {
        var a: Int?
        var b: String?
        var c: [Double]?
    }

    var key: BSONValue?
    var k0: Double?
    var k2: String?
    var k4: BSONBinary?
    var k7: ObjectID?
    var k9: Date?
    var a: Inner?
    var b: [String: BSONDocument]?
    var k17: UInt8?
    var k19: Decimal?
}

/// Asks for every element of a document, as each type in turn.
private struct Probe: Decodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let fields = try? decoder.container(keyedBy: Key.self) {
            for key in fields.allKeys { _ = try fields.decode(Probe.self, forKey: key) }
        } else if var elements = try? decoder.unkeyedContainer() {
            while !elements.isAtEnd { _ = try elements.decode(Probe.self) }
        } else {
            let value = try decoder.singleValueContainer()
            _ = value.decodeNil()
            func attempt<T: Decodable>(_ type: T.Type) { _ = try? value.decode(type) }
            attempt(Bool.self)
            attempt(Int.self)
            attempt(UInt64.self)
            attempt(Int128.self)
            attempt(Double.self)
            attempt(Float.self)
            attempt(String.self)
            attempt(Date.self)
            attempt(Data.self)
            attempt(UUID.self)
            attempt(URL.self)
            attempt(Decimal.self)
            attempt(Decimal128.self)
            attempt(BSONVector.self)
            attempt(BSONRegularExpression.self)
            attempt(BSONDBPointer.self)
        }
    }
}
