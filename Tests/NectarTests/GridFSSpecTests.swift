import ClientFixture
import MongoProtocol
import Nectar
import SpecSupport
import Testing

/// Runs the driver specification's suite "GridFS" where its files are at hand, each case on both deployments.
@Suite("GridFS specification")
struct GridFSSpecTests {
    @Test("all cases pass")
    func gridFS() async {
        let failures = await SpecSuite.run("gridfs") { test in
            let (file, test) = (test.document, test.test)
            var faults: [String] = []
            for deployment in TestDeployment.allCases {
                let found = try await withTestClient(on: deployment) { client in
                    try await GridFSCase(client: client, file: file).faults(of: test)
                }
                faults += found.map { "\(deployment.rawValue): \($0)" }
            }
            return faults
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }
}

/// One case in the "Unified Test Format", as far as the suite uses it.
private struct GridFSCase {
    let client: MongoClient
    let file: BSONDocument
    private let database: MongoDatabase
    private var collections: [String: MongoCollection] = [:]
    /// What operations have saved, by name.
    private var saved: [String: BSONValue] = [:]

    init(client: MongoClient, file: BSONDocument) {
        self.client = client
        self.file = file
        let entities = list(file["createEntities"])
        database = client[entities.lazy.compactMap { $0["database"]?.document?["databaseName"]?.string }.first ?? "x"]
        for entity in entities {
            guard let entity = entity["collection"]?.document, let id = entity["id"]?.string else { continue }
            collections[id] = database[entity["collectionName"]?.string ?? ""]
        }
    }

    /// What is wrong with the outcome of a case.
    func faults(of test: BSONDocument) async throws -> [String] {
        var run = self
        for data in list(file["initialData"]) {
            let documents = list(data["documents"])
            if !documents.isEmpty { try await database[data["collectionName"]?.string ?? ""].insertMany(documents) }
        }
        var faults: [String] = []
        for operation in list(test["operations"]) {
            let name = operation["name"]?.string ?? ""
            let expected = operation["expectResult"]
            do {
                let result = try await run.perform(operation)
                if operation["expectError"] != nil { faults.append("\(name) succeeded") }
                if let expected, !run.matches(result, expected) { faults.append("\(name) gave \(result)") }
                if let entity = operation["saveResultAsEntity"]?.string { run.saved[entity] = result }
            } catch {
                let isClients = (error as? MongoError).map { $0.code == nil } ?? false
                if operation["expectError"] == nil || !isClients { faults.append("\(name) threw \(error)") }
            }
        }
        for outcome in list(test["outcome"]) {
            let name = outcome["collectionName"]?.string ?? ""
            let found = try await database[name].find().sort(["_id": 1]).toArray()
            let wanted = list(outcome["documents"])
            let same =
                found.count == wanted.count
                && zip(found, wanted).allSatisfy { run.matches(.document($0), .document($1)) }
            if !same { faults.append("\(name) holds \(found)") }
        }
        return faults
    }

    private func perform(_ operation: BSONDocument) async throws -> BSONValue {
        let arguments = operation["arguments"]?.document ?? [:]
        let object = operation["object"]?.string ?? ""
        let name = operation["name"]?.string ?? ""
        if let collection = collections[object] { return try await perform(name, arguments, on: collection) }
        let bucket = database.gridFSBucket(chunkSizeBytes: arguments["chunkSizeBytes"]?.int ?? 255 * 1024)
        let id = arguments["id"] ?? .null
        let filename = arguments["filename"]?.string ?? ""
        switch name {
        case "delete": try await bucket.delete(id: id)
        case "deleteByName": try await bucket.delete(filename: filename)
        case "rename": try await bucket.rename(id: id, to: arguments["newFilename"]?.string ?? "")
        case "renameByName": try await bucket.rename(filename: filename, to: arguments["newFilename"]?.string ?? "")
        case "download": return .binary(BSONBinary(bytes: try await bucket.download(id: id)))
        case "downloadByName":
            let revision = arguments["revision"]?.int ?? -1
            return .binary(BSONBinary(bytes: try await bucket.download(filename: filename, revision: revision)))
        case "upload":
            let bytes = hexBytes(arguments["source"]?.document?["$$hexBytes"]?.string ?? "")
            let id = try await bucket.upload(
                filename: filename, bytes: bytes, metadata: arguments["metadata"]?.document)
            return .objectID(id)
        default: throw MongoError(.internalError, "no operation \(name)")
        }
        return .null
    }

    private func perform(
        _ name: String, _ arguments: BSONDocument, on collection: MongoCollection
    ) async throws -> BSONValue {
        let filter = resolved(arguments["filter"]?.document ?? [:])
        switch name {
        case "deleteOne": return ["deletedCount": .int(try await collection.deleteOne(filter).deletedCount)]
        case "find":
            let found = try await collection.find(filter).sort(arguments["sort"]?.document ?? [:]).toArray()
            return .array(BSONArray(found.map { .document($0) }))
        case "updateOne":
            let result = try await collection.updateOne(filter, arguments["update"]?.document ?? [:])
            return ["matchedCount": .int(result.matchedCount), "modifiedCount": .int(result.modifiedCount)]
        case "bulkWrite":
            var (matched, modified) = (0, 0)
            for request in list(arguments["requests"]) {
                guard let update = request["updateOne"]?.document else {
                    throw MongoError(.internalError, "no such write")
                }
                let result = try await collection.updateOne(
                    resolved(update["filter"]?.document ?? [:]), update["update"]?.document ?? [:])
                matched += result.matchedCount
                modified += result.modifiedCount
            }
            return ["matchedCount": .int(matched), "modifiedCount": .int(modified)]
        default: throw MongoError(.internalError, "no operation \(name)")
        }
    }

    /// A filter with saved values in the places that name them.
    private func resolved(_ filter: BSONDocument) -> BSONDocument {
        BSONDocument(
            fields: filter.map { ($0.key, saved[$0.value.document?["$$matchesEntity"]?.string ?? ""] ?? $0.value) })
    }

    /// Whether a value is what is expected; a document may have more fields.
    private func matches(_ value: BSONValue?, _ expected: BSONValue) -> Bool {
        let fields = expected.document.map { Array($0) } ?? []
        if fields.count == 1 {
            let (key, argument) = (fields[0].key, fields[0].value)
            switch key {
            case "$$exists": return (value != nil) == (argument.bool ?? true)
            case "$$unsetOrMatches": return value == nil || matches(value, argument)
            case "$$matchesEntity": return value != nil && value == saved[argument.string ?? ""]
            case "$$matchesHexBytes": return value?.binary?.bytes == hexBytes(argument.string ?? "")
            case "$$type":
                return argument.string == "date" ? value?.date != nil : value?.objectID != nil
            default: break
            }
        }
        switch (value, expected) {
        case (.document(let found)?, .document(let wanted)):
            return wanted.allSatisfy { matches(found[$0.key], $0.value) }
        case (.array(let found)?, .array(let wanted)):
            return found.count == wanted.count && zip(found, wanted).allSatisfy { matches($0, $1) }
        default:
            if let number = value?.int64, let wanted = expected.int64 { return number == wanted }
            return value == expected
        }
    }
}

private func list(_ value: BSONValue?) -> [BSONDocument] { value?.array?.compactMap(\.document) ?? [] }

private func hexBytes(_ text: String) -> [UInt8] {
    let digits = Array(text)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
}
