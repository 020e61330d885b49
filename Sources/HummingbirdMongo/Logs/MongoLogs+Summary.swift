public import Nectar

extension MongoLogs {
    /// How the recorded requests went: for each route, method and status their number, and their mean and longest time in
    /// milliseconds; the slowest first.
    /// - Parameter limit: Rows at most.
    public func summary(limit: Int = 100) async throws -> [BSONDocument] {
        try await collection.aggregate([
            ["$match": ["type": "request", "deleted": ["$ne": true]]],
            [
                "$group": [
                    "_id": [
                        "route": ["$ifNull": ["$route", "none"]], "method": "$method", "status": "$status",
                    ],
                    "count": ["$sum": 1], "mean_ms": ["$avg": "$ms"], "longest_ms": ["$max": "$ms"],
                    "last": ["$max": "$at"],
                ]
            ],
            [
                "$project": [
                    "_id": 0, "route": "$_id.route", "method": "$_id.method", "status": "$_id.status", "count": 1,
                    "mean_ms": 1, "longest_ms": 1, "last": 1,
                ]
            ],
            ["$sort": ["longest_ms": -1, "route": 1, "method": 1, "status": 1]], ["$limit": .int(limit)],
        ]).toArray()
    }
}
