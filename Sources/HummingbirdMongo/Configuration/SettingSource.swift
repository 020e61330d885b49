public import Configuration
internal import MongoProtocol
internal import Nectar

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension Mongo {
    /// Where settings come from: one place, or several of which the first that knows a setting counts.
    ///
    /// ```swift
    /// let mongo = try await Mongo(.settings(["MONGO_PORT": "27018"]).over(.environment).over(.file("config.yaml")))
    /// ```
    public struct Source: Sendable {
        let load: @Sendable () async throws -> [SettingLayer]

        /// The process's environment, and below it the file `.env` in the working directory if there is one.
        public static let environment = process.over(environmentFile(".env", isRequired: false))

        /// The process's environment alone.
        public static let process = Source {
            [.variables(ProcessInfo.processInfo.environment, place: "the environment")]
        }

        /// A file with a line `NAME=value` for each variable.
        ///
        /// Values may stand between quotes, names behind `export`, and lines that begin with `#` are remarks.
        /// - Parameter isRequired: Whether it is an error where there is no such file.
        public static func environmentFile(_ path: String, isRequired: Bool = true) -> Source {
            Source {
                guard let data = FileManager.default.contents(atPath: path) else {
                    // Some have a folder of this name, which is none of ours; a file that cannot be read is a mistake.
                    let isThere = FileManager.default.fileExists(atPath: path)
                    let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
                    guard isRequired || (isThere && type != .typeDirectory) else { return [] }
                    throw MongoError(
                        .usage,
                        isThere
                            ? "No settings can be read from \(path): make it a file that this user may read"
                            : "There is no file \(path) to read settings from: make one, or do not name it")
                }
                let text = String(decoding: data, as: UTF8.self)
                return [.variables(EnvironmentFile.variables(text), place: path)]
            }
        }

        /// A JSON or YAML file, told by its name's end, `.json`, `.yaml` or `.yml`.
        ///
        /// The prefix is an object and the settings are its members: `mongo: {uri: …, maxPoolSize: 20}`. Names like
        /// `max_pool_size` and, in the outermost object, `MONGO_MAX_POOL_SIZE` are taken too.
        public static func file(_ path: String) -> Source {
            Source {
                do {
                    switch path.lowercased().split(separator: ".").last {
                    case "json":
                        let provider = try await FileProvider<JSONSnapshot>(filePath: literal(path))
                        return [.provider(provider, place: path)]
                    case "yaml", "yml":
                        let provider = try await FileProvider<YAMLSnapshot>(filePath: literal(path))
                        return [.provider(provider, place: path)]
                    default: throw MongoError(.usage, "its name ends neither with .json nor with .yaml")
                    }
                } catch {
                    // Errors of parsers repeat what they read, which may be a password.
                    let reason =
                        (error as? MongoError)?.message
                        ?? (FileManager.default.fileExists(atPath: path) ? "it is not well formed" : "it is not there")
                    throw MongoError(.usage, "No settings can be read from the file \(path): \(reason)")
                }
            }
        }

        /// Settings given by the program, by their whole names: `["MONGO_DBNAME": "shop"]`.
        public static func settings(_ settings: [String: String]) -> Source {
            Source { [.variables(settings, place: "the program")] }
        }

        /// Settings given by the program; the same as ``settings(_:)``.
        public static func variables(_ variables: [String: String]) -> Source { settings(variables) }

        /// Any provider of swift-configuration, e.g. one for command-line arguments: `mongo.maxPoolSize` and the like.
        public static func provider(_ provider: any ConfigProvider) -> Source {
            Source { [.provider(provider, place: provider.providerName)] }
        }

        /// This source, and the other one for what this one does not know.
        public func over(_ other: Source) -> Source {
            let (first, second) = (load, other.load)
            return Source { try await first() + second() }
        }

        /// Makes the file's path, whose type is of a module that this one does not depend on.
        private static func literal<Path: ExpressibleByStringLiteral>(_ text: Path.StringLiteralType) -> Path {
            Path(stringLiteral: text)
        }
    }
}

/// Reads files like `.env`.
enum EnvironmentFile {
    /// The variables of a text; of two with one name the last counts.
    static func variables(_ text: String) -> [String: String] {
        var found: [String: String] = [:]
        // Some editors put a byte order mark in front.
        for line in text.trimmingPrefix("\u{FEFF}").split(whereSeparator: \.isNewline) {
            var line = trimmed(line)
            guard line.first != "#" else { continue }
            if line.hasPrefix("export ") { line = trimmed(line.dropFirst("export ".count)) }
            guard let equals = line.firstIndex(of: "="), equals > line.startIndex else { continue }
            found[String(trimmed(line[..<equals]))] = value(line[equals...].dropFirst())
        }
        return found
    }

    /// What stands behind the equals sign: between quotes, or up to a remark.
    private static func value(_ text: Substring) -> String {
        let start = trimmed(text)
        guard let quote = start.first, quote == "\"" || quote == "'" else { return String(plain(text)) }
        var value = ""
        var rest = start.dropFirst()
        while let character = rest.popFirst() {
            // What follows the closing quote is a remark or a mistake.
            if character == quote { return value }
            // A backslash before a quote or a backslash means that sign, and nothing before any other.
            if character == "\\", let next = rest.first, next == quote || next == "\\" {
                value.append(next)
                rest = rest.dropFirst()
            } else {
                value.append(character)
            }
        }
        // A quote that is never closed is part of the value.
        return String(plain(text))
    }

    /// A text without quotes and without the remark behind it, which a space and `#` begin.
    private static func plain(_ text: Substring) -> Substring {
        var isBehindSpace = false
        let end = text.firstIndex { character in
            defer { isBehindSpace = character.isWhitespace }
            return character == "#" && isBehindSpace
        }
        return trimmed(text[..<(end ?? text.endIndex)])
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
    }
}
