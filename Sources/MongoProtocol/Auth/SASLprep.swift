internal import Foundation

/// The form in which passwords are compared (RFC 4013, a profile of RFC 3454).
enum SASLprep {
    /// Prepares a text; ASCII is left as it is.
    /// - Throws: ``MongoError`` of kind `usage` for characters that a password must not have.
    static func prepare(_ text: String) throws(MongoError) -> String {
        // Control characters are forbidden; all else in ASCII maps to itself.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        var mapped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isOtherSpace(scalar) {
                mapped.append(" ")
            } else if !isMappedToNothing(scalar) {
                mapped.append(scalar)
            }
        }
        let normal = String(mapped).precomposedStringWithCompatibilityMapping
        for scalar in normal.unicodeScalars {
            guard !isProhibited(scalar) else {
                throw MongoError(.usage, "A password cannot have the character U+\(hex(scalar)): SASLprep forbids it")
            }
            guard isAssigned(scalar) else {
                throw MongoError(
                    .usage, "A password cannot have the character U+\(hex(scalar)): SASLprep does not know it")
            }
        }
        let scalars = Array(normal.unicodeScalars)
        guard scalars.contains(where: isRightToLeft) else { return normal }
        guard let first = scalars.first, let last = scalars.last, isRightToLeft(first), isRightToLeft(last),
            !scalars.contains(where: isLeftToRight)
        else { throw MongoError(.usage, "A password cannot mix scripts that run to the left and to the right") }
        return normal
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(4 - digits.count, 0)) + digits
    }

    /// RFC 3454, table C.1.2: spaces other than that of ASCII.
    private static func isOtherSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xA0, 0x1680, 0x2000...0x200B, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// RFC 3454, table B.1.
    private static func isMappedToNothing(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x34F, 0x1806, 0x180B...0x180D, 0x200B...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF: true
        default: false
        }
    }

    /// RFC 3454, tables C.1.2, C.2.1, C.2.2 and C.3 to C.9.
    private static func isProhibited(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x06DD, 0x070F, 0x180E, 0x200C...0x200F, 0x2028...0x202E, 0x2060...0x2063,
            0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFD, 0x1D173...0x1D17A, 0x2FF0...0x2FFB, 0x340, 0x341, 0xE0001,
            0xE0020...0xE007F:
            true
        case let value where value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(value): true
        default: isOtherSpace(scalar) || scalar.properties.generalCategory == .privateUse
        }
    }

    /// RFC 3454, table A.1, turned round: what was assigned in Unicode 3.2.
    private static func isAssigned(_ scalar: Unicode.Scalar) -> Bool {
        guard let age = scalar.properties.age else { return false }
        return (age.major, age.minor) <= (3, 2)
    }

    /// RFC 3454, table D.1.
    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x05BE, 0x05C0, 0x05C3, 0x05D0...0x05EA, 0x05F0...0x05F4, 0x061B, 0x061F, 0x0621...0x063A,
            0x0640...0x064A, 0x066D...0x066F, 0x0671...0x06D5, 0x06DD, 0x06E5...0x06E6, 0x06FA...0x06FE,
            0x0700...0x070D, 0x0710, 0x0712...0x072C, 0x0780...0x07A5, 0x07B1, 0x200F, 0xFB1D, 0xFB1F...0xFB28,
            0xFB2A...0xFB36, 0xFB38...0xFB3C, 0xFB3E, 0xFB40...0xFB41, 0xFB43...0xFB44, 0xFB46...0xFBB1,
            0xFBD3...0xFD3D, 0xFD50...0xFD8F, 0xFD92...0xFDC7, 0xFDF0...0xFDFC, 0xFE70...0xFE74, 0xFE76...0xFEFC:
            true
        default: false
        }
    }

    /// RFC 3454, table D.2, by the categories that make nearly all of it: letters, spacing marks and letter numbers.
    private static func isLeftToRight(_ scalar: Unicode.Scalar) -> Bool {
        guard !isRightToLeft(scalar) else { return false }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .modifierLetter, .spacingMark,
            .letterNumber:
            true
        default: false
        }
    }
}
