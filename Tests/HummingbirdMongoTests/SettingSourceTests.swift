import Configuration
import Foundation
import Nectar
import Testing

@testable import HummingbirdMongo

@Suite("Where settings come from")
struct SettingSourceTests {
    private func settings(_ source: Mongo.Source, prefix: String = "MONGO") async throws -> MongoSettings {
        try MongoSettings(
            SettingReading(await source.load(), prefix: prefix, names: .pyMongo), applicationName: "shop",
            required: false)
    }

    private func withFile(_ name: String, _ text: String, _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nectar-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: name).path
        try Data(text.utf8).write(to: URL(filePath: path))
        try await body(path)
    }

    @Test("The program counts more than the environment, that more than .env, that more than a file")
    func precedence() async throws {
        try await withFile("config.json", #"{"mongo": {"host": "d", "port": 4, "dbname": "d"}}"#) { json in
            try await withFile(".env", "MONGO_HOST=c\nMONGO_PORT=3\n") { env in
                let source = Mongo.Source.settings(["MONGO_HOST": "a"]).over(.settings(["MONGO_HOST": "b"]))
                    .over(.environmentFile(env)).over(.file(json))
                let found = try await settings(source)
                #expect(found.uri == "mongodb://a:3/")
                #expect(found.databaseName == "d")
            }
        }
    }

    @Test(
        "JSON and YAML files name settings in three ways",
        arguments: [
            ("a.json", #"{"mongo": {"host": "h", "maxPoolSize": 5}, "mongo2": {"host": "g", "connect": false}}"#),
            ("b.json", #"{"mongo": {"host": "h", "max_pool_size": "5"}, "MONGO2_HOST": "g", "MONGO2_CONNECT": "no"}"#),
            ("c.yaml", "mongo:\n  host: h\n  maxPoolSize: 5\nmongo2:\n  host: g\n  connect: false\n"),
            ("d.yml", "MONGO_HOST: h\nMONGO_MAX_POOL_SIZE: 5\nMONGO2_HOST: [g]\nMONGO2_CONNECT: 'off'\n"),
        ])
    func files(name: String, text: String) async throws {
        try await withFile(name, text) { path in
            #expect(try await settings(.file(path)).uri == "mongodb://h:27017/?maxPoolSize=5")
            let second = try await settings(.file(path), prefix: "MONGO2")
            #expect(second.uri == "mongodb://g:27017/" && second.isDeferred)
        }
    }

    @Test("A .env file may have quotes, remarks and exports")
    func environmentFiles() {
        let text = """
            # a remark
            export A="x y" # another
             B = 'it''s'
            C=a=b#c
            D="open
            =no name
            no value
            E=
            A2="1"\r
            F=p#w # a remark
            G= # nothing but a remark
            H=#
            I="a \\"b\\" \\\\ c:\\new" x
            J='it\\'s # no remark'
            """
        let expected = [
            "A": "x y", "B": "it", "C": "a=b#c", "D": "\"open", "E": "", "A2": "1", "F": "p#w", "G": "", "H": "#",
            "I": "a \"b\" \\ c:\\new", "J": "it's # no remark",
        ]
        #expect(EnvironmentFile.variables(text) == expected)
        #expect(EnvironmentFile.variables("\u{FEFF}A=1\nB=2") == ["A": "1", "B": "2"])
    }

    @Test("A folder named .env is none of ours, unless it is asked for")
    func folder() async throws {
        let folder = FileManager.default.temporaryDirectory.path
        #expect(try await Mongo.Source.environmentFile(folder, isRequired: false).load().isEmpty)
        let error = await #expect(throws: MongoError.self) { try await Mongo(.environmentFile(folder)) }
        #expect(error?.message.contains("make it a file that this user may read") == true)
    }

    @Test("A file that is not there or not well formed stops the start, and none of its text is repeated")
    func badFiles() async throws {
        let cases = [("x.json", "{hunter2"), ("x.yaml", "a: [hunter2"), ("x.toml", "a = 'hunter2'")]
        for (name, text) in cases {
            try await withFile(name, text) { path in
                let error = await #expect(throws: MongoError.self) { try await Mongo(.file(path)) }
                #expect(error?.kind == .usage && error?.message.contains(path) == true)
                #expect(error?.message.contains("hunter2") == false)
            }
        }
        for source in [Mongo.Source.file("none.json"), .file("none.yaml"), .environmentFile("none.env")] {
            let error = await #expect(throws: MongoError.self) { try await Mongo(source) }
            #expect(error?.message.contains("none.") == true)
        }
    }

    @Test("A setting of no usable type is an error that names it")
    func badTypes() async throws {
        try await withFile("x.json", #"{"mongo": {"port": [[1]]}}"#) { path in
            await #expect(throws: MongoError.self) { try await Mongo(.file(path)) }
        }
    }

    @Test("Providers of swift-configuration are taken as they are")
    func providers() async throws {
        let provider = InMemoryProvider(values: ["mongo.maxPoolSize": 9, "mongo.host": "h"])
        #expect(try await settings(.provider(provider)).uri == "mongodb://h:27017/?maxPoolSize=9")
    }

    @Test("The environment and .env are read by default")
    func environment() async throws {
        let layers = try await Mongo.Source.environment.load()
        #expect(layers.first?.place == "the environment")
        #expect(try layers.first?.lookup(SettingKey(prefix: "", name: "PATH")) != nil)
    }
}
