import Foundation

/// PyMongo's `find_one` by `_id` through `nectar serve`, on the file that the rows before filled.
enum PyMongoRow {
    /// - Returns: nil where the server was not built or PyMongo is not installed; the reason is printed.
    static func measure(file: String, count: Int) async throws -> Measurement? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let nectar = ProcessInfo.processInfo.environment["NECTAR"] ?? ""
        let own = root.appendingPathComponent(".venv/bin/python").path
        let python = FileManager.default.isExecutableFile(atPath: own) ? own : "python3"
        guard FileManager.default.isExecutableFile(atPath: nectar) else {
            print("left out: PyMongo's row needs NECTAR, the path of the built server (make bench sets it)")
            return nil
        }
        let server = Process()
        server.executableURL = URL(fileURLWithPath: nectar)
        server.arguments = ["serve", "--port", "0", "--path", file]
        let output = Pipe()
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer {
            server.terminate()
            server.waitUntilExit()
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let address = line.split(separator: " ").last?.trimmingCharacters(in: .whitespacesAndNewlines) else {
            return nil
        }
        let client = Process()
        client.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        client.arguments = [python, "-c", script, "mongodb://\(address)", String(count)]
        let result = Pipe()
        client.standardOutput = result
        try client.run()
        let text = String(decoding: result.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        client.waitUntilExit()
        guard let value = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            print("left out: PyMongo's row failed (is PyMongo installed? make test installs it)")
            return nil
        }
        return Measurement(
            work: "PyMongo find_one by _id, through nectar serve", microseconds: value, peer: "none",
            peerMicroseconds: nil)
    }

    private static let script = """
        import sys, time, pymongo
        c = pymongo.MongoClient(sys.argv[1])["bench"]["many"]
        n = int(sys.argv[2])
        for i in range(500): c.find_one({"_id": i})
        t = time.perf_counter()
        for i in range(n): assert c.find_one({"_id": i * 7919 % 100000}) is not None
        print((time.perf_counter() - t) / n * 1e6)
        """
}
