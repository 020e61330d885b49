import BSON
import CLibBSONPeer
import Foundation

/// Prints one table: what Nectar's BSON does in a second, and how many times what each peer does.
///
/// `--only nectar|libbson WORK SHAPE ROUNDS` does nothing but that work, for profilers and for counting instructions;
/// `--list` names what there is; `--hostile` prints the table of hostile inputs alone.
@main
struct Main {
    static func main() throws {
        let shapes = Shape.all()
        let arguments = CommandLine.arguments
        if arguments.count == 6, arguments[1] == "--only", let rounds = Int(arguments[5]) {
            return try only(arguments[2], arguments[3], arguments[4], rounds, shapes)
        }
        if arguments.count == 2, arguments[1] == "--list" {
            for work in Work.all { for shape in shapes { print("\(work.name)\t\(shape.name)\t\(shape.bytes.count)") } }
            return
        }
        if arguments.count == 2, arguments[1] == "--hostile" { return try HostileRows.print() }
        let pymongo = try PyMongoPeer(shapes)
        print("Peers: libbson \(String(cString: peer_version())); PyMongo \(pymongo?.version ?? "not found")")
        for shape in shapes { print("  \(shape.name): \(shape.about), \(shape.bytes.count) bytes") }
        for work in Work.all { print("  \(work.name): \(work.about)") }
        print("\n\(Row.header)")
        for work in Work.all {
            for shape in shapes { if let row = try row(work, shape, pymongo) { print(row.text) } }
        }
        if let record = shapes.first(where: { $0.name == "struct" }) {
            for row in try CodableRows.measure(record, pymongo) { print(row.text) }
        }
        try HostileRows.print()
    }

    private static func only(
        _ who: String, _ work: String, _ shape: String, _ rounds: Int, _ shapes: [Shape]
    ) throws {
        guard let work = Work.all.first(where: { $0.name == work }),
            let shape = shapes.first(where: { $0.name == shape }), let tree = PeerTree(shape.bytes)
        else { return print("error: no such work or document") }
        print(who == "nectar" ? try work.nectar(shape, rounds) : work.libbson(shape, tree, rounds))
    }

    private static func row(_ work: Work, _ shape: Shape, _ pymongo: PyMongoPeer?) throws -> Row? {
        guard let tree = PeerTree(shape.bytes) else { return nil }
        let times = try best(of: [{ try work.nectar(shape, $0) }, { work.libbson(shape, tree, $0) }])
        return Row(
            work: work.name, shape: shape.name, nanoseconds: times[0], bytes: shape.bytes.count, libbson: times[1],
            isRefused: work.libbson(shape, tree, 1) == 0, pymongo: work.pymongo.flatMap { pymongo?.time($0, shape) })
    }
}
