import Foundation
import SQLTables
import Testing

private let d = Tables.developers
private let t = Tables.teams

/// A statement and its text in both dialects.
struct Written: Sendable, CustomTestStringConvertible {
    let name: String
    let statement: any SQLStatement
    let sqlite: String
    let mysql: String
    let values: [SQLValue]

    init(_ name: String, _ statement: any SQLStatement, _ values: [SQLValue], _ sqlite: String, mysql: String? = nil) {
        self.name = name
        self.statement = statement
        self.values = values
        self.sqlite = sqlite
        // Where the texts differ by the quotes alone, one is enough.
        self.mysql = mysql ?? sqlite.replacing("\"", with: "`")
    }

    var testDescription: String { name }
}

@Suite("Statements as text")
struct CompileTests {
    static let conditions: [(String, SQLExpression, [SQLValue], String)] = [
        ("equal", d.id == 1, [1], "\"developers\".\"id\" = ?"),
        ("null", d.id == nil, [], "\"developers\".\"id\" IS NULL"),
        ("not null", d.id != nil, [], "\"developers\".\"id\" IS NOT NULL"),
        ("optional without a value", d.id == Int?.none, [], "\"developers\".\"id\" IS NULL"),
        ("less", d.id < 3, [3], "\"developers\".\"id\" < ?"),
        ("columns", d.id >= d.team_id, [], "\"developers\".\"id\" >= \"developers\".\"team_id\""),
        (
            "and, or", d.id == 1 && (d.id > 2 || d.id < 0), [1, 2, 0],
            "\"developers\".\"id\" = ? AND (\"developers\".\"id\" > ? OR \"developers\".\"id\" < ?)"
        ),
        ("not", !(d.id == 1), [1], "NOT (\"developers\".\"id\" = ?)"),
        (
            "arithmetic", (d.id + 1) * 2 == 4, [1, 2, 4],
            "((\"developers\".\"id\" + ?) * ?) = ?"
        ),
        ("negative", -d.id == 1, [1], "(-\"developers\".\"id\") = ?"),
        ("in", d.id.in([1, 2]), [1, 2], "\"developers\".\"id\" IN (?, ?)"),
        ("in nothing", d.id.in([Int]()), [], "1 = 0"),
        ("not in nothing", d.id.notIn([Int]()), [], "1 = 1"),
        ("between", d.id.between(1, 5), [1, 5], "\"developers\".\"id\" BETWEEN ? AND ?"),
        ("like", d.expert.like("a%"), ["a%"], "\"developers\".\"expert\" LIKE ? ESCAPE '!'"),
        ("contains", d.expert.contains("50%_!"), ["%50!%!_!!%"], "\"developers\".\"expert\" LIKE ? ESCAPE '!'"),
        ("prefix", d.expert.hasPrefix("a"), ["a%"], "\"developers\".\"expert\" LIKE ? ESCAPE '!'"),
        ("all of none", .all([]), [], "1 = 1"),
        ("any of none", .any([]), [], "1 = 0"),
        ("function", d.expert.lower == "x", ["x"], "lower(\"developers\".\"expert\") = ?"),
        ("coalesce", d.expert.coalesce("-") == "x", ["-", "x"], "coalesce(\"developers\".\"expert\", ?) = ?"),
    ]

    @Test("Conditions", arguments: conditions.indices)
    func condition(_ index: Int) throws {
        let (_, condition, values, text) = Self.conditions[index]
        let query = select(d.id).from(d).where(condition)
        let start = "SELECT \"developers\".\"id\" AS \"id\" FROM \"developers\" WHERE "
        let compiled = try query.sql(.sqlite)
        #expect(compiled.text == start + text)
        #expect(compiled.parameters == values)
        let other = try query.sql(.mysql)
        let mysqlStart = "SELECT `developers`.`id` FROM `developers` WHERE "
        #expect(other.text == mysqlStart + text.replacing("\"", with: "`"))
        #expect(other.parameters == values)
    }

