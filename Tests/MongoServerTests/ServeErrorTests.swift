import ProcessHarness
import Testing

@Suite("nectar serve says in plain words why it does not start")
struct ServeErrorTests {
    @Test(
        "each wrong use has its sentence and no code",
        arguments: [
            (["--path", ""], "takes the name of a file"),
            (["--path", "/"], "is a folder"),
            (["--path", "/no/such/folder/x.db"], "there is no folder"),
            (["--memory", "--path", "x.db"], "not both"),
            (["--memory", "--port", "70000"], "0 to 65535"),
            (["--memory", "--host", "192.0.2.1"], "this machine has no such address"),
            (["--memory", "--host", "no-such-host.invalid"], "there is no host of this name"),
        ])
    func wrongUse(arguments: [String], sentence: String) async throws {
        let end = try await ChildProcess.run([ChildProcess.executable("nectar"), "serve", "--port", "0"] + arguments)
        #expect(end.status != 0)
        #expect(end.output.contains(sentence), "\(end.output)")
        for noise in ["errno", "server error", "Fatal"] { #expect(!end.output.contains(noise), "\(end.output)") }
    }

    @Test("a port that another program has is named")
    func takenPort() async throws {
        let first = try await ChildProcess.nectar(["--memory"])
        let second = try await ChildProcess.run(
            [ChildProcess.executable("nectar"), "serve", "--memory", "--port", "\(first.port)"])
        #expect(second.status != 0)
        #expect(second.output.contains("cannot listen on 127.0.0.1:\(first.port): another program listens there"))
        #expect(await first.end() == 0)
    }
}
