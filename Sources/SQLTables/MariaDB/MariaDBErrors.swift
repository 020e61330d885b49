/// What the errors of MySQL and MariaDB mean.
enum MariaDBErrors {
    private static let kinds: [(codes: Set<Int>, kind: SQLError.Kind)] = [
        ([1022, 1062, 1169, 1586], .uniqueViolation),
        ([1216, 1217, 1451, 1452], .foreignKeyViolation),
        ([1048, 1364], .notNullViolation),
        ([3819, 4025], .checkViolation),
        // 1153 and 2020: a statement longer than the server takes.
        ([1153, 1406, 2020], .dataTooLong),
        ([1264, 1265, 1292, 1300, 1366, 1367, 1411, 1416, 1525, 1690, 3140, 3141, 4079], .invalidValue),
        // 1020: another transaction changed the row since this one's snapshot, which MariaDB refuses from version 11.6.
        ([1020, 1213, 1614, 3101], .deadlock),
        ([1205, 3572], .lockTimeout),
        ([1046, 1049, 1051, 1054, 1091, 1109, 1146, 1176], .notFound),
        ([1007, 1050, 1061], .alreadyExists),
        ([1064, 1149, 1305], .syntax),
        ([1317, 1969, 3024], .cancelled),
        ([1390], .usage),
        (
            [1040, 1044, 1045, 1129, 1130, 1203, 1226, 1698, 2001, 2002, 2003, 2005, 2009, 2059],
            .connectionFailed
        ),
        // 2026 is TLS: of an open connection, that it broke.
        ([1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1927, 2006, 2013, 2026, 2055, 4031], .connectionLost),
    ]

    static func error(code: Int, message: String) -> SQLError {
        let kind = kinds.first { $0.codes.contains(code) }?.kind ?? .other
        return SQLError(kind, message, code: code)
    }
}
