internal import Logging
internal import MongoDriver
internal import MongoProtocol

/// Opens a deployment over the network by a connection string.
enum NetworkURI {
    /// Whether the text is one of the network's.
    static func matches(_ text: String) -> Bool { text.hasPrefix("mongodb://") || text.hasPrefix("mongodb+srv://") }

    /// Asks the DNS where that is needed, and begins to watch the servers.
    /// - Returns: The deployment, and the defaults with what the string says where they say nothing.
    /// - Throws: ``MongoError`` of kind `usage` that never repeats a user or a password.
    static func open(
        _ text: String, _ defaults: OperationDefaults, _ listeners: [CommandListener], _ logger: Logger,
        _ resolver: any DNSResolver
    ) async throws -> (NetworkDeployment, OperationDefaults) {
        let connection = try await ConnectionString(text).resolved(by: resolver)
        for warning in connection.warnings { logger.warning("connection string: \(warning)") }
        var options = try DriverOptions(connection, resolver: resolver)
        options.commandListeners = listeners
        options.logger = logger
        var defaults = defaults
        if defaults.writeConcern.isServerDefault { defaults.writeConcern = connection.options.writeConcern }
        if defaults.readPreference == .primary { defaults.readPreference = connection.options.readPreference }
        if defaults.readConcern.isServerDefault { defaults.readConcern = connection.options.readConcern }
        if defaults.timeout == nil, let timeout = connection.options.timeout, timeout > .zero {
            defaults.timeout = timeout
        }
        return (try NetworkDeployment(options), defaults)
    }
}
