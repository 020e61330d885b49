extension BSONValue {
    /// The value as relaxed Extended JSON.
    public func extendedJSON() -> String { "" }
}
extension BSONDocument {
    /// The document as relaxed Extended JSON.
    public func extendedJSON() -> String { "" }
}
