internal import ArgumentParser

/// The command `nectar`.
@main
struct NectarTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nectar",
        abstract: "The MongoDB toolkit for server-side Swift.",
        version: "0.1.0",
        subcommands: [ServeCommand.self])
}
