package import Foundation

/// Certificates for one test, made by openssl in a folder of their own.
package struct TestCertificates {
    /// The folder: ca.pem, server.pem and client.pem, and other-ca.pem and other-client.pem of somebody else.
    package let folder: URL

    /// What openssl says where it fails.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Makes the certificates; whoever asks for them calls ``remove()``.
    package init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "nectar-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for prefix in ["", "other-"] {
            try await openssl(
                "req -x509 -key \(prefix)ca.key -out \(prefix)ca.pem -days 2 -subj /CN=\(prefix)ca", prefix + "ca")
            try await leaf(prefix + "client", from: prefix + "ca", names: "DNS:client")
        }
        try await leaf("server", from: "ca", names: "DNS:localhost,IP:127.0.0.1")
    }

    /// The path of a file.
    package func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Removes the folder.
    package func remove() { try? FileManager.default.removeItem(at: folder) }

    /// Makes a certificate that comes from another, with its key in one file.
    private func leaf(_ name: String, from authority: String, names: String) async throws {
        try Data("subjectAltName=\(names)\n".utf8).write(to: folder.appending(path: "\(name).ext"))
        try await openssl("req -new -key \(name).key -out \(name).csr -subj /CN=\(name)", name)
        try await openssl(
            "x509 -req -in \(name).csr -CA \(authority).pem -CAkey \(authority).key -CAcreateserial -days 2 "
                + "-extfile \(name).ext -out \(name).crt", nil)
        let both =
            try Data(contentsOf: folder.appending(path: "\(name).crt"))
            + Data(contentsOf: folder.appending(path: "\(name).key"))
        try both.write(to: folder.appending(path: "\(name).pem"))
    }

    /// Runs openssl, after it has made a key where one is named.
    private func openssl(_ arguments: String, _ key: String?) async throws {
        if let key, !FileManager.default.fileExists(atPath: path("\(key).key")) {
            try await openssl("ecparam -name prime256v1 -genkey -noout -out \(key).key", nil)
        }
        let words = arguments.split(separator: " ").map(String.init)
        let result = try await ChildProcess.run(["openssl"] + words, in: folder)
        guard result.status == 0 else { throw Failure(description: "openssl \(arguments): \(result.output)") }
    }
}
