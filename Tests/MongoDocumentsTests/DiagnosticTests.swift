import CompilerHarness
import Testing

/// A declaration that is refused.
private struct Refusal {
    let source: String
    let message: String
    /// Where in the source, counted from 1.
    let line: Int
    let column: Int
    var fixIt: String?
    /// What the source behind the attribute is with the fix; it compiles.
    var fixed: String?
}

@Suite(
    "What the macros complain of",
    .enabled(if: Compiler.shared != nil, "there is no swiftc beside these tests"))
struct DiagnosticTests {
    private static let refusals: [Refusal] = [
        Refusal(
            source: "@Document(\"a\")\nclass A {\n    var id = 1\n}",
            message: "@Document makes structs documents: other types are none", line: 2, column: 1,
            fixIt: "make it a struct", fixed: "struct A {\n    var id = 1\n}"),
        Refusal(
            source: "@Embedded\nenum A {\n    case a\n}",
            message: "@Embedded makes structs documents: other types are none", line: 1, column: 1),
        Refusal(
            source: "@Embedded\nstruct A<T> {\n    var a: T\n}",
            message: "a generic struct has no one set of fields: write a struct for each type", line: 2, column: 9),
        Refusal(
            source: "@Embedded\nstruct A {\n    var a = make()\n}",
            message: "'a' needs a type: the macro does not see what its value is of", line: 3, column: 9,
            fixIt: "write the type of 'a'", fixed: "struct A {\n    var a: <#Type#> = make()\n}"),
        Refusal(
            source: "@Embedded\nstruct A {\n    let a: Int = 1\n}",
            message: "'a' is a 'let' with a value, which reading cannot set", line: 3, column: 5,
            fixIt: "make it a 'var'", fixed: "struct A {\n    var a: Int = 1\n}"),
        Refusal(
            source: "@Document(\"a\")\nstruct A {\n    var a: Int\n}",
            message: "a document needs an 'id', which is stored as '_id'", line: 2, column: 8,
            fixIt: "add 'var id = ObjectID()'", fixed: "struct A {\n    var id = ObjectID()\n    var a: Int\n}"),
        Refusal(
            source: "@Embedded\nstruct A {\n    var a: Int\n    @Field(\"a\") var b: Int\n}",
            message: "'a' is stored as 'a' already", line: 4, column: 12, fixIt: "store it as 'b'",
            fixed: "struct A {\n    var a: Int\n    @Field(\"b\") var b: Int\n}"),
        Refusal(
            source: "@Embedded\nstruct A {\n    lazy var a: Int = 1\n}",
            message: "a lazy property cannot be a field ('a')", line: 3, column: 5),
        Refusal(
            source: "@Embedded\nstruct A {\n    @State var a: Int = 1\n}",
            message: "a property with @State cannot be a field ('a')", line: 3, column: 5),
        Refusal(
            source: "@Embedded\nstruct A {\n    var (a, b): (Int, Int)\n}",
            message: "a tuple pattern cannot be a field: declare a property for each", line: 3, column: 9),
        Refusal(
            source: "@Embedded\nstruct A {\n    var a: (Int, Int)\n}",
            message: "a tuple cannot be a field ('a')", line: 3, column: 12),
        Refusal(
            source: "@Embedded\nstruct A {\n    var a: () -> Void\n}",
            message: "a function cannot be a field ('a')", line: 3, column: 12),
        Refusal(
            source: "@Embedded\nstruct A {\n    @Field(\"x.y\") var a: Int\n}",
            message: "'x.y' cannot be a field's name: it must not be empty, have dots, or start with a dollar sign",
            line: 3, column: 12),
        Refusal(
            source: "@Embedded\nstruct A {\n    @Field(.indexed, .indexed) var a: Int\n}",
            message: "'indexed' is said twice", line: 3, column: 22),
        Refusal(
            source: "@Embedded\nstruct A {\n    @Field(.indexed) var a: Int { 1 }\n}",
            message: "'a' is not stored, so it is no field", line: 3, column: 5),
        Refusal(
            source: "@Document(\"a\")\nstruct A {\n    @Field(\"key\") var id: Int\n}",
            message: "'id' is always stored as '_id'", line: 3, column: 12),
        Refusal(
            source: "@Document(\"a\")\nstruct A {\n    @Field(\"_id\") var key: Int\n}",
            message: "'_id' is the name of 'id': call 'key' so", line: 3, column: 12),
        Refusal(
            source: "@Document(\"\")\nstruct A {\n    var id: Int\n}",
            message: "'' cannot be a collection's name", line: 1, column: 11),
        Refusal(
            source: "@Embedded\nstruct A {\n    #if DEBUG\n    var a: Int\n    #endif\n}",
            message: "stored properties within #if cannot be fields: declare them for all conditions", line: 3,
            column: 5),
    ]

    @Test("What cannot be a document is refused in its place, with a fix where there is one")
    func refusals() async throws {
        var source = "import MongoDocuments\nfunc make() -> Int { 1 }\n"
        var fixed = source
        var starts: [Int] = []
        for (number, refusal) in Self.refusals.enumerated() {
            starts.append(source.count { $0 == "\n" })
            source += Self.named(refusal.source, number) + "\n"
            let attribute = refusal.source.prefix { $0 != "\n" }
            if let text = refusal.fixed { fixed += "\(attribute)\n\(Self.named(text, number))\n" }
        }
        let compiler = try #require(Compiler.shared)
        let output = try await compiler.check(source)
        for (start, refusal) in zip(starts, Self.refusals) {
            let place = "case.swift:\(start + refusal.line):\(refusal.column):"
            #expect(output.text.contains("\(place) error: \(refusal.message) (from macro"), "\(refusal.source)")
            if let fixIt = refusal.fixIt {
                #expect(output.text.contains("\(place) note: \(fixIt)\n"), "\(refusal.source)")
            }
        }
        #expect(output.text.matches(of: /error: [^\n]* \(from macro/).count == Self.refusals.count)
        let left = try await compiler.check(fixed).errors.map(\.message)
        #expect(left.allSatisfy { $0.contains("placeholder") || $0.contains("<#Type#>") }, "\(left)")
    }

    /// Each type with a name of its own, of one letter, so that one run of the compiler sees them all.
    private static func named(_ source: String, _ number: Int) -> String {
        let letter = String(UnicodeScalar(UInt8(65 + number)))
        return source.replacing(#/\b(struct|class|enum) A/#) { "\($0.1) \(letter)" }
    }
}