    static let epoch = Date(timeIntervalSince1970: 0.5)
    static let inner = select(t.id).where(t["name"] == "core")
    static let queries: [Written] = [
        Written(
            "join", select(d.first_name, t["name"].as("team")).from(d).join(t, on: d.team_id == t.id), [],
            "SELECT \"developers\".\"first_name\" AS \"first_name\", \"teams\".\"name\" AS \"team\" FROM \"developers\" "
                + "INNER JOIN \"teams\" ON \"developers\".\"team_id\" = \"teams\".\"id\"",
            mysql: "SELECT `developers`.`first_name`, `teams`.`name` AS `team` FROM `developers` "
                + "INNER JOIN `teams` ON `developers`.`team_id` = `teams`.`id`"),
        Written(
            "alias", select(d.as("a").id.as("x")).from(d.as("a")).leftJoin(d.as("b"), on: d.as("a").id < d.as("b").id),
            [],
            "SELECT \"a\".\"id\" AS \"x\" FROM \"developers\" AS \"a\" "
                + "LEFT JOIN \"developers\" AS \"b\" ON \"a\".\"id\" < \"b\".\"id\""),
        Written(
            "group", select(d.expert.as("e"), count().as("n")).groupBy(d.expert).having(count() > 1), [1],
            "SELECT \"developers\".\"expert\" AS \"e\", count(*) AS \"n\" FROM \"developers\" "
                + "GROUP BY \"developers\".\"expert\" HAVING count(*) > ?"),
        Written(
            "order and page",
            select(d.id.as("i")).orderBy(d.expert.descending, d.id).limit(10).offset(20), [10, 20],
            "SELECT \"developers\".\"id\" AS \"i\" FROM \"developers\" "
                + "ORDER BY \"developers\".\"expert\" DESC, \"developers\".\"id\" LIMIT ? OFFSET ?"),
        Written(
            "offset alone", select(d.id.as("i")).offset(5), [5],
            "SELECT \"developers\".\"id\" AS \"i\" FROM \"developers\" LIMIT -1 OFFSET ?",
            mysql: "SELECT `developers`.`id` AS `i` FROM `developers` LIMIT 18446744073709551615 OFFSET ?"),
        Written(
            "in a query", select(d.id.as("i")).where(d.team_id.in(select(t.id.as("i")).where(t["name"] == "core"))),
            ["core"],
            "SELECT \"developers\".\"id\" AS \"i\" FROM \"developers\" WHERE \"developers\".\"team_id\" IN "
                + "(SELECT \"teams\".\"id\" AS \"i\" FROM \"teams\" WHERE \"teams\".\"name\" = ?)"),
        Written(
            "exists", select(d.id.as("i")).where(.exists(select(t.id.as("i")).where(t.id == d.team_id))), [],
            "SELECT \"developers\".\"id\" AS \"i\" FROM \"developers\" WHERE EXISTS "
                + "(SELECT \"teams\".\"id\" AS \"i\" FROM \"teams\" WHERE \"teams\".\"id\" = \"developers\".\"team_id\")"
        ),
        Written(
            "scalar query", select(d.id.as("i"), select(count()).from(t).scalar.as("n")).from(d), [],
            "SELECT \"developers\".\"id\" AS \"i\", (SELECT count(*) FROM \"teams\") AS \"n\" FROM \"developers\""),
        Written(
            "query as a table",
            select(select(d.expert.as("e")).as("s").e.as("x")).from(select(d.expert.as("e")).as("s")), [],
            "SELECT \"s\".\"e\" AS \"x\" FROM (SELECT \"developers\".\"expert\" AS \"e\" FROM \"developers\") AS \"s\""),
        Written(
            "union",
            select(d.first_name.as("n")).union(select(t["name"].as("n"))).orderBy(SQLExpression.label("n")).limit(3),
            [3],
            "SELECT \"developers\".\"first_name\" AS \"n\" FROM \"developers\" UNION "
                + "SELECT \"teams\".\"name\" AS \"n\" FROM \"teams\" ORDER BY \"n\" LIMIT ?"),
        Written(
            "union of pages", select(d.id.as("n")).limit(1).unionAll(select(t.id.as("n"))), [1],
            "SELECT * FROM (SELECT \"developers\".\"id\" AS \"n\" FROM \"developers\" LIMIT ?) AS \"member_0\" "
                + "UNION ALL SELECT \"teams\".\"id\" AS \"n\" FROM \"teams\""),
        Written(
            "window",
            select(
                function("row_number").over(partitionBy: [d.expert], orderBy: [d.id.descending]).as("r")
            ).from(d), [],
            "SELECT row_number() OVER (PARTITION BY \"developers\".\"expert\" ORDER BY \"developers\".\"id\" DESC) "
                + "AS \"r\" FROM \"developers\"",
            mysql: "SELECT row_number() OVER (PARTITION BY `developers`.`expert` ORDER BY `developers`.`id` DESC) "
                + "AS `r` FROM `developers`"),
        Written(
            "frame",
            select(
                d.id.sum.over(orderBy: [d.id.ascending], frame: .rows(.preceding(2))).as("s"),
                d.id.sum.over(orderBy: [d.id.ascending], frame: .range(.unboundedPreceding, .following(1))).as("r")
            ), [],
            "SELECT sum(\"developers\".\"id\") OVER (ORDER BY \"developers\".\"id\" ROWS BETWEEN 2 PRECEDING AND "
                + "CURRENT ROW) AS \"s\", sum(\"developers\".\"id\") OVER (ORDER BY \"developers\".\"id\" "
                + "RANGE BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING) AS \"r\" FROM \"developers\""),
        Written(
            "alias without from", select(d.as("a").id.as("i")), [],
            "SELECT \"a\".\"id\" AS \"i\" FROM \"developers\" AS \"a\""),
        Written(
            "day", select(d.id.as("i")).where(d.born.between(.value(epoch), .value(epoch)) && d.born == epoch),
            [.date("1970-01-01"), .date("1970-01-01"), .date("1970-01-01")],
            "SELECT \"developers\".\"id\" AS \"i\" FROM \"developers\" WHERE \"developers\".\"born\" BETWEEN ? AND ? "
                + "AND \"developers\".\"born\" = ?"),
        Written(
            "case without else", select(caseWhen((d.id < 3, "low")).as("c")), [3, "low"],
            "SELECT CASE WHEN \"developers\".\"id\" < ? THEN ? END AS \"c\" FROM \"developers\""),
        Written(
            "case", select(caseWhen((d.id < 3, "low"), else: "high").as("c")), [3, "low", "high"],
            "SELECT CASE WHEN \"developers\".\"id\" < ? THEN ? ELSE ? END AS \"c\" FROM \"developers\""),
        Written(
            "distinct count", select(count(d.expert, distinct: true).as("n")), [],
            "SELECT count(DISTINCT \"developers\".\"expert\") AS \"n\" FROM \"developers\""),
        Written("value alone", select(SQLExpression.value(1).as("one")), [1], "SELECT ? AS \"one\""),
        Written(
            "concatenation", select(d.first_name.concat(d.last_name).as("n")), [],
            "SELECT \"developers\".\"first_name\" || \"developers\".\"last_name\" AS \"n\" FROM \"developers\"",
            mysql: "SELECT concat(`developers`.`first_name`, `developers`.`last_name`) AS `n` FROM `developers`"),
        Written(
            "null-safe", select(d.id.as("i")).where(d.expert.isSame(as: nil)), [.null],
            "SELECT \"developers\".\"id\" AS \"i\" FROM \"developers\" WHERE \"developers\".\"expert\" IS ?",
            mysql: "SELECT `developers`.`id` AS `i` FROM `developers` WHERE `developers`.`expert` <=> ?"),
        Written(
            "cast", select(d.expert.cast(to: .integer).as("i")), [],
            "SELECT CAST(\"developers\".\"expert\" AS INTEGER) AS \"i\" FROM \"developers\"",
            mysql: "SELECT CAST(`developers`.`expert` AS SIGNED) AS `i` FROM `developers`"),
        Written(
            "lock", select(d.id.as("i")).forUpdate(), [],
            "SELECT \"developers\".\"id\" AS \"i\" FROM \"developers\"",
            mysql: "SELECT `developers`.`id` AS `i` FROM `developers` FOR UPDATE"),
        Written(
            "common tables, each behind those that it reads, and their values before the query's",
            select(later.i.as("x")).from(later).crossJoin(earlier).where(later.i < 9), [1, 2, 9],
            "WITH \"earlier\" AS (SELECT \"teams\".\"id\" AS \"i\" FROM \"teams\" WHERE \"teams\".\"id\" > ?), "
                + "\"later\" AS (SELECT \"earlier\".\"i\" AS \"i\" FROM \"earlier\" WHERE \"earlier\".\"i\" > ?) "
                + "SELECT \"later\".\"i\" AS \"x\" FROM \"later\" CROSS JOIN \"earlier\" WHERE \"later\".\"i\" < ?",
            mysql: "WITH `earlier` AS (SELECT `teams`.`id` AS `i` FROM `teams` WHERE `teams`.`id` > ?), "
                + "`later` AS (SELECT `earlier`.`i` FROM `earlier` WHERE `earlier`.`i` > ?) "
                + "SELECT `later`.`i` AS `x` FROM `later` CROSS JOIN `earlier` WHERE `later`.`i` < ?"),
        Written(
            "common table under another name",
            select(earlier.as("e").i.as("x")).from(earlier.as("e")), [1],
            "WITH \"earlier\" AS (SELECT \"teams\".\"id\" AS \"i\" FROM \"teams\" WHERE \"teams\".\"id\" > ?) "
                + "SELECT \"e\".\"i\" AS \"x\" FROM \"earlier\" AS \"e\""),
        Written(
            "recursion",
            select(counted.i.as("x")).from(counted), [1, 1, 5],
            "WITH RECURSIVE \"counted\" AS (SELECT ? AS \"i\" UNION ALL SELECT \"counted\".\"i\" + ? FROM \"counted\" "
                + "WHERE \"counted\".\"i\" < ?) SELECT \"counted\".\"i\" AS \"x\" FROM \"counted\""),
    ]

