internal import BSON
internal import CPCRE2
internal import MongoProtocol
internal import Synchronization

/// A regular expression compiled by PCRE2, with limits on what a match may cost.
///
/// The compiled code is read only and shared; every match borrows its own memory for results.
final class RegexPattern: @unchecked Sendable {
    /// The expression as it was written.
    let pattern: String
    /// Its options, in alphabetic order.
    let options: String

    private let code: OpaquePointer
    private let context: OpaquePointer?
    /// Memory for results that no match uses now.
    private let idle = Mutex<[MatchMemory]>([])

    private struct MatchMemory: @unchecked Sendable { let pointer: OpaquePointer }

    /// Steps a match may take: some tens of milliseconds of work.
    private static let matchLimit: UInt32 = 1_000_000
    private static let depthLimit: UInt32 = 100_000
    private static let heapLimitKilobytes: UInt32 = 16_384
    /// What a BSON regular expression may be long, in MongoDB.
    private static let maximumLength = 32_764

    /// Compiles an expression with the options `i`, `m`, `s`, `x` and `u`.
    /// - Throws: ``MongoError`` 51108 for another option, 51091 where PCRE2 refuses the pattern.
    init(_ pattern: String, options: String = "") throws {
        self.pattern = pattern
        self.options = String(options.sorted())
        // Strings of documents may hold bytes that are no UTF-8: they match nothing, but are no error.
        var flags = UInt32(PCRE2_UTF) | UInt32(PCRE2_MATCH_INVALID_UTF) | UInt32(PCRE2_NEVER_BACKSLASH_C)
        for option in options {
            switch option {
            case "i": flags |= UInt32(PCRE2_CASELESS)
            case "m": flags |= UInt32(PCRE2_MULTILINE)
            case "s": flags |= UInt32(PCRE2_DOTALL)
            case "x": flags |= UInt32(PCRE2_EXTENDED)
            case "u": break
            default: throw MongoError(.init(51108), "invalid flag in regex options: \(option)")
            }
        }
        guard pattern.utf8.count <= Self.maximumLength else {
            throw MongoError(.init(51091), "Regular expression is invalid: regular expression is too large")
        }
        var error: Int32 = 0
        var offset = 0
        var text = pattern
        let compiled = text.withUTF8 {
            pcre2_compile_8($0.baseAddress ?? Self.empty, $0.count, flags, &error, &offset, nil)
        }
        guard let compiled else {
            throw MongoError(.init(51091), "Regular expression is invalid: \(Self.message(error))")
        }
        code = compiled
        // Where the machine has no just-in-time compiler the interpreter serves.
        _ = pcre2_jit_compile_8(compiled, UInt32(PCRE2_JIT_COMPLETE))
        context = pcre2_match_context_create_8(nil)
        if let context {
            pcre2_set_match_limit_8(context, Self.matchLimit)
            pcre2_set_depth_limit_8(context, Self.depthLimit)
            pcre2_set_heap_limit_8(context, Self.heapLimitKilobytes)
        }
    }

    deinit {
        idle.withLock { for memory in $0 { pcre2_match_data_free_8(memory.pointer) } }
        pcre2_match_context_free_8(context)
        pcre2_code_free_8(code)
    }

    /// Whether the expression occurs in the text.
    /// - Throws: ``MongoError`` 51156 where finding out takes more than the limits allow.
    func matches(_ text: UnsafeRawBufferPointer) throws -> Bool {
        try match(text, from: 0) { _, found in found }
    }

    /// The first occurrence at or behind a byte offset: the byte ranges of the whole and of each group, nil for a group
    /// that took no part; nil where there is none.
    func firstMatch(in text: UnsafeRawBufferPointer, from start: Int = 0) throws -> [Range<Int>?]? {
        try match(text, from: start) { memory, found in
            guard found, let offsets = pcre2_get_ovector_pointer_8(memory) else { return nil }
            return (0..<Int(pcre2_get_ovector_count_8(memory))).map { group in
                let lower = offsets[2 * group]
                let upper = offsets[2 * group + 1]
                // A group that took no part has PCRE2_UNSET, which is -1 here, at both ends.
                return 0 <= lower && lower <= upper && upper <= text.count ? lower..<upper : nil
            }
        }
    }

    private func match<R>(
        _ text: UnsafeRawBufferPointer, from start: Int, _ body: (OpaquePointer, Bool) -> R
    ) throws -> R {
        let memory: OpaquePointer
        if let waiting = idle.withLock({ $0.popLast() }) {
            memory = waiting.pointer
        } else if let created = pcre2_match_data_create_from_pattern_8(code, nil) {
            memory = created
        } else {
            throw MongoError(.exceededMemoryLimit, "no memory to match a regular expression")
        }
        let kept = MatchMemory(pointer: memory)
        defer { idle.withLock { $0.append(kept) } }
        let subject = text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? Self.empty
        var result = pcre2_match_8(code, subject, text.count, start, 0, memory, context)
        if result == PCRE2_ERROR_JIT_STACKLIMIT {
            // The interpreter keeps its state on the heap and goes deeper.
            result = pcre2_match_8(code, subject, text.count, start, UInt32(PCRE2_NO_JIT), memory, context)
        }
        if result >= 0 { return body(memory, true) }
        if result == PCRE2_ERROR_NOMATCH { return body(memory, false) }
        throw MongoError(
            .init(51156),
            "Error occurred while executing the regular expression \(pattern): \(Self.message(result))")
    }

    /// What stands for the bytes of an empty text: never written, never freed.
    nonisolated(unsafe) private static let empty: UnsafePointer<UInt8> = {
        let byte = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        byte.initialize(to: 0)
        return UnsafePointer(byte)
    }()

    private static func message(_ error: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(error, &buffer, buffer.count)
        return length >= 0 ? String(decoding: buffer.prefix(Int(length)), as: UTF8.self) : "PCRE2 error \(error)"
    }
}
