internal import Logging
internal import MongoDriver
internal import MongoProtocol

/// Opens a deployment over the network by a connection string.
enum NetworkURI {
    /// Whether the text is one of the network's.
    static func matches(_ text: String) -> Bool { text.hasPrefix("mongodb://") || text.hasPrefix("mongodb+srv://") }

    /// Reads the string without a network, and tells what of it is left out.
    /// - Returns: The string, and the defaults with what it says where they say nothing.
    /// - Throws: ``MongoError`` of kind `usage` that never repeats a user or a password.
    static func read(
        _ text: String, _ defaults: OperationDefaults, _ logger: Logger
    ) throws -> (ConnectionString, OperationDefaults) {
        let connection = try ConnectionString(text)
        for warning in connection.warnings { logger.warning("connection string: \(warning)") }
        var defaults = defaults
        if defaults.writeConcern.isServerDefault { defaults.writeConcern = connection.options.writeConcern }
        if defaults.readPreference == .primary { defaults.readPreference = connection.options.readPreference }
        if defaults.readConcern.isServerDefault { defaults.readConcern = connection.options.readConcern }
        if defaults.timeout == nil, let timeout = connection.options.timeout, timeout > .zero {
            defaults.timeout = timeout
        }
        return (connection, defaults)
    }

    /// Asks the DNS where that is needed, and begins to watch the servers.
    /// - Throws: ``MongoError`` of kind `usage` that never repeats a user or a password.
    static func open(
        _ connection: ConnectionString, _ listeners: [CommandListener], _ logger: Logger,
        _ resolver: any DNSResolver
    ) async throws -> NetworkDeployment {
        let resolved = try await connection.resolved(by: resolver)
        for warning in resolved.warnings where !connection.warnings.contains(warning) {
            logger.warning("connection string: \(warning)")
        }
        var options = try DriverOptions(resolved, resolver: resolver)
        options.commandListeners = listeners
        options.logger = logger
        return try NetworkDeployment(options)
    }
}
