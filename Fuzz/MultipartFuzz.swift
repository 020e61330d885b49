// The fuzz target of multipart forms, for libFuzzer. `make fuzz-multipart` compiles it with the module's sources as one
// module and runs it. However a form is cut into pieces, the same must come out of it.

import Foundation

/// Takes one input through the parser, whole and in pieces.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMultipart(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeRawBufferPointer(start: start, count: count))
    let whole = parse(input, pieces: max(count, 1))
    for size in [1, 7] {
        check(parse(input, pieces: size) == whole, "pieces of \(size) bytes give another form")
    }
    let text = MediaTypeText(String(decoding: input, as: UTF8.self))
    check(text.parameters[""] == nil, "a parameter has no name")
    return 0
}

/// The parts with their bytes; nil where the form is refused.
private func parse(_ input: [UInt8], pieces size: Int) -> [Part]? {
    let limits = MultipartLimits(bytes: 1 << 20, parts: 8, headerBytes: 200, fieldBytes: 300, fileBytes: 2000)
    do {
        var parser = try MultipartParser(boundary: "B", limits: limits)
        var parts: [Part] = []
        for start in stride(from: 0, to: input.count, by: size) {
            try parser.append(input[start..<min(start + size, input.count)])
            while let event = try parser.next() {
                switch event {
                case .part(let headers): parts.append(Part(headers: headers))
                case .data(let bytes):
                    check(!bytes.isEmpty && parts.last?.isOpen == true, "bytes belong to no part")
                    parts[parts.count - 1].bytes += bytes
                case .end: parts[parts.count - 1].isOpen = false
                }
            }
        }
        try parser.finish()
        check(parts.allSatisfy { !$0.isOpen }, "a part has no end")
        return parts
    } catch {
        return nil
    }
}

private struct Part: Equatable {
    let headers: MultipartPartHeaders
    var bytes: [UInt8] = []
    var isOpen = true
}

/// Writes forms into the corpus, the first argument that is no option, to start from.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzInitialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let all = (1..<max(Int(count.pointee), 1)).compactMap { arguments.pointee[$0].map { String(cString: $0) } }
    guard let folder = all.first(where: { !$0.hasPrefix("-") }) else { return 0 }
    let seeds = [
        "--B--", "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--B--\r\n",
        "--B \r\nContent-Disposition: form-data; name=\"a\"; filename=\"b%22\\\"\"\r\nContent-Type: a/b\r\n\r\n\r\n--A\r\n\r\n"
            + "--B\r\ncontent-disposition: form-data; name=c\r\n\r\n\r\r\n\r\n-\r\n--B--x",
        "form-data; name=\"a\\\"b\"; filename=c; x",
    ]
    for (index, seed) in seeds.enumerated() {
        try? Data(seed.utf8).write(to: URL(filePath: folder).appending(path: "seed-\(index)"))
    }
    return 0
}

/// Ends the run with the reason where something does not hold.
private func check(_ condition: Bool, _ reason: String) {
    guard !condition else { return }
    FileHandle.standardError.write(Data("\(reason)\n".utf8))
    abort()
}