    static let earlier = select(t.id.as("i")).where(t.id > 1).cte("earlier")
    static let later = select(earlier.i).from(earlier).where(earlier.i > 2).cte("later")
    static let counted = select(SQLExpression.value(1).as("i")).cte("counted") { counted in
        select(counted.i + 1).from(counted).where(counted.i < 5)
    }

    static let changes: [Written] = [
        Written(
            "a common table stands before the query within a change",
            t.delete().where(t["name"] == "x" && t.id.in(select(earlier.i.as("j")).from(earlier))), ["x", 1],
            "DELETE FROM \"teams\" WHERE \"teams\".\"name\" = ? AND \"teams\".\"id\" IN (WITH \"earlier\" AS "
                + "(SELECT \"teams\".\"id\" AS \"i\" FROM \"teams\" WHERE \"teams\".\"id\" > ?) "
                + "SELECT \"earlier\".\"i\" AS \"j\" FROM \"earlier\")"),
        Written(
            "insert", t.insert(["name": "core"]), ["core"], "INSERT INTO \"teams\" (\"name\") VALUES (?)"),
        Written(
            "rows", t.insert([["id": 1, "name": "a"], ["name": "b", "id": 2]]), [1, "a", 2, "b"],
            "INSERT INTO \"teams\" (\"id\", \"name\") VALUES (?, ?), (?, ?)"),
        Written(
            "no values", t.insert([:]), [], "INSERT INTO \"teams\" DEFAULT VALUES",
            mysql: "INSERT INTO `teams` () VALUES ()"),
        Written(
            "from a query", t.insert(["name"], from: select(d.expert.as("e")).distinct()), [],
            "INSERT INTO \"teams\" (\"name\") SELECT DISTINCT \"developers\".\"expert\" AS \"e\" FROM \"developers\""),
        Written(
            "ignore", t.insert(["name": "a"]).onConflictDoNothing(), ["a"],
            "INSERT INTO \"teams\" (\"name\") VALUES (?) ON CONFLICT DO NOTHING",
            mysql: "INSERT INTO `teams` (`name`) VALUES (?) ON DUPLICATE KEY UPDATE `id` = `teams`.`id`"),
        Written(
            "upsert", t.insert(["id": 1, "name": "a"]).onConflict("id", set: ["name": .inserted("name")]), [1, "a"],
            "INSERT INTO \"teams\" (\"id\", \"name\") VALUES (?, ?) ON CONFLICT (\"id\") DO UPDATE SET "
                + "\"name\" = excluded.\"name\"",
            mysql: "INSERT INTO `teams` (`id`, `name`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `name` = VALUES(`name`)"),
        Written(
            "update", d.update(["expert": "x", "id": d.id + 1]).where(d.id == 3), ["x", 1, 3],
            "UPDATE \"developers\" SET \"expert\" = ?, \"id\" = \"developers\".\"id\" + ? "
                + "WHERE \"developers\".\"id\" = ?"),
        Written(
            "delete", d.delete().where(d.id == 3).where(d.expert == "x"), [3, "x"],
            "DELETE FROM \"developers\" WHERE \"developers\".\"id\" = ? AND \"developers\".\"expert\" = ?"),
        Written("delete all", d.delete(), [], "DELETE FROM \"developers\""),
        Written("drop", DropTable("teams", ifExists: true), [], "DROP TABLE IF EXISTS \"teams\""),
        Written(
            "index", CreateIndex(Index("ix", on: ["name"], unique: true), on: t), [],
            "CREATE UNIQUE INDEX \"ix\" ON \"teams\" (\"name\")"),
    ]

