#if os(Linux)
    import BSON
    import Foundation
    import ProcessHarness
    import Testing

    @Suite struct FsyncTraceTests {
        @Test("A trace shows that the log is on the disk before the reply to a j: true insert leaves")
        func trace() async throws {
            let found = try await ChildProcess.run(["sh", "-c", "command -v strace"])
            try #require(found.status == 0, "strace is missing: run 'make test', which installs it")
            let strace = found.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let folder = try ChildProcess.temporaryFolder()
            defer { try? FileManager.default.removeItem(at: folder) }
            let probe = try await ChildProcess.run([strace, "-f", "-o", "/dev/null", "true"])
            try #require(probe.status == 0, "ptrace is not permitted here, so nothing can be traced: \(probe.output)")

            // -D keeps the server our own child, so that it is the one that signals reach.
            let traced = folder.appending(path: "trace").path
            let server = try await ChildProcess.nectar(
                ["--path", folder.appending(path: "traced.db").path],
                under: [
                    strace, "-D", "-f", "-yy", "-s", "0", "-o", traced, "-e",
                    "trace=fdatasync,fsync,sendto,write,writev,sendmsg",
                ])
            let client = try await TestClient.connect(to: server.port)
            try await client.send(Message.command(["ping": 1]))
            _ = await client.receive()
            let inserts = 5
            for id in 0..<inserts {
                try await client.send(
                    Message.command(
                        ["insert": "things", "documents": [["_id": .int(id)]], "writeConcern": ["j": true]]))
                let reply = try #require(await client.receive()).document
                #expect(reply["n"] == 1, "\(reply)")
            }
            await client.close()
            #expect(await server.end() == 0)

            let events = try await events(of: traced)
            let replies = events.enumerated().filter { $0.element == .reply }.map(\.offset)
            try #require(replies.count == inserts + 1, "\(events)")
            for (before, reply) in zip(replies, replies.dropFirst()) {
                #expect(events[before..<reply].contains(.synced), "no sync between two replies: \(events)")
            }
        }

        private enum Event {
            case synced, reply
        }

        /// The ends of syncs and the beginnings of replies, in the trace's order.
        private func events(of path: String) async throws -> [Event] {
            var text = ""
            for _ in 0..<200 {
                // The tracer writes its last lines after the server is gone.
                text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                if text.contains("+++ exited with 0 +++") { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            return text.split(separator: "\n").compactMap { line in
                if line.contains("fdatasync") || line.contains("fsync") {
                    return line.hasSuffix("= 0") ? .synced : nil
                }
                return line.contains("<TCP:[") || line.contains("<TCPv6:[") ? .reply : nil
            }
        }
    }
#endif
