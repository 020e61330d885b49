/// Why a form is not taken.
public struct MultipartError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Kind: Sendable, Hashable {
        /// The bytes are no form as the standard has it.
        case malformed
        /// The form, or a part of it, is beyond a limit.
        case tooLarge
    }

    /// The kind.
    public let kind: Kind
    /// What is wrong, in words that repeat nothing of the form.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    static func malformed(_ reason: String) -> MultipartError {
        MultipartError(.malformed, "The form is not well formed: \(reason).")
    }

    static func tooLarge(_ what: String) -> MultipartError { MultipartError(.tooLarge, "The form has \(what).") }
}
