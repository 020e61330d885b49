public import BSON

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A type that ids of documents can have: `ObjectID`, `String`, `UUID` and whole numbers.
public protocol DocumentID: FieldValue, Hashable {
    /// Reads the id's text, as it stands in an address; nil where it is none.
    init?(_text: String)
}

extension ObjectID: DocumentID {
    /// Reads 24 hexadecimal digits.
    public init?(_text text: String) { self.init(text) }
}
extension String: DocumentID {
    /// Takes the text.
    public init?(_text text: String) { self = text }
}
extension Int: DocumentID {
    /// Reads a decimal number.
    public init?(_text text: String) { self.init(text) }
}
extension Int32: DocumentID {
    /// Reads a decimal number.
    public init?(_text text: String) { self.init(text) }
}
extension Int64: DocumentID {
    /// Reads a decimal number.
    public init?(_text text: String) { self.init(text) }
}
extension UUID: DocumentID {
    /// Reads a UUID's usual form.
    public init?(_text text: String) { self.init(uuidString: text) }
}

/// A raw value, such as a type of one's own for each kind of id.
extension DocumentID where Self: RawRepresentable, RawValue: DocumentID {
    /// Reads the raw value's text.
    public init?(_text text: String) {
        guard let value = RawValue(_text: text) else { return nil }
        self.init(rawValue: value)
    }
}
