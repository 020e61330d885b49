internal import Configuration
internal import Nectar

/// One place that settings are read from; of several the first that knows a setting counts.
struct SettingLayer: Sendable {
    /// What the place is called in messages.
    let place: String
    /// The names of all variables there, where they can be listed.
    var names: [String] = []
    /// Gives the text of a setting; nil where the place has none.
    let lookup: @Sendable (SettingKey) throws -> String?
}

/// A setting's name as each kind of place spells it.
struct SettingKey: Sendable {
    /// `MONGO_MAX_POOL_SIZE`, as in the environment.
    let variable: String
    /// `mongo`, `maxPoolSize`, as in a file.
    let path: [String]
    /// `mongo`, `max_pool_size`, as a file may have it too.
    let plainPath: [String]

    init(prefix: String, name: String) {
        let words = name.lowercased().split(separator: "_").map(String.init)
        let folder = prefix.isEmpty ? [] : [prefix.lowercased()]
        variable = prefix.isEmpty ? name : "\(prefix)_\(name)"
        path =
            folder + [
                (words.first ?? "") + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
            ]
        plainPath = folder + [words.joined(separator: "_")]
    }
}

extension SettingLayer {
    /// Variables by their names.
    static func variables(_ variables: [String: String], place: String) -> SettingLayer {
        let provider = EnvironmentVariablesProvider(environmentVariables: variables)
        return SettingLayer(place: place, names: Array(variables.keys)) { key in
            try provider.environmentValue(forName: key.variable)
        }
    }

    /// Any provider of swift-configuration: `mongo.maxPoolSize`, `mongo.max_pool_size` or `MONGO_MAX_POOL_SIZE`.
    static func provider(_ provider: any ConfigProvider, place: String) -> SettingLayer {
        SettingLayer(place: place) { key in
            for path in [key.path, key.plainPath, [key.variable]] {
                if let text = try text(of: AbsoluteConfigKey(path), in: provider, place) { return text }
            }
            return nil
        }
    }

    /// A value of whatever type the file gave it, as text.
    private static func text(
        of key: AbsoluteConfigKey, in provider: any ConfigProvider, _ place: String
    ) throws -> String? {
        let types: [ConfigType] = [.string, .int, .bool, .double, .stringArray]
        for type in types {
            // A provider throws where the value is of another type.
            guard let found = try? provider.value(forKey: key, type: type) else { continue }
            guard let content = found.value?.content else { return nil }
            switch content {
            case .string(let text): return text
            case .int(let number): return String(number)
            case .bool(let flag): return String(flag)
            case .double(let number): return String(number)
            case .stringArray(let texts): return texts.joined(separator: ",")
            default: continue
            }
        }
        throw MongoError(
            .usage,
            "\(key.description) in \(place) is neither a text, a number, a flag nor a list of texts: make it one")
    }
}
