import BSON
import BenchmarkSupport
import CLibBSONPeer

/// Compares what Nectar's BSON does with what its peers do. `--hostile` prints the table of hostile inputs alone.
@main
struct Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count == 2, arguments[1] == "--hostile" { return try HostileRows.print() }
        let shapes = Shape.all()
        var rows: [Row] = []
        for work in Work.all {
            for shape in shapes {
                guard let tree = PeerTree(shape.bytes) else { continue }
                rows.append(
                    Row(
                        work: work.name, document: shape.name, nectar: { try work.nectar(shape, $0) },
                        libbson: { work.libbson(shape, tree, $0) }, pymongo: work.pymongo))
            }
        }
        if let record = shapes.first(where: { $0.name == "struct" }) { rows += try CodableRows.all(record) }
        try Comparison(
            libbson: String(cString: peer_version()),
            documents: shapes.map { .init($0.name, $0.about, $0.bytes) },
            works: Work.all.map { ($0.name, $0.about) }, rows: rows
        ).run(arguments)
        if arguments.count == 1 { try HostileRows.print() }
    }
}
