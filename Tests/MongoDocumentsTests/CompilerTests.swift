import CompilerHarness
import Foundation
import Testing

/// Proves with the compiler itself what does not compile, and how fast long filters do.
@Suite("What the compiler says", .enabled(if: Compiler.shared != nil, "there is no swiftc beside these tests"))
struct CompilerTests {
    private static let models = """
        import MongoDocuments

        @Document("authors") struct Author {
            var id = ObjectID()
            var name: String
        }
        @Embedded struct Publisher {
            var name: String
            var city: String
        }
        @Document("books") struct Book {
            var id = ObjectID()
            @Field(.indexed) var title: String
            var author: Ref<Author>
            @Field(.range(1450...)) var year: Int
            var publisher: Publisher?
            var tags: [String] = []
            var rating: Double?
            var views: Int = 0
            var inPrint: Bool = true
        }

        """

    /// A statement, and a part of the error it must cause; nil where it must compile.
    private static let statements: [(code: String, error: String?)] = [
        ("_ = books.find { $0.year >= 2004 && $0.publisher.city == \"Prague\" && $0.tags.contains(\"swift\") }", nil),
        ("_ = books.find { $0.yaer >= 2004 }", "has no member 'yaer'"),
        ("_ = books.find { $0.publisher.town == \"Prague\" }", "has no"),
        ("_ = books.find { $0.year >= \"2004\" }", "cannot convert"),
        ("_ = books.find { $0.title == 5 }", ""),
        ("_ = books.find { $0.tags.contains(5) }", "cannot convert"),
        ("_ = books.find { $0.year ~= 2004 }", ""),
        ("_ = books.find { $0.year === 2004 }", ""),
        ("_ = books.find { $0.inPrint > false }", ""),
        ("_ = books.find { $0.author.name == \"x\" }", "Ref<Author>"),
        ("_ = books.find { $0.title.hasPrefix(\"a\") }.sort(\\.title).sort(\\.publisher.city, .descending)", nil),
        ("_ = books.find().sort(\\.titel)", "titel"),
        ("_ = try await books.update(where: { $0.year == 1 }) { $0.year.set(2); $0.views.increment(by: 1) }", nil),
        ("_ = try await books.update(where: { $0.year == 1 }) { $0.year.set(\"2\") }", "cannot convert"),
        ("_ = try await books.update(where: { $0.year == 1 }) { $0.title.increment(by: 1) }", ""),
        ("_ = try await books.update(where: { $0.year == 1 }) { $0.year.unset() }", ""),
        ("_ = try await books.update(where: { $0.year == 1 }) { $0.pages.set(1) }", "has no member 'pages'"),
        ("_ = try await books.get(5)", ""),
        ("try await books.save(Author(name: \"x\"))", "cannot convert"),
        ("if let some = try await books.find().fields(\\.title).first() { _ = try some.get(\\.title) }", nil),
        ("if let some = try await books.find().fields(\\.title).first() { try await books.save(some) }", "convert"),
        ("_ = books.find().fields(\\.titel)", "titel"),
        (
            "let author: Author? = try await db[Author.self].get(Book(title: \"\", author: Ref(id: ObjectID()), year: 1).author); _ = author",
            nil
        ),
    ]

    @Test("A misspelt field, a wrong type and an unknown operator do not compile, and what is right does")
    func statements() async throws {
        var source = Self.models
        var lines: [Int] = []
        for (index, statement) in Self.statements.enumerated() {
            source += "func f\(index)(_ books: DocumentCollection<Book>, _ db: MongoDatabase) async throws {\n"
            lines.append(source.split(separator: "\n", omittingEmptySubsequences: false).count)
            source += "    \(statement.code)\n}\n"
        }
        let output = try await #require(Compiler.shared).check(source)
        for (line, statement) in zip(lines, Self.statements) {
            let errors = output.errors(onLine: line)
            if let part = statement.error {
                #expect(errors.contains { part.isEmpty || $0.contains(part) }, "\(statement.code): \(errors)")
            } else {
                #expect(errors.isEmpty, "\(statement.code)")
            }
        }
        let elsewhere = output.errors.filter { error in !lines.contains(error.line) }
        #expect(elsewhere.isEmpty)
    }

    @Test("A rule that does not fit its field's type, and a field of a type that is none, do not compile")
    func declarations() async throws {
        let source = """
            import MongoDocuments

            struct Plain: Sendable {}
            @Embedded struct A { @Field(.range("a"...)) var number: Int }
            @Embedded struct B { @Field(.length(1...)) var number: Int }
            @Embedded struct C { var plain: Plain }
            @Embedded struct D { @Field(.unheardOf) var number: Int }
            @Embedded class E {}
            @Embedded struct F { @Field(.range(1...), .oneOf(1, 2)) var number: Int?; @Field(.email) var mail: String }
            """
        let output = try await #require(Compiler.shared).check(source)
        let expected = [
            "no exact matches in call to static method 'range'", "requires that 'Int' conform to 'Collection'",
            "requires that 'Plain' conform to 'FieldValue'", "has no member 'unheardOf'",
            "@Embedded makes structs documents",
        ]
        for part in expected { #expect(output.text.contains(part), "\(part)") }
        #expect(!output.text.contains("1F8Embedded") && output.errors(onLine: 9).isEmpty)
    }

    @Test("A filter of twelve terms type-checks in under half a second")
    func twelveTerms() async throws {
        let source =
            Self.models + """
                func twelve(_ books: DocumentCollection<Book>, id: ObjectID, city: String) -> DocumentQuery<Book> {
                    books.find {
                        $0.year >= 2004 && $0.year < 2020 && $0.title != "x" && $0.publisher.city == city
                            && ($0.tags.contains("swift") || $0.tags.contains("mongo")) && $0.rating > 3
                            && !($0.views == 0) && $0.inPrint == true && $0.publisher.name.hasPrefix("A")
                            && $0.id != id && $0.author == Ref(id: id)
                    }
                }
                func wrong(_ books: DocumentCollection<Book>, id: ObjectID) -> DocumentQuery<Book> {
                    books.find {
                        $0.year >= 2004 && $0.year < 2020 && $0.title != "x" && $0.publisher.city == "y"
                            && ($0.tags.contains("swift") || $0.tags.contains("mongo")) && $0.rating > 3
                            && !($0.views == 0) && $0.inPrint == "no" && $0.publisher.name.hasPrefix("A")
                            && $0.id != id && $0.author == Ref(id: id)
                    }
                }
                """
        let output = try await #require(Compiler.shared).check(
            source, ["-Xfrontend", "-warn-long-expression-type-checking=1"])
        #expect(output.errors.count == 1, "the wrong type in the second filter, and nothing else")
        #expect(output.errors.first?.message.contains("cannot convert value of type 'String'") == true)
        let times = output.text.matches(of: /expression took ([0-9]+)ms/).compactMap { Int($0.1) }
        let longest = try #require(times.max())
        #expect(longest < 500)
        print("The slower of two filters of twelve terms, one with a mistake, took \(longest) ms to type-check")
    }
}