    @Test("Queries and changes in both dialects", arguments: queries + changes)
    func statement(_ written: Written) throws {
        let sqlite = try written.statement.sql(.sqlite)
        #expect(sqlite.text == written.sqlite)
        #expect(sqlite.parameters == written.values)
        let mysql = try written.statement.sql(.mysql)
        #expect(mysql.text == written.mysql)
        #expect(mysql.parameters == written.values)
        #expect(written.statement.description == written.sqlite)
    }

    @Test("RETURNING where the database has it, and an error that says what to do where it has not")
    func returning() throws {
        let insert = t.insert(["name": "a"]).returning(t.id, t["name"].upper.as("loud"))
        let end = "(\"name\") VALUES (?) RETURNING \"id\", upper(\"name\") AS \"loud\""
        #expect(try insert.sql(.sqlite).text == "INSERT INTO \"teams\" \(end)")
        #expect(try insert.sql(.mariadb).text == "INSERT INTO `teams` \(end)".replacing("\"", with: "`"))
        #expect(throws: SQLError.self) { try insert.sql(.mysql) }
        let update = t.update(["name": "b"]).returning(t.id)
        #expect(try update.sql(.sqlite).text == "UPDATE \"teams\" SET \"name\" = ? RETURNING \"id\"")
        #expect(throws: SQLError.self) { try update.sql(.mariadb) }
    }

