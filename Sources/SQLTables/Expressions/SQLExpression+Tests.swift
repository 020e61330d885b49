extension SQLExpression {
    /// Equal, where no value equals no value.
    public func isSame(as other: SQLExpression) -> SQLExpression { SQLExpression(.infix(self, .same, other)) }
    /// Different, where no value differs from each value, and not from no value.
    public func isDifferent(from other: SQLExpression) -> SQLExpression { !isSame(as: other) }
    /// Whether there is no value.
    public var isNull: SQLExpression { SQLExpression(.isNull(self, true)) }
    /// Whether there is a value.
    public var isNotNull: SQLExpression { SQLExpression(.isNull(self, false)) }
    /// From one to the other, both included.
    public func between(_ low: SQLExpression, _ high: SQLExpression) -> SQLExpression {
        SQLExpression(.between(self, low, high))
    }

    /// Before the one or behind the other.
    public func notBetween(_ low: SQLExpression, _ high: SQLExpression) -> SQLExpression { !between(low, high) }

    /// One of the values; of none it is false.
    public func `in`(_ values: [some SQLConvertible]) -> SQLExpression {
        SQLExpression(.list(self, values.map { .value($0) }, negated: false))
    }
    /// None of the values; of none it is true.
    public func notIn(_ values: [some SQLConvertible]) -> SQLExpression {
        SQLExpression(.list(self, values.map { .value($0) }, negated: true))
    }
    /// One of what a query of one column gives.
    public func `in`(_ query: some SQLQuery) -> SQLExpression { SQLExpression(.inSelect(self, query, negated: false)) }
    /// None of what a query of one column gives.
    public func notIn(_ query: some SQLQuery) -> SQLExpression {
        SQLExpression(.inSelect(self, query, negated: true))
    }

    /// Text like a pattern: `%` stands for any text, `_` for one character, `escape` before either for itself. Whether
    /// letters of either case are alike is the database's affair; see ``likeInAnyCase(_:escape:)``.
    public func like(_ pattern: SQLExpression, escape: Character = "!") -> SQLExpression {
        SQLExpression(.like(self, pattern, escape: escape, negated: false))
    }
    /// Text unlike a pattern.
    public func notLike(_ pattern: SQLExpression, escape: Character = "!") -> SQLExpression {
        SQLExpression(.like(self, pattern, escape: escape, negated: true))
    }
    /// Text like a pattern, in capital letters or small ones.
    public func likeInAnyCase(_ pattern: SQLExpression, escape: Character = "!") -> SQLExpression {
        lower.like(pattern.lower, escape: escape)
    }
    /// Text that has this in it, whatever characters it is made of.
    public func contains(_ text: String) -> SQLExpression { like(.value("%\(Self.escaped(text))%")) }
    /// Text that begins with this, whatever characters it is made of.
    public func hasPrefix(_ text: String) -> SQLExpression { like(.value("\(Self.escaped(text))%")) }
    /// Text that ends with this, whatever characters it is made of.
    public func hasSuffix(_ text: String) -> SQLExpression { like(.value("%\(Self.escaped(text))")) }

    /// The two texts one after the other.
    public func concat(_ other: SQLExpression) -> SQLExpression { SQLExpression(.infix(self, .concatenate, other)) }
    /// The value as another type.
    public func cast(to type: ColumnType) -> SQLExpression { SQLExpression(.cast(self, type)) }

    /// Whether a query finds a row.
    public static func exists(_ query: some SQLQuery) -> SQLExpression { SQLExpression(.exists(query)) }

    private static func escaped(_ text: String) -> String {
        text.replacing("!", with: "!!").replacing("%", with: "!%").replacing("_", with: "!_")
    }
}
