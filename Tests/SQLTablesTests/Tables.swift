import SQLTables

/// The tables of the tests.
enum Tables {
    static let teams = Table(
        "teams", Column("id", .integer, primaryKey: true), Column("name", .string(40), nullable: false, unique: true))

    static let developers = Table(
        "developers", Column("id", .integer, primaryKey: true), Column("first_name", .string(255)),
        Column("last_name", .string(255)), Column("expert", .string(255), index: true),
        Column("team_id", .integer, references: .init("teams", "id", onDelete: .setNull)),
        Column("active", .boolean, nullable: false, serverDefault: .value(true)), Column("joined", .dateTime),
        Column("born", .date), Column("pay", .numeric(10, 2)), Column("extra", .json),
        constraints: [.unique("first_name", "last_name", "born")])

    static let all = Metadata(developers, teams)
}