    @Test("Locks, in the words of each database")
    func locks() throws {
        let query = select(t.id)
        let words: [(Select, String, String)] = [
            (query.forUpdate(.fail), " FOR UPDATE NOWAIT", " FOR UPDATE NOWAIT"),
            (query.forUpdate(.skip), " FOR UPDATE SKIP LOCKED", " FOR UPDATE SKIP LOCKED"),
            (query.forShare(), " LOCK IN SHARE MODE", " FOR SHARE"),
            (query.forShare(.skip), " LOCK IN SHARE MODE SKIP LOCKED", " FOR SHARE SKIP LOCKED"),
        ]
        for (locked, mariadb, mysql) in words {
            #expect(try locked.sql(.mariadb).text == "SELECT `teams`.`id` FROM `teams`\(mariadb)")
            #expect(try locked.sql(.mysql).text == "SELECT `teams`.`id` FROM `teams`\(mysql)")
            #expect(try locked.sql(.sqlite).text == query.sql(.sqlite).text)
            #expect(!locked.isReadOnly)
        }
    }

    @Test("The same common table, made twice, is one")
    func sameTwice() throws {
        func make() -> Subquery { select(t.id.as("i")).where(t.id > 1).cte("made") }
        let query = select(make().i).from(make()).join(make().as("b"), on: make().i < make().as("b").i)
        #expect(try query.sql().text.components(separatedBy: "AS (SELECT").count == 2)
        var leaked: Subquery?
        _ = select(t.id.as("i")).cte("own") { own in
            leaked = own
            return select(own.i).from(own)
        }
        let outside = try #require(leaked)
        #expect(throws: SQLError.self) { try select(outside.i).from(outside).sql() }
    }

