import Foundation
import MariaDBHarness
import ProcessHarness
import SQLTables
import Testing

/// The recorded scenarios, replayed in legacy mode by a script beside them; both are in `NECTAR_SHARED` or `../shared`.
@Suite("Recorded scenarios", .serialized)
struct ReplayTests {
    static let folder: URL = {
        let shared = ProcessInfo.processInfo.environment["NECTAR_SHARED"].map { URL(filePath: $0) }
        let beside = ChildProcess.checkout.deletingLastPathComponent().appending(path: "shared")
        return (shared ?? beside).appending(path: "tutorial")
    }()
    static let isThere = FileManager.default.fileExists(atPath: folder.appending(path: "replay.py").path)

    /// Replays and gives the script's last line with its exit status.
    private static func replay(_ command: String) async throws -> (status: Int32, line: String) {
        let (status, output) = try await ChildProcess.run([
            "python3", folder.appending(path: "replay.py").path, folder.appending(path: "scenarios.json").path, command,
        ])
        return (status, output.split(separator: "\n").last.map(String.init) ?? "")
    }

    @Test("At least 95 % of the steps come out alike on SQLite", .enabled(if: isThere))
    func sqlite() async throws {
        let program = try ChildProcess.executable("DevelopersExample")
        let (status, line) = try await Self.replay(
            "\(program) --legacy --port {port} --sql sqlite:{dir}/developers.db --mongo embedded::memory:")
        print("Recorded scenarios on SQLite: \(line)")
        #expect(status == 0, "\(line)")
    }

    @Test("And on MariaDB", .enabled(if: isThere && MariaDBServer.isAsked))
    func onMariaDB() async throws {
        let program = try ChildProcess.executable("DevelopersExample")
        let server = try await MariaDBServer.shared("replay")
        let client = "mariadb --no-defaults -uroot --socket=\(server.folder.path)/s"
        // Each scenario starts with no table; the script takes one command, which a shell makes of two.
        let prepare = "DROP DATABASE IF EXISTS replay; CREATE DATABASE replay CHARACTER SET utf8mb4"
        let url = "mysql://root@127.0.0.1:\(server.port)/replay"
        let command = "\(client) -e \"\(prepare)\" && exec \(program) --legacy --port {port} --sql \(url)"
        let (status, line) = try await Self.replay("sh -c '\(command)'")
        print("Recorded scenarios on MariaDB: \(line)")
        #expect(status == 0, "\(line)")
    }
}
