import ClientFixture
import FaultHarness
import MongoProtocol
import Nectar
import Testing

@Suite("GridFS")
struct GridFSTests {
    private func withBucket(
        on deployment: TestDeployment, chunkSize: Int = 10,
        _ body: (MongoDatabase, GridFSBucket) async throws -> Void
    ) async throws {
        try await withTestClient(on: deployment) { client in
            let database = client["files"]
            try await body(database, database.gridFSBucket(chunkSizeBytes: chunkSize))
        }
    }

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) } }

    @Test(
        "A file comes back as it went in, whatever its size", arguments: TestDeployment.allCases,
        [0, 1, 9, 10, 11, 20, 35])
    func roundTrip(on deployment: TestDeployment, size: Int) async throws {
        try await withBucket(on: deployment) { database, bucket in
            let id = try await bucket.upload(
                filename: "a.bin", bytes: bytes(size), contentType: "image/png", metadata: ["owner": "kim"])
            let download = try await bucket.openDownload(id: id)
            #expect(try await download.collect() == bytes(size))
            #expect(download.file.length == Int64(size) && download.file.chunkSize == 10)
            #expect(download.file.filename == "a.bin" && download.file.contentType == "image/png")
            #expect(download.file.metadata == ["owner": "kim", "contentType": "image/png"])
            #expect(try await database["fs.chunks"].countDocuments() == (size + 9) / 10)
            let indexes = try await database["fs.chunks"].listIndexes()
            #expect(indexes.contains { $0["key"] == ["files_id": 1, "n": 1] && $0["unique"] == true })
        }
    }

    @Test(
        "A stream is cut into chunks, whatever the size of its pieces", arguments: TestDeployment.allCases,
        [1, 4, 10, 33])
    func stream(on deployment: TestDeployment, pieceSize: Int) async throws {
        try await withBucket(on: deployment) { _, bucket in
            let all = bytes(57)
            let source = AsyncStream<ArraySlice<UInt8>> { continuation in
                for start in stride(from: 0, to: all.count, by: pieceSize) {
                    continuation.yield(all[start..<min(start + pieceSize, all.count)])
                }
                continuation.finish()
            }
            let id = try await bucket.upload(filename: "s", source: source)
            var pieces: [[UInt8]] = []
            for try await piece in try await bucket.openDownload(id: id) { pieces.append(piece) }
            #expect(pieces.map(\.count) == [10, 10, 10, 10, 10, 7])
            #expect(pieces.flatMap { $0 } == all)
        }
    }

    @Test("An upload that fails leaves nothing behind", arguments: TestDeployment.allCases)
    func failedUpload(on deployment: TestDeployment) async throws {
        struct Broken: Error {}
        try await withBucket(on: deployment, chunkSize: 1024 * 1024) { database, bucket in
            let source = AsyncThrowingStream<[UInt8], any Error> { continuation in
                continuation.yield(bytes(5 * 1024 * 1024))
                continuation.finish(throwing: Broken())
            }
            await #expect(throws: Broken.self) { try await bucket.upload(filename: "s", source: source) }
            let left = try await database["fs.chunks"].countDocuments()
            #expect(left == 0)
            #expect(try await bucket.find().isEmpty)
        }
    }

    @Test(
        "An upload under an id that is taken fails and leaves the file there alone", arguments: TestDeployment.allCases)
    func takenID(on deployment: TestDeployment) async throws {
        try await withBucket(on: deployment) { _, bucket in
            try await bucket.upload(id: "cover", filename: "a", bytes: bytes(25))
            let error = await mongoError { try await bucket.upload(id: "cover", filename: "b", bytes: bytes(12)) }
            #expect(error?.isDuplicateKey == true)
            #expect(try await bucket.download(id: "cover") == bytes(25))
        }
    }

    @Test("Revisions count from the first and from the last", arguments: TestDeployment.allCases)
    func revisions(on deployment: TestDeployment) async throws {
        try await withBucket(on: deployment) { _, bucket in
            for byte: UInt8 in 1...3 { try await bucket.upload(filename: "r", bytes: [byte]) }
            let expected: [(Int, UInt8)] = [(0, 1), (1, 2), (2, 3), (-1, 3), (-2, 2), (-3, 1)]
            for (revision, byte) in expected {
                #expect(try await bucket.openDownload(filename: "r", revision: revision).collect() == [byte])
            }
            for revision in [3, -4] {
                let error = await mongoError { _ = try await bucket.openDownload(filename: "r", revision: revision) }
                #expect(error?.kind == .notFound)
            }
        }
    }

    @Test(
        "A range gives its bytes alone",
        arguments: TestDeployment.allCases, [0..<0, 0..<5, 5..<15, 10..<20, 19..<21, 30..<35, 0..<35, 35..<35])
    func ranges(on deployment: TestDeployment, range: Range<Int>) async throws {
        try await withBucket(on: deployment) { _, bucket in
            let id = try await bucket.upload(filename: "r", bytes: bytes(35))
            let download = try await bucket.openDownload(id: id)
            let part = try download.bytes(in: Int64(range.lowerBound)..<Int64(range.upperBound))
            #expect(try await part.collect() == Array(bytes(35)[range]))
            #expect(throws: MongoError.self) { try download.bytes(in: 30..<36) }
        }
    }

    @Test(
        "Chunks that are missing, too many or of a wrong size are errors", arguments: TestDeployment.allCases,
        ["missing", "extra", "short"])
    func corruption(on deployment: TestDeployment, kind: String) async throws {
        try await withBucket(on: deployment) { database, bucket in
            let id = try await bucket.upload(filename: "c", bytes: bytes(25))
            let chunks = database["fs.chunks"]
            let data: BSONValue = .binary(BSONBinary(bytes: [1]))
            switch kind {
            case "missing": try await chunks.deleteOne(["n": 1])
            case "extra": try await chunks.insertOne(["files_id": .objectID(id), "n": 3, "data": data])
            default: try await chunks.updateOne(["n": 1], ["$set": ["data": data]])
            }
            let error = await mongoError { _ = try await bucket.download(id: id) }
            #expect(error?.kind == .corruptData)
        }
    }

    @Test(
        "Files can be found, renamed and deleted; one that is not there is an error", arguments: TestDeployment.allCases
    )
    func administration(on deployment: TestDeployment) async throws {
        try await withBucket(on: deployment) { database, bucket in
            let id = try await bucket.upload(filename: "a", bytes: bytes(25))
            try await bucket.rename(id: .objectID(id), to: "b")
            #expect(try await bucket.find(["filename": "b"]).map(\.id) == [.objectID(id)])
            try await bucket.delete(id: id)
            #expect(try await database["fs.chunks"].countDocuments() == 0)
            let errors = [
                await mongoError { try await bucket.delete(id: id) },
                await mongoError { try await bucket.rename(id: .objectID(id), to: "c") },
                await mongoError { _ = try await bucket.download(id: id) },
            ]
            #expect(errors.map { $0?.kind } == [.notFound, .notFound, .notFound])
        }
    }

    @Test("Files of a name are renamed and deleted with all revisions", arguments: TestDeployment.allCases)
    func byName(on deployment: TestDeployment) async throws {
        try await withBucket(on: deployment) { database, bucket in
            for size in [5, 25] { try await bucket.upload(filename: "a", bytes: bytes(size)) }
            try await bucket.upload(filename: "other", bytes: bytes(3))
            try await bucket.rename(filename: "a", to: "b")
            #expect(try await bucket.download(filename: "b", revision: 0) == bytes(5))
            #expect(try await bucket.download(filename: "b") == bytes(25))
            try await bucket.delete(filename: "b")
            #expect(try await database["fs.chunks"].countDocuments() == 1)
            #expect(try await bucket.find().map(\.filename) == ["other"])
            let errors = [
                await mongoError { try await bucket.delete(filename: "b") },
                await mongoError { try await bucket.rename(filename: "b", to: "c") },
                await mongoError { _ = try await bucket.download(filename: "b") },
            ]
            #expect(errors.map { $0?.kind } == [.notFound, .notFound, .notFound])
        }
    }

    @Test("A file can be written piece by piece, and given up", arguments: TestDeployment.allCases)
    func writing(on deployment: TestDeployment) async throws {
        struct GivenUp: Error {}
        try await withBucket(on: deployment) { database, bucket in
            let id = try await bucket.upload(filename: "w", id: "mine") { file in
                for piece in ["Hello, ", "", "world of files"] { try await file.write(piece.utf8) }
                #expect(file.length == 21)
            }
            #expect(id == "mine")
            #expect(try await bucket.download(id: id) == Array("Hello, world of files".utf8))
            let large = database.gridFSBucket(chunkSizeBytes: 1024 * 1024)
            await #expect(throws: GivenUp.self) {
                try await large.upload(filename: "x") { file in
                    try await file.write(bytes(3 * 1024 * 1024))
                    throw GivenUp()
                }
            }
            #expect(try await database["fs.chunks"].countDocuments() == 3)
            #expect(try await bucket.find().count == 1)
        }
    }

    @Test("A bucket's indexes are made with its first file and left alone from then on")
    func indexesOnce() async throws {
        let commands = Recorder<String>()
        let listener: @Sendable (CommandEvent) -> Void = { event in
            if case .started(let event) = event { commands.add(event.commandName) }
        }
        try await withTestClient(on: .embedded, listeners: [listener]) { client in
            let bucket = client["files"].gridFSBucket()
            for _ in 0..<3 { try await bucket.upload(filename: "a", bytes: bytes(3)) }
            #expect(commands.all.filter { $0 == "createIndexes" }.count == 2)
            // Somebody else's index of other numbers is as good.
            try await bucket.drop()
            try await client["files"]["fs.files"].createIndex(["filename": 1.0, "uploadDate": 1.0])
            try await bucket.upload(filename: "a", bytes: bytes(3))
            #expect(commands.all.filter { $0 == "createIndexes" }.count == 4)
        }
    }
}