    @Test("A table's declaration in both dialects")
    func declaration() throws {
        let sqlite = try CreateTable(t, ifNotExists: true).sql(.sqlite).text
        #expect(
            sqlite == "CREATE TABLE IF NOT EXISTS \"teams\" (\"id\" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
                + "\"name\" VARCHAR(40) NOT NULL, UNIQUE (\"name\"), "
                + "CONSTRAINT \"length of name\" CHECK (length(\"name\") <= 40))")
        let mysql = try CreateTable(t).sql(.mysql).text
        #expect(
            mysql == "CREATE TABLE `teams` (`id` INTEGER NOT NULL AUTO_INCREMENT, `name` VARCHAR(40) NOT NULL, "
                + "PRIMARY KEY (`id`), UNIQUE (`name`)) "
                + "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci")
    }

    static let types: [(ColumnType, String, String)] = [
        (.integer, "INTEGER", "INTEGER"), (.bigInteger, "BIGINT", "BIGINT"), (.double, "DOUBLE", "DOUBLE"),
        (.numeric(10, 2), "NUMERIC(10, 2)", "NUMERIC(10, 2)"),
        (.numeric(20, 2), "DECIMAL_TEXT(20, 2) COLLATE decimal", "NUMERIC(20, 2)"),
        (.string(9), "VARCHAR(9)", "VARCHAR(9)"),
        (.text, "TEXT", "LONGTEXT"), (.boolean, "BOOLEAN", "BOOLEAN"), (.date, "DATE", "DATE"),
        (.dateTime, "DATETIME", "DATETIME(6)"), (.json, "JSON_TEXT", "JSON"), (.binary, "BLOB", "LONGBLOB"),
        (.enumeration(["a", "it's"]), "VARCHAR(4)", "ENUM('a', 'it''s')"),
    ]

    @Test("Column types", arguments: types.indices)
    func type(_ index: Int) throws {
        let (type, sqlite, mysql) = Self.types[index]
        let table = Table("t", Column("c", type))
        #expect(try CreateTable(table).sql(.sqlite).text.hasPrefix("CREATE TABLE \"t\" (\"c\" \(sqlite)"))
        #expect(try CreateTable(table).sql(.mysql).text.hasPrefix("CREATE TABLE `t` (`c` \(mysql))"))
    }

    static let unnamed = select(count()).from(t).cte("unnamed")
    static let refused: [(String, any SQLStatement, String)] = [
        ("unknown column", select(d.nickname).from(d), "nickname"),
        ("unknown column in a condition", d.delete().where(d["x; DROP TABLE developers"] == 1), "no column"),
        ("unknown column in an insert", t.insert(["name; --": 1]), "no column"),
        ("column twice", t.insert(Assignments([("name", 1), ("name", 2)])), "twice"),
        ("different rows", t.insert([["id": 1], ["name": "a"]]), "same columns"),
        ("no rows", t.insert([]), "at least one row"),
        ("no changes", t.update([:]), "at least one column"),
        ("no columns", select(), "at least one column"),
        ("frame", select(d.id.sum.over(frame: .rows(.preceding(-1))).as("s")), "-1"),
        ("columns of a query without it", select(select(d.id.as("i")).as("s").i), "'s'"),
        ("function", select(function("sleep(9); --").as("x")), "function"),
        ("function that begins with a digit", select(function("1a").as("x")), "function"),
        ("several tables", select(d.id, t.id), "from"),
        ("negative limit", d.select().limit(-1), "limit"),
        ("order by a value", d.select().orderBy(SQLExpression.value("id; DROP TABLE x")), "value"),
        ("empty name", DropTable(""), "name"),
        ("name with a zero byte", DropTable("a\0b"), "name"),
        ("long string", CreateTable(Table("t", Column("c", .string(99_999)))), "16383"),
        ("update of an alias", t.as("x").update(["name": "a"]), "alias"),
        ("delete of an alias", t.as("x").delete(), "alias"),
        ("unknown column of a query", select(earlier.nope).from(earlier), "nope"),
        (
            "two common tables of a name",
            select(earlier.i).from(earlier).join(select(t.id.as("i")).cte("earlier").as("b"), on: earlier.i > 1),
            "'earlier'"
        ),
        ("common table of no names", select(unnamed).from(unnamed), "names"),
        ("collation", select(t.id.collate("x; --").as("c")), "collation"),
        ("escape", select(t.id).where(t["name"].like("a", escape: "%")), "'%'"),
        ("tuples of several lengths", select(t.id).where(tuple(t.id, t.id).in([[1]])), "tuple of 2"),
        ("filter of a value", select(t.id.filter(t.id > 1).as("x")), "filter"),
        ("path within JSON", select(d.extra.json("a\"b").as("x")), "quotes"),
        ("no path within JSON", select(d.extra.json().as("x")), "steps"),
        ("position within JSON", select(d.extra.json(-1).as("x")), "from 0"),
        ("no now", CreateTable(Table("t", Column("c", .text, serverDefault: .now))), "now"),
    ]

    @Test("What cannot be said is an error of the program's", arguments: refused.indices)
    func refusal(_ index: Int) {
        let (name, statement, part) = Self.refused[index]
        do throws(SQLError) {
            let text = try statement.sql(.sqlite).text
            Issue.record("\(name) became \(text)")
        } catch {
            #expect(error.kind == .usage)
            #expect(error.message.contains(part), "\(name): \(error.message)")
        }
    }

    @Test("Two thousand conditions in one list are no nesting; brackets within brackets have a limit")
    func depth() throws {
        var chain = d.id == 0
        for index in 1...2_000 { chain = chain || d.id == index }
        #expect(try d.delete().where(chain).sql().parameters.count == 2_001)
        var deep = d.id + 1
        for _ in 1...500 { deep = deep + 1 }
        #expect(throws: SQLError.self) { try select(deep.as("x")).sql() }
    }
}
