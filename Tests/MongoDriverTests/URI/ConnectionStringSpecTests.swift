import BSON
import MongoProtocol
import SpecSupport
import Testing

@testable import MongoDriver

/// Runs the driver specifications' tests of connection strings, where their files are at hand.
@Suite("Connection string specifications")
struct ConnectionStringSpecTests {
    @Test("connection-string") func connectionString() { run("connection-string") }

    @Test("uri-options") func options() { run("uri-options") }

    @Test("auth") func auth() {
        let failures = SpecSuite.run("auth") {
            let test = $0.test
            let outcome = Outcome(test)
            if let fault = outcome.fault(of: test) { return [fault] }
            guard let parsed = outcome.parsed else { return [] }
            var faults = Faults()
            guard let expected = test["credential"]?.document else {
                return parsed.credential == nil ? [] : ["a credential where none is expected"]
            }
            let found = parsed.credential
            faults.expect(found?.username, expected["username"]?.string, "username")
            faults.expect(found?.password, expected["password"]?.string, "password")
            faults.expect(found?.source, expected["source"]?.string, "source")
            faults.expect(found?.mechanism?.rawValue, expected["mechanism"]?.string, "mechanism")
            var properties: [String: String] = [:]
            for (key, value) in expected["mechanism_properties"]?.document ?? [:] { properties[key] = value.string }
            faults.expect(found?.mechanismProperties, properties, "properties")
            return faults.list
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    @Test("read-write-concern") func concerns() {
        let failures = SpecSuite.run("read-write-concern") {
            switch $0.file.prefix(while: { $0 != "/" }) {
            case "connection-string": Self.concernFaults(inString: $0.test)
            case "document": Self.concernFaults(inDocument: $0.test)
            default: ["needs the unified test runner"]
            }
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    private static func concernFaults(inString test: BSONDocument) -> [String] {
        let outcome = Outcome(test)
        if let fault = outcome.fault(of: test) { return [fault] }
        guard let parsed = outcome.parsed, test["valid"]?.bool == true else { return [] }
        var faults = Faults()
        if let expected = test["readConcern"]?.document {
            faults.expect(parsed.options.readConcern.level?.rawValue, expected["level"]?.string, "level")
        }
        if let expected = test["writeConcern"]?.document {
            faults.expect(parsed.options.writeConcern, WriteConcern(case: expected), "write concern")
        }
        return faults.list
    }

    private static func concernFaults(inDocument test: BSONDocument) -> [String] {
        var faults = Faults()
        if let given = test["readConcern"]?.document {
            let concern = ReadConcern(given["level"]?.string.map { ReadConcern.Level(rawValue: $0) })
            faults.expect(concern.document ?? [:], test["readConcernDocument"]?.document, "document")
            faults.expect(concern.isServerDefault, test["isServerDefault"]?.bool, "server default")
        }
        guard let given = test["writeConcern"]?.document else { return faults.list }
        let concern = WriteConcern(case: given)
        let isValid = (try? concern.validate()) != nil
        faults.expect(isValid, test["valid"]?.bool, "validity")
        if let document = test["writeConcernDocument"]?.document {
            faults.expect(sorted(.document(concern.document ?? [:])), sorted(.document(document)), "document")
            faults.expect(concern.isServerDefault, test["isServerDefault"]?.bool, "server default")
            faults.expect(concern.isAcknowledged, test["isAcknowledged"]?.bool, "acknowledgement")
        }
        return faults.list
    }

    /// Runs a suite whose cases list hosts, user and options.
    private func run(_ suite: String) {
        let failures = SpecSuite.run(suite) {
            let test = $0.test
            let outcome = Outcome(test)
            if let fault = outcome.fault(of: test) { return [fault] }
            guard let parsed = outcome.parsed else { return [] }
            var faults = Faults()
            if let hosts = test["hosts"]?.array {
                let expected = hosts.compactMap(\.document).map { host -> ServerAddress in
                    let name = host["host"]?.string ?? ""
                    if host["type"]?.string == "unix" { return ServerAddress(socketPath: name) }
                    return ServerAddress(host: name, port: host["port"]?.int ?? ServerAddress.defaultPort)
                }
                faults.expect(parsed.hosts, expected, "hosts")
            }
            if let auth = test["auth"]?.document {
                faults.expect(parsed.username, auth["username"]?.string, "user")
                faults.expect(parsed.password, auth["password"]?.string, "password")
                faults.expect(parsed.database, auth["db"]?.string, "database")
            }
            for (name, value) in test["options"]?.document ?? [:] {
                let found = ConnectionOptionTable.row(name)?.show(parsed.options)
                faults.expect(found.map(sorted), sorted(value), name)
            }
            return faults.list
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }
}

/// What became of the string of a case.
private struct Outcome {
    var parsed: ConnectionString?
    var error: MongoError?

    init(_ test: BSONDocument) {
        do {
            parsed = try ConnectionString(test["uri"]?.string ?? "")
        } catch {
            self.error = error
        }
    }

    /// Where validity or warnings are not as expected.
    func fault(of test: BSONDocument) -> String? {
        guard let parsed else { return test["valid"]?.bool == true ? "refused: \(error?.message ?? "")" : nil }
        // A case that is not valid and leaves warnings open lets drivers warn and leave the value out.
        let warnsInstead = test["valid"]?.bool == false && test["warning"]?.bool == nil && !parsed.warnings.isEmpty
        if test["valid"]?.bool == false { return warnsInstead ? nil : "taken" }
        guard let warns = test["warning"]?.bool, warns == parsed.warnings.isEmpty else { return nil }
        return "warnings: \(parsed.warnings)"
    }
}

/// What did not come out as expected.
struct Faults {
    var list: [String] = []
    mutating func expect<T: Equatable>(_ found: T?, _ expected: T?, _ what: String) {
        guard found != expected else { return }
        list.append("\(what) is \(String(describing: found)), not \(String(describing: expected))")
    }
}

/// A value with the fields of documents in order, so that equal ones compare equal.
private func sorted(_ value: BSONValue) -> BSONValue {
    switch value {
    case .document(let document):
        .document(BSONDocument(fields: document.sorted { $0.key < $1.key }.map { ($0.key, sorted($0.value)) }))
    case .array(let array): .array(BSONArray(array.map(sorted)))
    case .int64(let number): .int(Int(number))
    default: value
    }
}

extension WriteConcern {
    /// A write concern as the specification's cases write it.
    fileprivate init(case document: BSONDocument) {
        self.init(journal: document["journal"]?.bool, wTimeoutMS: document["wtimeoutMS"]?.int)
        if let count = document["w"]?.int { w = .members(count) }
        if let mode = document["w"]?.string { w = mode == "majority" ? .majority : .mode(mode) }
    }
}
