import CompilerHarness
import Foundation
import Testing

@Suite("What @Row writes", .enabled(if: Compiler.shared != nil, "there is no swiftc beside these tests"))
struct MacroTests {
    /// Expands `declaration` by the compiler, and gives what the macro of the type writes.
    private func expansion(_ declaration: String) async throws -> (text: String, errors: [String]) {
        let output = try await #require(Compiler.shared).check(
            "import SQLRows\n" + declaration, ["-Xfrontend", "-dump-macro-expansions"])
        let expansions = output.text.components(separatedBy: String(repeating: "-", count: 30) + "\n")
        let written = expansions.first { $0.hasPrefix("extension ") } ?? output.text
        return (written.trimmingCharacters(in: .newlines), output.errors.map(\.message))
    }

    @Test("Columns are read by their numbers and written by their names")
    func row() async throws {
        let (text, errors) = try await expansion(
            """
            @Row public struct Developer {
                public let id: Int
                @ColumnName("given") var firstName: String
                var expert: String?
                var active = true
                static let table = "developers"
                var isNew: Bool { id == 0 }
            }
            """)
        #expect(errors.isEmpty)
        #expect(
            text == #"""
                extension Developer: SQLTables.SQLRowConvertible {
                    public static var _columnNames: [Swift.String] {
                        ["id", "given", "expert", "active"]
                    }

                    public init(_ reader: SQLTables.SQLRowReader) throws(SQLTables.SQLError) {
                        let _id = try reader.read(0, Int.self)
                        let _firstName = try reader.read(1, String.self)
                        let _expert = try reader.read(2, String?.self)
                        let _active = try reader.read(3, Bool.self, default: true)
                        self.init(id: _id, firstName: _firstName, expert: _expert, active: _active)
                    }

                    public func _writeColumns(into writer: inout SQLTables.SQLRowWriter) throws(SQLTables.SQLError) {
                        try writer.write("id", self.id)
                        try writer.write("given", self.firstName)
                        try writer.write("expert", self.expert)
                        try writer.write("active", self.active)
                    }
                }
                """#)
    }

    static let refused: [(declaration: String, message: String)] = [
        ("@Row class A {}", "@Row makes structs rows: other types are none"),
        ("@Row struct A<T> { var a: T }", "a generic struct has no one set of fields: write a struct for each type"),
        ("@Row struct A { @ColumnName(\"\") var a: Int }", "a name must not be empty, nor have a zero byte in it"),
        ("@Row struct A { var a = make() }", "'a' needs a type: the macro does not see what its value is of"),
        ("@Row struct A { lazy var a: Int = 1 }", "a lazy property cannot be a field ('a')"),
        ("@Row struct A { let a: Int = 1 }", "'a' is a 'let' with a value, which reading cannot set"),
        ("@Row struct A { var a: Int; @ColumnName(\"a\") var b: Int }", "'a' is stored as 'a' already"),
        ("struct P {}; @Row struct A { var a: P }", "requires that 'P' conform to 'SQLConvertible'"),
    ]

    @Test("What cannot be a row is told where it stands", arguments: refused.indices)
    func refusals(_ index: Int) async throws {
        let (declaration, message) = Self.refused[index]
        let output = try await #require(Compiler.shared).check("import SQLRows\n" + declaration)
        #expect(output.text.contains(message), "\(output.text)")
    }

    @Test("Names of SQL may have dots and dollar signs, and Swift's own words may name columns")
    func names() async throws {
        let (text, errors) = try await expansion(
            "@Row struct A { @ColumnName(\"a.b$\") var `default`: Int; var `in`: Int; var a, b: Int? }")
        #expect(errors.isEmpty, "\(text)")
        #expect(text.contains(#"["a.b$", "in", "a", "b"]"#))
    }
}
