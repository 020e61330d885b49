#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Content types by the ends of files' names.
///
/// The table has what the web is made of, so that every machine agrees on it; the system's own (`/etc/mime.types`, kept by
/// the distribution) knows the rest where there is one.
enum ContentTypes {
    /// What files are whose name tells nothing.
    static let unknown = "application/octet-stream"

    /// The type of a file by its name.
    static func guess(_ filename: String) -> String {
        guard let ending = FileName.ending(filename) else { return unknown }
        return table[ending] ?? system[ending] ?? unknown
    }

    /// Whether browsers run what is in files of this type, so that a stranger's file is to be shown in a sandbox.
    static func isActive(_ type: String) -> Bool {
        // Each answer with a file asks, and most are pictures.
        if type.hasPrefix("image/"), !type.utf8.contains(UInt8(ascii: "+")) { return false }
        let type = type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        return type == "text/html" || type == "text/xml" || type == "application/xml" || type.hasSuffix("+xml")
    }

    /// The type by the ends, a type a line.
    private static let table: [String: String] = {
        let rows = """
            application/epub+zip epub
            application/gzip gz tgz
            application/java-archive jar
            application/json json map
            application/ld+json jsonld
            application/manifest+json webmanifest
            application/msword doc dot
            application/ogg ogx
            application/pdf pdf
            application/rtf rtf
            application/vnd.ms-excel xls
            application/vnd.ms-powerpoint ppt
            application/vnd.oasis.opendocument.presentation odp
            application/vnd.oasis.opendocument.spreadsheet ods
            application/vnd.oasis.opendocument.text odt
            application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
            application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
            application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
            application/vnd.rar rar
            application/wasm wasm
            application/x-7z-compressed 7z
            application/x-bzip2 bz2
            application/x-sh sh
            application/x-tar tar
            application/x-xz xz
            application/xhtml+xml xhtml xht
            application/xml xml xsl
            application/yaml yaml yml
            application/zip zip
            application/zstd zst
            audio/aac aac
            audio/flac flac
            audio/midi mid midi
            audio/mp4 m4a
            audio/mpeg mp3
            audio/ogg oga ogg opus
            audio/wav wav
            audio/webm weba
            font/otf otf
            font/ttf ttf
            font/woff woff
            font/woff2 woff2
            image/apng apng
            image/avif avif
            image/bmp bmp
            image/gif gif
            image/heic heic
            image/jpeg jpg jpeg jpe
            image/jxl jxl
            image/png png
            image/svg+xml svg
            image/tiff tif tiff
            image/vnd.microsoft.icon ico
            image/webp webp
            message/rfc822 eml
            text/calendar ics
            text/css css
            text/csv csv
            text/html html htm
            text/javascript js mjs
            text/markdown md markdown
            text/plain txt text log conf
            text/tab-separated-values tsv
            text/vcard vcf
            video/mp2t ts
            video/mp4 mp4 m4v
            video/mpeg mpeg mpg
            video/ogg ogv
            video/quicktime mov
            video/webm webm
            video/x-matroska mkv
            video/x-msvideo avi
            """
        return read(rows)
    }()

    private static let system: [String: String] = {
        guard let data = FileManager.default.contents(atPath: "/etc/mime.types") else { return [:] }
        return read(String(decoding: data, as: UTF8.self))
    }()

    /// Reads lines of a type and its ends; remarks begin with `#`.
    static func read(_ text: String) -> [String: String] {
        var types: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let words = line.split { $0 == " " || $0 == "\t" }
            for ending in words.dropFirst() where types[String(ending)] == nil {
                types[String(ending)] = String(words[0])
            }
        }
        return types
    }
}
