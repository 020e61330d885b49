import BSON
import MongoProtocol
import Testing

@testable import MongoEngine

/// One update of one document, all of it in JSON.
struct UpdateCase: Sendable, CustomTestStringConvertible {
    let before: String
    let update: String
    /// The document after it; nil where nothing changes.
    let after: String?
    var arrayIndex: Int?
    var arrayFilters: [String] = []

    init(_ before: String, _ update: String, _ after: String?, at index: Int? = nil, filters: [String] = []) {
        self.before = before
        self.update = update
        self.after = after
        arrayIndex = index
        arrayFilters = filters
    }

    var testDescription: String { "\(update) on \(before)" }

    func run() throws -> BSONDocument? {
        try compileUpdate(update, filters: arrayFilters)
            .apply(to: BSONDocument(extendedJSON: before), arrayIndex: arrayIndex, isUpsertInsert: false)
    }

    func check() throws {
        #expect(try run() == after.map { try BSONDocument(extendedJSON: $0) })
    }
}

/// An update that fails, with the code and a part of the message.
struct FailingUpdate: Sendable, CustomTestStringConvertible {
    let update: UpdateCase
    let code: Int32
    let message: String

    init(
        _ before: String, _ update: String, _ code: Int32, _ message: String, at index: Int? = nil,
        filters: [String] = []
    ) {
        self.update = UpdateCase(before, update, nil, at: index, filters: filters)
        self.code = code
        self.message = message
    }

    var testDescription: String { update.testDescription }

    func check() throws {
        let error = #expect(throws: MongoError.self) { try update.run() }
        #expect(error?.code?.rawValue == code)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "no error")")
    }
}

/// An instant for updates that ask for one.
let updateInstant = BSONDate(millisecondsSince1970: 1_700_000_000_123)

/// Reads an update: a document, or an array of stages.
func compileUpdate(_ text: String, filters: [String] = []) throws -> CompiledUpdate {
    let wrapped = try BSONDocument(extendedJSON: "{\"u\": \(text)}")
    return try CompiledUpdate.compile(
        wrapped["u"] ?? .null, arrayFilters: filters.map { try BSONDocument(extendedJSON: $0) }, now: updateInstant)
}
