package import BSON

/// What a deployment has to know of every reply, seen in one walk over its fields.
package struct ReplySummary {
    /// Whether the command succeeded with all it was to do.
    package private(set) var isSuccess: Bool
    /// The cursor that the reply tells of; 0 where there is none.
    package private(set) var cursorID: Int64 = 0
    /// Whether the reply tells of the cluster's time.
    package private(set) var hasClusterTime = false

    /// Looks at a reply.
    package init(_ reply: BSONDocument) {
        var isOK = false
        var hasFailures = false
        var (cursorID, hasClusterTime): (Int64, Bool) = (0, false)
        reply.withRaw { raw in
            for element in raw {
                switch element.key.count {
                case 2: if element.hasKey("ok") { isOK = BSONValue(element.value, owner: nil).double == 1 }
                case 6:
                    if element.value.type == .document, element.hasKey("cursor") {
                        cursorID = element.value.document["id" as StaticString]?.integer ?? 0
                    }
                case 11: if element.hasKey("writeErrors") { hasFailures = true }
                case 12: if element.hasKey("$clusterTime") { hasClusterTime = true }
                case 17: if element.hasKey("writeConcernError") { hasFailures = true }
                default: break
                }
            }
        }
        isSuccess = isOK && !hasFailures
        (self.cursorID, self.hasClusterTime) = (cursorID, hasClusterTime)
    }
}

extension RawValue {
    /// The value of either kind of integer.
    fileprivate var integer: Int64? {
        switch type {
        case .int64: int64
        case .int32: Int64(int32)
        default: BSONValue(self, owner: nil).int64
        }
    }
}
