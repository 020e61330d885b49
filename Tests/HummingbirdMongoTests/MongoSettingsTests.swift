import Nectar
import Testing

@testable import HummingbirdMongo

@Suite("What variables say about the database")
struct MongoSettingsTests {
    private func settings(_ variables: [String: String], prefix: String = "MONGO", required: Bool = false) throws
        -> MongoSettings
    {
        try MongoSettings(
            variables: { variables[$0] }, prefix: prefix, applicationName: "shop", required: required)
    }

    @Test("Nothing configured is a file named after the application")
    func nothing() throws {
        let found = try settings(["MONGO_URI": ""])
        #expect(found.uri == "embedded:shop.db")
        #expect(found.databaseName == "shop")
        #expect(found.isDefault)
    }

    @Test("The string, the name, both spellings and the prefix count in their order")
    func configured() throws {
        #expect(try settings(["MONGO_URI": "mongodb://h/books?w=1"]).databaseName == "books")
        #expect(try settings(["MONGO_URI": "mongodb://h/books", "MONGO_DBNAME": "x"]).databaseName == "x")
        #expect(try settings(["MONGODB_URI": "embedded:a.db", "MONGODB_DB": "y"]).databaseName == "y")
        #expect(
            try settings(["A_URI": "embedded:a.db", "MONGODB_URI": "embedded:b.db"], prefix: "A").uri == "embedded:a.db"
        )
    }

    @Test("Production and obligatory databases do not fall back to a file")
    func obligatory() {
        #expect(throws: MongoError.self) { try settings(["ENVIRONMENT": "production"]) }
        #expect(throws: MongoError.self) { try settings([:], required: true) }
        #expect(throws: MongoError.self) { try settings(["MONGO_DBNAME": "a b"]) }
    }

    @Test(
        "What is shown of a connection string holds no password",
        arguments: [
            ("mongodb://me:secret@h:1,g:2/db?appName=x", "mongodb://h:1,g:2/db"),
            ("mongodb://me:s@cr@h/db", "mongodb://h/db"),
            ("mongodb://me:s/cret@h/db", "mongodb://…"),
            ("mongodb://me:s?cret@h/db", "mongodb://…"),
            ("mongodb://me:secret@\u{301}h/db", "mongodb://\u{301}h/db"),
            ("embedded:library.db?readOnly=true", "embedded:library.db"),
        ])
    func location(uri: String, shown: String) throws {
        #expect(try settings(["MONGO_URI": uri, "MONGO_DBNAME": "d"]).location == shown)
    }
}
