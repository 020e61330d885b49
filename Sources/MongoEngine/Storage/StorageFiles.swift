import Foundation

/// What the storage asks of the file system beside SQLite.
enum StorageFiles {
    /// Makes a file's contents durable.
    static func synchronize(_ descriptor: Int32) -> Bool {
        #if canImport(Darwin)
            return fcntl(descriptor, F_FULLFSYNC) != -1
        #else
            while fdatasync(descriptor) != 0 { guard errno == EINTR else { return false } }
            return true
        #endif
    }

    /// Makes names in the directory of `path` durable.
    static func synchronizeDirectory(of path: String) throws(StorageError) {
        let directory = (path as NSString).deletingLastPathComponent
        let descriptor = open(directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { Foundation.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", directory) }
    }

    /// The absolute path without symbolic links, so that one file has one lock.
    static func resolve(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// Looks before anything is made there: a lock beside a path that cannot be a database would stay behind.
    static func checkPlace(of path: String, mustExist: Bool) throws(StorageError) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard !isFolder.boolValue else {
                throw StorageError(.io, "\(path) is a folder. Give the path of a file.")
            }
            return
        }
        let folder = (path as NSString).deletingLastPathComponent
        guard FileManager.default.fileExists(atPath: folder) else {
            throw StorageError(.io, "\(path): there is no folder \(folder). Make it first, or give another path.")
        }
        guard !mustExist else {
            throw StorageError(.io, "\(path): there is no such file, and reading only makes none. Check the path.")
        }
    }

    static func size(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    static func failure(_ action: String, _ path: String) -> StorageError {
        let kind: StorageError.Kind = errno == ENOSPC || errno == EDQUOT ? .full : .io
        return StorageError(kind, "\(path): cannot \(action) it: \(String(cString: strerror(errno))).")
    }
}

/// An exclusive lock on a file, which ends with the value or with the process.
final class FileLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    func release() { flock(descriptor, LOCK_UN) }

    /// Takes the lock and writes the process's id into the file; nil where another holds it.
    static func take(_ path: String, create: Bool = true) throws(StorageError) -> FileLock? {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0o600)
        guard descriptor >= 0 else { throw StorageFiles.failure("open", path) }
        let lock = FileLock(descriptor)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return nil }
            guard errno == EINTR else { throw StorageFiles.failure("lock", path) }
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            throw StorageFiles.failure("write", path)
        }
        return lock
    }

    /// Takes the lock of a database file, or says who has it.
    static func takeDatabase(_ path: String) throws(StorageError) -> FileLock {
        let file = path + ".lock"
        if let lock = try take(file) { return lock }
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let holder = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
        let who = holder.map { $0 == getpid() ? "this process (\($0))" : "process \($0)" } ?? "another process"
        throw StorageError(
            .locked,
            """
            \(path) is open for writing in \(who). Open it with readOnly=true to read beside it, share that process's \
            client, or let both use one server (nectar serve).
            """)
    }
}

/// The private directory of a database in memory.
struct MemoryDirectory: Sendable {
    let path: String
    private let lock: FileLock

    private static let prefix = "nectar-memory-"

    /// Removes the directories whose processes have died, once in a process: a temporary folder may have many names to read.
    private static let isSwept: Void = sweep(FileManager.default.temporaryDirectory.path)

    /// Makes a directory, and removes those whose processes have died.
    init() throws(StorageError) {
        let base = FileManager.default.temporaryDirectory.path
        Self.isSwept
        // The name that is swept comes last: whoever sees it sees it locked.
        var template = Array("\(base)/.\(Self.prefix)\(getpid())-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StorageFiles.failure("make a directory in", base) }
        let hidden = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        path = "\(base)/\((hidden as NSString).lastPathComponent.dropFirst())"
        guard let lock = try FileLock.take(hidden + "/lock") else { throw StorageFiles.failure("lock", hidden) }
        self.lock = lock
        guard rename(hidden, path) == 0 else { throw StorageFiles.failure("rename", hidden) }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    static func sweep(_ base: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? [] where name.hasPrefix(prefix) {
            let path = "\(base)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
                let lock = try? FileLock.take(path + "/lock", create: false)
            else { continue }
            withExtendedLifetime(lock) { try? FileManager.default.removeItem(atPath: path) }
        }
    }
}
