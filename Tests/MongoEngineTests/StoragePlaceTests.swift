import Foundation
import Testing

@testable import MongoEngine

@Suite("Places that cannot hold a database")
struct StoragePlaceTests {
    private func withFolder(_ body: (_ folder: String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nectar-place-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func message(_ path: String, readOnly: Bool = false) -> String? {
        var options = StorageOptions(.file(path))
        options.readOnly = readOnly
        do {
            _ = try Storage(options)
            return nil
        } catch {
            return error.message
        }
    }

    @Test("a folder, a missing folder and a missing file to read are told apart, and nothing is left there")
    func places() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(atPath: "\(folder)/sub", withIntermediateDirectories: true)
            #expect(message("\(folder)/sub")?.contains("is a folder") == true)
            #expect(message("\(folder)/none/x.db")?.contains("there is no folder") == true)
            #expect(message("\(folder)/x.db", readOnly: true)?.contains("there is no such file") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["sub"])
        }
    }

    @Test("a file that may not be written is refused when it is opened", .disabled(if: geteuid() == 0))
    func unwritable() throws {
        try withFolder { folder in
            let path = "\(folder)/x.db"
            #expect(message(path) == nil)
            try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
            #expect(message(path)?.contains("cannot be written to") == true)
        }
    }
}
