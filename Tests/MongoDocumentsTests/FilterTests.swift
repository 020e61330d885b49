import Foundation
import MongoDocuments
import Testing

@Suite("Filters, updates and orders of fields")
struct FilterTests {
    private func document(_ condition: (Book.Fields) -> Filter<Book>) -> BSONDocument {
        condition(Book.Fields()).document
    }
    private func change(@UpdateBuilder<Book> _ changes: (Book.Fields) -> Update<Book>) -> BSONDocument {
        changes(Book.Fields()).document
    }

    @Test("Comparisons are written as MongoDB's operators under the stored names")
    func comparisons() {
        let id = ObjectID()
        #expect(document { $0.id == id } == ["_id": .objectID(id)])
        #expect(document { $0.year >= 2004 } == ["year": ["$gte": .int64(2004)]])
        #expect(document { $0.views != 1 } == ["n": ["$ne": .int64(1)]])
        #expect(document { $0.rating == nil } == ["rating": .null])
        #expect(document { $0.rating > 3 } == ["rating": ["$gt": 3.0]])
        #expect(document { $0.publisher.city == "Prague" } == ["publisher.town": "Prague"])
        #expect(document { $0.publisher.price.min <= 5 } == ["publisher.price.min": ["$lte": .int64(5)]])
        #expect(document { $0.editions.year < 5 } == ["editions.year": ["$lt": .int64(5)]])
        #expect(document { $0.genre == .poetry } == ["genre": "poetry"])
        #expect(document { $0.genre.isIn([.poetry, .drama]) } == ["genre": ["$in": ["poetry", "drama"]]])
        #expect(document { $0.prices["eur"] == 5 } == ["prices.eur": .int64(5)])
        #expect(document { $0.author == Ref(id: id) } == ["author": .objectID(id)])
        #expect(document { $0.year.isIn(1...2) } == ["year": ["$gte": .int64(1), "$lte": .int64(2)]])
        #expect(document { $0.rating.exists() } == ["rating": ["$exists": true]])
    }

    @Test("Arrays and text have their own words")
    func arraysAndText() {
        #expect(document { $0.tags.contains("swift") } == ["tags": "swift"])
        #expect(document { $0.tags.containsAll(["a", "b"]) } == ["tags": ["$all": ["a", "b"]]])
        #expect(document { $0.tags.hasCount(2) } == ["tags": ["$size": 2]])
        #expect(document { $0.tags[0] == "a" } == ["tags.0": "a"])
        #expect(
            document { $0.editions.any { $0.year == 1 && $0.language == "cs" } }
                == ["editions": ["$elemMatch": ["year": .int64(1), "language": "cs"]]])
        let prefix = BSONValue.regularExpression(BSONRegularExpression(pattern: #"^a\.b"#))
        #expect(document { $0.title.hasPrefix("a.b") } == ["title": ["$regex": prefix]])
        let any = BSONValue.regularExpression(BSONRegularExpression(pattern: #"c\+\+"#, options: "i"))
        #expect(document { $0.title.contains("c++", ignoringCase: true) } == ["title": ["$regex": any]])
    }

    @Test("Conditions join to the flattest document that means the same")
    func joined() {
        #expect(
            document { $0.year >= 1 && $0.year < 9 && $0.title == "x" }
                == ["year": ["$gte": .int64(1), "$lt": .int64(9)], "title": "x"])
        #expect(
            document { $0.tags.contains("a") && $0.tags.contains("b") }
                == ["$and": [["tags": "a"], ["tags": "b"]]])
        #expect(
            document { $0.year == 1 || $0.year == 2 || $0.title == "x" }
                == ["$or": [["year": .int64(1)], ["year": .int64(2)], ["title": "x"]]])
        #expect(
            document { ($0.year == 1 || $0.year == 2) && $0.title == "x" }
                == ["$and": [["title": "x"], ["$or": [["year": .int64(1)], ["year": .int64(2)]]]]])
        #expect(document { !($0.year == 1) } == ["$nor": [["year": .int64(1)]]])
        #expect(document { _ in .all } == [:])
        #expect(document { $0.year == 1 || .all } == [:])
    }

    @Test("Statements of an update join by operator")
    func updates() {
        let keepsYear = true
        #expect(
            change {
                $0.year.set(2005)
                $0.views.increment(by: 1)
                $0.title.set("x")
                if !keepsYear { $0.rating.unset() }
                if keepsYear { $0.publisher.city.set("Brno") } else { $0.inPrint.set(false) }
                for tag in ["a"] { $0.tags.push(tag) }
            }
                == [
                    "$set": ["year": .int64(2005), "title": "x", "publisher.town": "Brno"], "$inc": ["n": .int64(1)],
                    "$push": ["tags": "a"],
                ])
        #expect(change { $0.rating.unset() } == ["$unset": ["rating": ""]])
        #expect(change { $0.rating.set(nil) } == ["$set": ["rating": .null]])
        #expect(change { $0.publisher.price.min.lower(to: 3) } == ["$min": ["publisher.price.min": .int64(3)]])
        #expect(change { $0.tags.addToSet("a") } == ["$addToSet": ["tags": ["$each": ["a"]]]])
        #expect(change { $0.editions.pull { $0.year < 5 } } == ["$pull": ["editions": ["year": ["$lt": .int64(5)]]]])
    }
}
