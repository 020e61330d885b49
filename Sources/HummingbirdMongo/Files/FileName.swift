/// Names of files as strangers give them.
enum FileName {
    /// Whether a name may be stored: some text without control characters, and no way up or out of a folder.
    static func isSafe(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 1024, !name.contains("\\"), !hasControls(name) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0 != "." && $0 != ".."
        }
    }

    /// The part behind the last separator of either kind: browsers once sent whole paths.
    static func last(_ name: String) -> String {
        name.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
    }

    /// The text behind the last dot, in lower case; nil where there is none, as in `README` and `.profile`.
    static func ending(_ name: String) -> String? {
        let name = last(name)
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
        let ending = name[dot...].dropFirst()
        return ending.isEmpty ? nil : ending.lowercased()
    }

    /// Whether it has control characters, line separators among them, or such as turn the direction of writing: with those
    /// `exe.jpg` may be read where `gpj.exe` is written.
    static func hasControls(_ name: String) -> Bool {
        name.unicodeScalars.contains {
            switch $0.value {
            case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
    }
}
