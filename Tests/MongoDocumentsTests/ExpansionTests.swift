import CompilerHarness
import Foundation
import Testing

/// Expands `declaration` by the compiler, and compares what the macro of the type writes with what is expected.
private func expectExpansion(
    _ declaration: String, _ expected: String, at location: SourceLocation = #_sourceLocation
) async throws {
    let output = try await #require(Compiler.shared).check(
        "import MongoDocuments\n" + declaration, ["-Xfrontend", "-dump-macro-expansions"])
    // Each expansion stands between lines of dashes, behind a line with its name.
    let expansions = output.text.components(separatedBy: String(repeating: "-", count: 30) + "\n")
    let written = expansions.first { $0.hasPrefix("extension ") } ?? output.text
    #expect(written.trimmingCharacters(in: .newlines) == expected, sourceLocation: location)
    #expect(output.errors.isEmpty, sourceLocation: location)
}

@Suite("What the macros write", .enabled(if: Compiler.shared != nil, "there is no swiftc beside these tests"))
struct ExpansionTests {
    @Test("A document gets its fields, and reads and writes them without a detour")
    func document() async throws {
        try await expectExpansion(
            """
            @Document("books")
            public struct Book {
                public var id = ObjectID()
                @Field("t", .unique, .length(1...9)) public var title: String
                var views: Int = 0
                private var note: String?
                var isNew: Bool { views == 0 }
            }
            """,
            #"""
            extension Book: MongoDocuments.Document {
                public static var collectionName: String {
                    "books"
                }

                public struct Fields: MongoDocuments._FieldSet {
                    public init() {
                    }
                    public var id: MongoDocuments.Field<Book, ObjectID> {
                        .init("_id")
                    }
                    public var title: MongoDocuments.Field<Book, String> {
                        .init("t")
                    }
                    var views: MongoDocuments.Field<Book, Int> {
                        .init("views")
                    }
                    fileprivate var note: MongoDocuments.Field<Book, String?> {
                        .init("note")
                    }
                }

                public init(
                    _ reader: inout BSON._BSONFieldReader, _ context: inout MongoDocuments._ReadContext
                ) throws(MongoDocuments._Unreadable) {
                    let _id = context.field("_id\0", ObjectID.self, &reader)
                    let _title = context.field("t\0", String.self, &reader)
                    let _views = context.field("views\0", Int.self, &reader, default: 0)
                    let _note = context.field("note\0", String?.self, &reader)
                    guard let _id, let _title, let _views, let _note else {
                        throw MongoDocuments._Unreadable()
                    }
                    self.init(id: _id, title: _title, views: _views, note: _note)
                }

                public func _writeFields(into writer: inout BSON.BSONWriter) {
                    writer._field("_id\0", self.id)
                    writer._field("t\0", self.title)
                    writer._field("views\0", self.views)
                    writer._field("note\0", self.note)
                }

                public func _checkFields(_ checks: inout MongoDocuments._FieldChecks) {
                    checks.nested("_id", self.id)
                    checks.field("t", self.title, .length(1 ... 9))
                    checks.nested("t", self.title)
                    checks.nested("views", self.views)
                    checks.nested("note", self.note)
                }

                public static func _fieldIndexes(_ list: inout MongoDocuments._IndexList) {
                    list.nested("_id", ObjectID.self)
                    list.add("t", unique: true)
                    list.nested("t", String.self)
                    list.nested("views", Int.self)
                    list.nested("note", String?.self)
                }
            }
            """#)
    }

    @Test("An embedded struct with an initializer of its own is set property by property")
    func embedded() async throws {
        try await expectExpansion(
            """
            @Embedded
            struct Node {
                var id: Int, `default`: [Self]
                init() { id = 1; `default` = [] }
            }
            """,
            #"""
            extension Node: MongoDocuments.Embedded {
                struct Fields: MongoDocuments._FieldSet {
                    init() {
                    }
                    var id: MongoDocuments.Field<Node, Int> {
                        .init("id")
                    }
                    var `default`: MongoDocuments.Field<Node, [Node]> {
                        .init("default")
                    }
                }

                init(
                    _ reader: inout BSON._BSONFieldReader, _ context: inout MongoDocuments._ReadContext
                ) throws(MongoDocuments._Unreadable) {
                    let _id = context.field("id\0", Int.self, &reader)
                    let _default = context.field("default\0", [Node].self, &reader)
                    guard let _id, let _default else {
                        throw MongoDocuments._Unreadable()
                    }
                    self.id = _id
                    self.`default` = _default
                }

                func _writeFields(into writer: inout BSON.BSONWriter) {
                    writer._field("id\0", self.id)
                    writer._field("default\0", self.`default`)
                }

                func _checkFields(_ checks: inout MongoDocuments._FieldChecks) {
                    checks.nested("id", self.id)
                    checks.nested("default", self.`default`)
                }

                static func _fieldIndexes(_ list: inout MongoDocuments._IndexList) {
                    list.nested("id", Int.self)
                    list.nested("default", [Node].self)
                }
            }
            """#)
    }
}
