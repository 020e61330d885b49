/// BSON's types in coders of other makers, such as Foundation's `JSONEncoder`: as Extended JSON.
///
/// Both ways go through the text, so that there is one table of its forms (`ExtendedJSONType`) and one writer.
enum ForeignCoding {
    /// Writes a value as Extended JSON, in the format that the encoder's `userInfo` names, relaxed where it names none.
    static func encode(_ value: BSONValue, to encoder: any Encoder) throws {
        let format = encoder.userInfo[.jsonFormat] as? JSONFormat ?? .relaxed
        do {
            try PlainValue(value: BSONValue(json: value.json(format))).encode(to: encoder)
        } catch let error as BSONError {
            let text = "the value has no form in JSON: \(error.message)"
            throw EncodingError.invalidValue(
                value, .init(codingPath: encoder.codingPath, debugDescription: text, underlyingError: error))
        }
    }

    /// Reads a value from Extended JSON of either format.
    static func decode(from decoder: any Decoder) throws -> BSONValue {
        let plain = try PlainValue(from: decoder).value
        do {
            return try BSONValue(extendedJSON: plain.extendedJSON(.relaxed))
        } catch {
            throw corrupted(decoder, "the value is no Extended JSON: \(error.message)")
        }
    }

    static func corrupted(_ decoder: any Decoder, _ text: String) -> DecodingError {
        let path = decoder.codingPath
        return .dataCorrupted(.init(codingPath: path, debugDescription: path.pathPrefix + text))
    }
}

extension CodingUserInfoKey {
    /// The ``JSONFormat`` in which encoders of other makers write BSON's types; ``JSONFormat/relaxed`` where it is missing.
    public static let jsonFormat: CodingUserInfoKey = {
        // `RawRepresentable` makes this initializer failable; it takes any text, and this one comes from no input.
        guard let key = CodingUserInfoKey(rawValue: "Nectar.jsonFormat") else {
            preconditionFailure("any text is a key")
        }
        return key
    }()
}

/// A value of JSON's own types.
private struct PlainValue: Codable {
    let value: BSONValue

    init(value: BSONValue) { self.value = value }

    init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: PathKey.self) {
            var fields: [(String, BSONValue)] = []
            for key in container.allKeys {
                fields.append((key.stringValue, try container.decode(PlainValue.self, forKey: key).value))
            }
            value = .document(BSONDocument(fields: fields))
        } else if var container = try? decoder.unkeyedContainer() {
            var values: [BSONValue] = []
            while !container.isAtEnd { values.append(try container.decode(PlainValue.self).value) }
            value = .array(BSONArray(values))
        } else {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                value = .null
            } else if let bool = try? container.decode(Bool.self) {
                value = .bool(bool)
            } else if let integer = try? container.decode(Int.self) {
                value = .int(integer)
            } else if let double = try? container.decode(Double.self) {
                value = .double(double)
            } else {
                value = .string(try container.decode(String.self))
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        switch value {
        case .document(let document):
            var container = encoder.container(keyedBy: PathKey.self)
            for (key, value) in document {
                try container.encode(PlainValue(value: value), forKey: PathKey(stringValue: key))
            }
        case .array(let array):
            var container = encoder.unkeyedContainer()
            for value in array { try container.encode(PlainValue(value: value)) }
        default:
            var container = encoder.singleValueContainer()
            switch value {
            case .bool(let value): try container.encode(value)
            case .int32(let value): try container.encode(value)
            case .int64(let value): try container.encode(value)
            case .double(let value): try container.encode(value)
            case .string(let value): try container.encode(value)
            default: try container.encodeNil()
            }
        }
    }
}
