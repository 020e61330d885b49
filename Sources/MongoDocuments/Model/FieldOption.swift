/// What `@Field` can say of a field.
///
/// The macro turns ranges, lengths and the like into ``FieldRule``s of the field's own type, and the others into indexes.
public struct FieldOption: Sendable {
    /// Has an index, which `ensureIndexes()` makes.
    public static let indexed = FieldOption()
    /// Has an index that refuses a second document with the same value.
    public static let unique = FieldOption()
    /// Must not be empty.
    public static let notEmpty = FieldOption()
    /// Must look like an e-mail address.
    public static let email = FieldOption()

    /// Must be in this range.
    public static func range(_ range: PartialRangeFrom<some Comparable>) -> FieldOption { FieldOption() }
    /// Must be in this range.
    public static func range(_ range: PartialRangeThrough<some Comparable>) -> FieldOption { FieldOption() }
    /// Must be in this range.
    public static func range(_ range: PartialRangeUpTo<some Comparable>) -> FieldOption { FieldOption() }
    /// Must be in this range.
    public static func range(_ range: ClosedRange<some Comparable>) -> FieldOption { FieldOption() }
    /// Must be in this range.
    public static func range(_ range: Range<some Comparable>) -> FieldOption { FieldOption() }
    /// Must have so many characters or elements.
    public static func length(_ range: PartialRangeFrom<Int>) -> FieldOption { FieldOption() }
    /// Must have so many characters or elements.
    public static func length(_ range: PartialRangeThrough<Int>) -> FieldOption { FieldOption() }
    /// Must have so many characters or elements.
    public static func length(_ range: ClosedRange<Int>) -> FieldOption { FieldOption() }
    /// Must have so many characters or elements.
    public static func length(_ count: Int) -> FieldOption { FieldOption() }
    /// Must be one of these.
    public static func oneOf<Value: Equatable>(_ values: Value...) -> FieldOption { FieldOption() }
    /// Must match a regular expression.
    public static func pattern(_ pattern: String) -> FieldOption { FieldOption() }
}
