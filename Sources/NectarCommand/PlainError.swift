/// An error that is shown as its sentence alone: a person at a terminal has no use for a server's codes.
struct PlainError: Error, CustomStringConvertible {
    let description: String
}
