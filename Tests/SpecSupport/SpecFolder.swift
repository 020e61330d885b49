public import Foundation

/// Where the public driver specifications are: the folder `specs` of the one that `NECTAR_SHARED` names, or of `shared`
/// beside this checkout.
public enum SpecFolder {
    /// The folder with a folder for each suite.
    public static var url: URL {
        if let shared = ProcessInfo.processInfo.environment["NECTAR_SHARED"] {
            return URL(filePath: shared).appending(path: "specs")
        }
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.deletingLastPathComponent().appending(path: "shared/specs")
    }

    /// The names of the suites that are there.
    public static var suites: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.filter { !files(of: $0).isEmpty }.sorted()
    }

    /// The files of a suite, in its folder and those below, by their paths from there.
    public static func files(of suite: String) -> [String] {
        guard let found = FileManager.default.enumerator(atPath: url.appending(path: suite).path) else { return [] }
        let names = found.compactMap { $0 as? String }
        return names.filter { $0.hasSuffix(".json") && !SpecCatalog.isData("\(suite)/\($0)") }.sorted()
    }
}
