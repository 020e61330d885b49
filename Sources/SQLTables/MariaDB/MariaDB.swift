/// The driver of MySQL and MariaDB, which the package trait MariaDB brings in.
enum MariaDB {
    static func driver(
        _ address: SQLLocation.ServerAddress, _ options: SQLEngineOptions, name: String
    ) throws(SQLError) -> any Driver {
        #if MariaDB
            return MariaDBDriver(address: address, options: options, name: name)
        #else
            throw SQLError(.usage, "This build cannot reach \(name): switch the package trait MariaDB on")
        #endif
    }
}
