/// The number of a server's error, with the name MongoDB gives it (`error_codes.yml` of MongoDB's source).
public struct ServerErrorCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The number.
    public let rawValue: Int32
    /// Takes any number; those without a name are called `Location` and the number.
    public init(rawValue: Int32) { self.rawValue = rawValue }
    /// Takes any number.
    public init(_ number: Int32) { rawValue = number }

    /// The name, as `codeName` has it.
    public var description: String { Self.names[rawValue] ?? "Location\(rawValue)" }

    /// InternalError.
    public static let internalError = Self(1)
    /// BadValue.
    public static let badValue = Self(2)
    /// NoSuchKey.
    public static let noSuchKey = Self(4)
    /// UnknownError.
    public static let unknownError = Self(8)
    /// FailedToParse.
    public static let failedToParse = Self(9)
    /// UserNotFound.
    public static let userNotFound = Self(11)
    /// Unauthorized.
    public static let unauthorized = Self(13)
    /// TypeMismatch.
    public static let typeMismatch = Self(14)
    /// Overflow.
    public static let overflow = Self(15)
    /// InvalidLength.
    public static let invalidLength = Self(16)
    /// ProtocolError.
    public static let protocolError = Self(17)
    /// AuthenticationFailed.
    public static let authenticationFailed = Self(18)
    /// IllegalOperation.
    public static let illegalOperation = Self(20)
    /// InvalidBSON.
    public static let invalidBSON = Self(22)
    /// RoleNotFound.
    public static let roleNotFound = Self(31)
    /// MechanismUnavailable.
    public static let mechanismUnavailable = Self(334)
    /// Location51003: a user of this name is there.
    public static let userExists = Self(51003)
    /// NamespaceNotFound.
    public static let namespaceNotFound = Self(26)
    /// IndexNotFound.
    public static let indexNotFound = Self(27)
    /// PathNotViable.
    public static let pathNotViable = Self(28)
    /// ConflictingUpdateOperators.
    public static let conflictingUpdateOperators = Self(40)
    /// CannotBackfillArray.
    public static let cannotBackfillArray = Self(34)
    /// CursorNotFound.
    public static let cursorNotFound = Self(43)
    /// NamespaceExists.
    public static let namespaceExists = Self(48)
    /// MaxTimeMSExpired.
    public static let maxTimeMSExpired = Self(50)
    /// DollarPrefixedFieldName.
    public static let dollarPrefixedFieldName = Self(52)
    /// InvalidIdField.
    public static let invalidIDField = Self(53)
    /// NotSingleValueField.
    public static let notSingleValueField = Self(54)
    /// EmptyFieldName.
    public static let emptyFieldName = Self(56)
    /// DottedFieldName.
    public static let dottedFieldName = Self(57)
    /// CommandNotFound.
    public static let commandNotFound = Self(59)
    /// WriteConcernFailed.
    public static let writeConcernFailed = Self(64)
    /// ImmutableField.
    public static let immutableField = Self(66)
    /// CannotCreateIndex.
    public static let cannotCreateIndex = Self(67)
    /// IndexAlreadyExists.
    public static let indexAlreadyExists = Self(68)
    /// InvalidOptions.
    public static let invalidOptions = Self(72)
    /// InvalidNamespace.
    public static let invalidNamespace = Self(73)
    /// IndexOptionsConflict.
    public static let indexOptionsConflict = Self(85)
    /// IndexKeySpecsConflict.
    public static let indexKeySpecsConflict = Self(86)
    /// NetworkTimeout.
    public static let networkTimeout = Self(89)
    /// OperationFailed.
    public static let operationFailed = Self(96)
    /// DBPathInUse.
    public static let dbPathInUse = Self(98)
    /// WriteConflict.
    public static let writeConflict = Self(112)
    /// CommandNotSupported.
    public static let commandNotSupported = Self(115)
    /// CommandNotSupportedOnView.
    public static let commandNotSupportedOnView = Self(166)
    /// CannotIndexParallelArrays.
    public static let cannotIndexParallelArrays = Self(171)
    /// QueryPlanKilled.
    public static let queryPlanKilled = Self(175)
    /// CursorKilled.
    public static let cursorKilled = Self(237)
    /// ConversionFailure.
    public static let conversionFailure = Self(241)
    /// IndexBuildAborted.
    public static let indexBuildAborted = Self(276)
    /// CursorInUse.
    public static let cursorInUse = Self(12051)
    /// InvalidIndexSpecificationOption.
    public static let invalidIndexSpecificationOption = Self(197)
    /// QueryExceededMemoryLimitNoDiskUseAllowed.
    public static let queryExceededMemoryLimit = Self(292)
    /// InvalidPipelineOperator.
    public static let invalidPipelineOperator = Self(168)
    /// NoSuchTransaction.
    public static let noSuchTransaction = Self(251)
    /// TransactionTooOld.
    public static let transactionTooOld = Self(225)
    /// ExceededMemoryLimit.
    public static let exceededMemoryLimit = Self(146)
    /// DocumentValidationFailure.
    public static let documentValidationFailure = Self(121)
    /// BSONObjectTooLarge.
    public static let bsonObjectTooLarge = Self(10334)
    /// DuplicateKey.
    public static let duplicateKey = Self(11000)
    /// Interrupted.
    public static let interrupted = Self(11601)
    /// OutOfDiskSpace.
    public static let outOfDiskSpace = Self(14031)
    /// Location40415.
    public static let unknownField = Self(40415)
    /// Location40414.
    public static let missingField = Self(40414)
    /// InterruptedAtShutdown.
    public static let interruptedAtShutdown = Self(11600)
    /// NotWritablePrimary.
    public static let notWritablePrimary = Self(10107)

    private static let names: [Int32: String] = [
        1: "InternalError", 2: "BadValue", 4: "NoSuchKey", 8: "UnknownError", 9: "FailedToParse", 11: "UserNotFound",
        13: "Unauthorized", 14: "TypeMismatch", 15: "Overflow", 16: "InvalidLength", 17: "ProtocolError",
        18: "AuthenticationFailed", 20: "IllegalOperation", 22: "InvalidBSON", 26: "NamespaceNotFound",
        27: "IndexNotFound", 28: "PathNotViable", 31: "RoleNotFound", 34: "CannotBackfillArray",
        40: "ConflictingUpdateOperators", 43: "CursorNotFound", 48: "NamespaceExists", 50: "MaxTimeMSExpired",
        52: "DollarPrefixedFieldName", 53: "InvalidIdField", 54: "NotSingleValueField",
        56: "EmptyFieldName", 57: "DottedFieldName", 59: "CommandNotFound", 64: "WriteConcernFailed",
        66: "ImmutableField", 67: "CannotCreateIndex", 68: "IndexAlreadyExists", 72: "InvalidOptions",
        73: "InvalidNamespace", 85: "IndexOptionsConflict", 86: "IndexKeySpecsConflict", 89: "NetworkTimeout",
        96: "OperationFailed", 98: "DBPathInUse", 112: "WriteConflict", 115: "CommandNotSupported",
        121: "DocumentValidationFailure",
        146: "ExceededMemoryLimit", 166: "CommandNotSupportedOnView", 168: "InvalidPipelineOperator",
        171: "CannotIndexParallelArrays", 175: "QueryPlanKilled", 237: "CursorKilled", 241: "ConversionFailure",
        276: "IndexBuildAborted", 12051: "CursorInUse",
        197: "InvalidIndexSpecificationOption", 225: "TransactionTooOld", 251: "NoSuchTransaction",
        292: "QueryExceededMemoryLimitNoDiskUseAllowed", 10107: "NotWritablePrimary", 10334: "BSONObjectTooLarge",
        11000: "DuplicateKey", 11600: "InterruptedAtShutdown", 11601: "Interrupted", 14031: "OutOfDiskSpace",
    ]
}
