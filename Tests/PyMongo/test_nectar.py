"""PyMongo against a running `nectar serve`: somebody else's client as the judge of the server.

The expectations are MongoDB's behaviour, so the file can be run against a mongod too:

    NECTAR_URI=mongodb://127.0.0.1:27017 python3 Tests/PyMongo/test_nectar.py -v

It creates and drops databases whose names start with `pymongo_`. A Swift test of MongoServerTests starts the server and
runs it.
"""

import itertools
import os
import re
import sys
import unittest
from datetime import datetime, timedelta, timezone
from uuid import UUID

import gridfs
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.codec_options import CodecOptions
from bson.binary import UuidRepresentation
from pymongo import (
    ASCENDING,
    DESCENDING,
    DeleteMany,
    DeleteOne,
    IndexModel,
    InsertOne,
    MongoClient,
    ReplaceOne,
    ReturnDocument,
    UpdateMany,
    UpdateOne,
    monitoring,
)
from pymongo.errors import BulkWriteError, CollectionInvalid, CursorNotFound, DuplicateKeyError, OperationFailure

URI = os.environ.get("NECTAR_URI")


class Commands(monitoring.CommandListener):
    """Records the commands that went out and the replies that came back."""

    def __init__(self):
        self.replies = []

    def started(self, event):
        pass

    def succeeded(self, event):
        self.replies.append((event.command_name, event.reply))

    def failed(self, event):
        self.replies.append((event.command_name, event.failure))

    def named(self, name):
        return [reply for command, reply in self.replies if command == name]


class NectarTestCase(unittest.TestCase):
    """A client for all, and an empty database for each test."""

    numbers = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        cls.commands = Commands()
        cls.client = MongoClient(URI, serverSelectionTimeoutMS=10_000, event_listeners=[cls.commands])

    @classmethod
    def tearDownClass(cls):
        cls.client.close()

    def setUp(self):
        self.db = self.client[f"pymongo_{os.getpid()}_{next(self.numbers)}"]
        self.client.drop_database(self.db.name)
        self.addCleanup(self.client.drop_database, self.db.name)
        self.things = self.db["things"]
        self.commands.replies.clear()

    def ids(self, filter, **options):
        """The ids that a filter finds, in order."""
        return sorted(document["_id"] for document in self.things.find(filter, **options))

    def only(self):
        """The one document of the collection."""
        (document,) = self.things.find()
        return document

    def aggregate(self, *pipeline):
        return list(self.things.aggregate(list(pipeline)))

    def assert_fails(self, code, call, *arguments, **options):
        """Runs the call, which must fail with the code; returns the error."""
        with self.assertRaises(OperationFailure) as caught:
            call(*arguments, **options)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception


class Inserts(NectarTestCase):
    def test_insert_one_keeps_the_given_id(self):
        result = self.things.insert_one({"_id": "a", "n": 1})
        self.assertTrue(result.acknowledged)
        self.assertEqual(result.inserted_id, "a")
        self.assertEqual(self.only(), {"_id": "a", "n": 1})

    def test_insert_one_without_an_id_gets_an_object_id(self):
        result = self.things.insert_one({"n": 1})
        self.assertIsInstance(result.inserted_id, ObjectId)
        self.assertEqual(self.only()["_id"], result.inserted_id)

    def test_the_server_makes_an_id_where_the_client_sends_none(self):
        reply = self.db.command("insert", "things", documents=[{"n": 1}])
        self.assertEqual(reply["n"], 1)
        document = self.only()
        self.assertIsInstance(document["_id"], ObjectId)
        self.assertEqual(list(document), ["_id", "n"])

    def test_insert_many_keeps_every_document(self):
        result = self.things.insert_many([{"_id": i} for i in range(1000)])
        self.assertEqual(result.inserted_ids, list(range(1000)))
        self.assertEqual(self.things.count_documents({}), 1000)

    def test_a_duplicate_id_is_e11000_with_its_key(self):
        self.things.insert_one({"_id": 1})
        with self.assertRaises(DuplicateKeyError) as caught:
            self.things.insert_one({"_id": 1})
        self.assertEqual(caught.exception.code, 11000)
        self.assertEqual(caught.exception.details["keyPattern"], {"_id": 1})
        self.assertEqual(caught.exception.details["keyValue"], {"_id": 1})
        self.assertTrue(caught.exception.details["errmsg"].startswith("E11000 duplicate key error"), caught.exception)

    def test_an_ordered_insert_stops_at_the_first_error(self):
        with self.assertRaises(BulkWriteError) as caught:
            self.things.insert_many([{"_id": 1}, {"_id": 2}, {"_id": 1}, {"_id": 3}])
        details = caught.exception.details
        self.assertEqual(details["nInserted"], 2)
        self.assertEqual([(e["index"], e["code"]) for e in details["writeErrors"]], [(2, 11000)])
        self.assertEqual(self.ids({}), [1, 2])

    def test_an_unordered_insert_goes_on_after_an_error(self):
        with self.assertRaises(BulkWriteError) as caught:
            self.things.insert_many([{"_id": 1}, {"_id": 1}, {"_id": 2}, {"_id": 2}, {"_id": 3}], ordered=False)
        details = caught.exception.details
        self.assertEqual(details["nInserted"], 3)
        self.assertEqual([(e["index"], e["code"]) for e in details["writeErrors"]], [(1, 11000), (3, 11000)])
        self.assertEqual(self.ids({}), [1, 2, 3])

    def test_every_bson_type_comes_back_as_it_went_in(self):
        options = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)
        things = self.things.with_options(codec_options=options)
        document = {
            "_id": ObjectId(),
            "double": 1.5,
            "string": "žluťoučký 🐝",
            "document": {"b": 1, "a": {"c": []}},
            "array": [1, "two", None, [3]],
            "binary": b"\x00\xff",
            "user binary": Binary(b"abc", 0x80),
            "uuid": UUID("00112233-4455-6677-8899-aabbccddeeff"),
            "true": True,
            "date": datetime(1969, 7, 20, 20, 17, 40, 123000),
            "null": None,
            "regex": Regex("^a.b$", "im"),
            "code": Code("return 1"),
            "int32": 7,
            "timestamp": Timestamp(1700000000, 3),
            "int64": Int64(1 << 40),
            "decimal": Decimal128("1.10"),
            "min": MinKey(),
            "max": MaxKey(),
        }
        things.insert_one(document)
        found = things.find_one()
        self.assertEqual(found, document)
        self.assertEqual(list(found), list(document))
        self.assertEqual(str(found["decimal"]), "1.10")


class Finds(NectarTestCase):
    def test_eq_finds_equal_numbers_of_any_type(self):
        self.things.insert_many(
            [{"_id": 1, "a": 5}, {"_id": 2, "a": 5.0}, {"_id": 3, "a": Int64(5)}, {"_id": 4, "a": "5"}, {"_id": 5}]
        )
        self.assertEqual(self.ids({"a": 5}), [1, 2, 3])
        self.assertEqual(self.ids({"a": {"$eq": "5"}}), [4])

    def test_eq_reaches_into_documents_and_arrays(self):
        self.things.insert_many(
            [{"_id": 1, "a": {"b": 1}}, {"_id": 2, "a": [{"b": 1}, {"b": 2}]}, {"_id": 3, "a": [1, 2]}, {"_id": 4}]
        )
        self.assertEqual(self.ids({"a.b": 1}), [1, 2])
        self.assertEqual(self.ids({"a": 2}), [3])
        self.assertEqual(self.ids({"a": [1, 2]}), [3])
        self.assertEqual(self.ids({"a.1": 2}), [3])
        self.assertEqual(self.ids({"a": {"b": 1}}), [1, 2])

    def test_null_finds_what_is_null_or_missing(self):
        self.things.insert_many([{"_id": 1, "a": None}, {"_id": 2}, {"_id": 3, "a": 0}])
        self.assertEqual(self.ids({"a": None}), [1, 2])

    def test_ne_finds_the_rest_and_what_has_no_such_field(self):
        self.things.insert_many([{"_id": 1, "a": 1}, {"_id": 2, "a": 2}, {"_id": 3}, {"_id": 4, "a": [1, 2]}])
        self.assertEqual(self.ids({"a": {"$ne": 1}}), [2, 3])

    def test_gt_gte_lt_lte_compare_within_a_type(self):
        self.things.insert_many([{"_id": i, "a": i} for i in range(1, 6)] + [{"_id": 6, "a": "4"}, {"_id": 7}])
        self.assertEqual(self.ids({"a": {"$gt": 3}}), [4, 5])
        self.assertEqual(self.ids({"a": {"$gte": 3}}), [3, 4, 5])
        self.assertEqual(self.ids({"a": {"$lt": 3}}), [1, 2])
        self.assertEqual(self.ids({"a": {"$lte": 3}}), [1, 2, 3])
        self.assertEqual(self.ids({"a": {"$gt": 1, "$lt": 4.5}}), [2, 3, 4])
        self.assertEqual(self.ids({"a": {"$gt": ""}}), [6])

    def test_in_and_nin_take_values_and_patterns(self):
        self.things.insert_many([{"_id": 1, "a": 1}, {"_id": 2, "a": "bee"}, {"_id": 3, "a": [7, 8]}, {"_id": 4}])
        self.assertEqual(self.ids({"a": {"$in": [1, 8]}}), [1, 3])
        self.assertEqual(self.ids({"a": {"$in": [re.compile("^b"), None]}}), [2, 4])
        self.assertEqual(self.ids({"a": {"$nin": [1, 8]}}), [2, 4])
        self.assertEqual(self.ids({"a": {"$in": []}}), [])

    def test_and_or_and_nor_combine_filters(self):
        self.things.insert_many([{"_id": i, "a": i % 2, "b": i % 3} for i in range(6)])
        self.assertEqual(self.ids({"$and": [{"a": 1}, {"b": 0}]}), [3])
        self.assertEqual(self.ids({"$or": [{"a": 1}, {"b": 0}]}), [0, 1, 3, 5])
        self.assertEqual(self.ids({"$nor": [{"a": 1}, {"b": 0}]}), [2, 4])
        self.assertEqual(self.ids({"a": 0, "$or": [{"b": 1}, {"b": 2}]}), [2, 4])

    def test_not_turns_a_condition_round(self):
        self.things.insert_many([{"_id": 1, "a": 1}, {"_id": 2, "a": 9}, {"_id": 3}, {"_id": 4, "a": "x"}])
        self.assertEqual(self.ids({"a": {"$not": {"$gt": 5}}}), [1, 3, 4])
        self.assertEqual(self.ids({"a": {"$not": re.compile("x")}}), [1, 2, 3])

    def test_exists_tells_null_from_missing(self):
        self.things.insert_many([{"_id": 1, "a": None}, {"_id": 2}, {"_id": 3, "a": {"b": 1}}])
        self.assertEqual(self.ids({"a": {"$exists": True}}), [1, 3])
        self.assertEqual(self.ids({"a": {"$exists": False}}), [2])
        self.assertEqual(self.ids({"a.b": {"$exists": True}}), [3])

    def test_type_takes_names_numbers_and_lists(self):
        self.things.insert_many(
            [{"_id": i, "a": value} for i, value in enumerate([1, 1.5, "s", ["s"], None], 1)]
        )
        self.assertEqual(self.ids({"a": {"$type": "string"}}), [3, 4])
        self.assertEqual(self.ids({"a": {"$type": 1}}), [2])
        self.assertEqual(self.ids({"a": {"$type": "number"}}), [1, 2])
        self.assertEqual(self.ids({"a": {"$type": ["int", "null"]}}), [1, 5])
        self.assertEqual(self.ids({"a": {"$type": "array"}}), [4])

    def test_all_wants_every_value(self):
        self.things.insert_many([{"_id": 1, "a": [1, 2, 3]}, {"_id": 2, "a": [1, 2]}, {"_id": 3, "a": 1}])
        self.assertEqual(self.ids({"a": {"$all": [1, 3]}}), [1])
        self.assertEqual(self.ids({"a": {"$all": [1]}}), [1, 2, 3])
        self.assertEqual(self.ids({"a": {"$all": []}}), [])

    def test_elem_match_wants_one_element_that_meets_all(self):
        self.things.insert_many(
            [
                {"_id": 1, "a": [82, 85, 88]},
                {"_id": 2, "a": [75, 88]},
                {"_id": 3, "a": [{"b": 1, "c": 9}, {"b": 2, "c": 1}]},
                {"_id": 4, "a": [{"b": 2, "c": 9}]},
            ]
        )
        self.assertEqual(self.ids({"a": {"$elemMatch": {"$gte": 80, "$lt": 85}}}), [1])
        self.assertEqual(self.ids({"a": {"$elemMatch": {"b": 2, "c": {"$gt": 5}}}}), [4])
        self.assertEqual(self.ids({"a.b": 2, "a.c": {"$gt": 5}}), [3, 4])

    def test_size_counts_elements(self):
        self.things.insert_many([{"_id": 1, "a": []}, {"_id": 2, "a": [1, 2]}, {"_id": 3, "a": 2}])
        self.assertEqual(self.ids({"a": {"$size": 2}}), [2])
        self.assertEqual(self.ids({"a": {"$size": 0}}), [1])

    def test_regex_takes_patterns_and_options(self):
        self.things.insert_many(
            [{"_id": i, "a": value} for i, value in enumerate(["Honey", "honey\nBee", ["wax", "bee"], 5], 1)]
        )
        self.assertEqual(self.ids({"a": {"$regex": "^hon"}}), [2])
        self.assertEqual(self.ids({"a": {"$regex": "^hon", "$options": "i"}}), [1, 2])
        self.assertEqual(self.ids({"a": {"$regex": "^bee", "$options": "im"}}), [2, 3])
        self.assertEqual(self.ids({"a": {"$regex": "honey.Bee"}}), [])
        self.assertEqual(self.ids({"a": {"$regex": "honey.Bee", "$options": "s"}}), [2])
        self.assertEqual(self.ids({"a": {"$regex": "h o n e y  # comment", "$options": "x"}}), [2])
        self.assertEqual(self.ids({"a": re.compile("HONEY", re.IGNORECASE)}), [1, 2])

    def test_a_projection_includes_fields(self):
        self.things.insert_one({"_id": 1, "a": 1, "b": {"c": 2, "d": 3}, "e": [{"f": 4, "g": 5}]})
        self.assertEqual(self.things.find_one({}, {"a": 1}), {"_id": 1, "a": 1})
        self.assertEqual(self.things.find_one({}, {"_id": 0, "b.c": 1, "e.f": 1}), {"b": {"c": 2}, "e": [{"f": 4}]})
        self.assertEqual(self.things.find_one({}, ["a"]), {"_id": 1, "a": 1})

    def test_a_projection_excludes_fields(self):
        self.things.insert_one({"_id": 1, "a": 1, "b": {"c": 2, "d": 3}})
        self.assertEqual(self.things.find_one({}, {"a": 0, "b.c": 0}), {"_id": 1, "b": {"d": 3}})
        self.assertEqual(self.things.find_one({}, {"_id": 0}), {"a": 1, "b": {"c": 2, "d": 3}})

    def test_a_projection_does_not_mix_inclusion_and_exclusion(self):
        self.things.insert_one({"_id": 1})
        self.assert_fails(31254, self.things.find_one, {}, {"a": 1, "b": 0})

    def test_a_projection_slices_arrays(self):
        self.things.insert_one({"_id": 1, "a": [1, 2, 3, 4, 5], "b": 0})
        self.assertEqual(self.things.find_one({}, {"a": {"$slice": 2}}), {"_id": 1, "a": [1, 2], "b": 0})
        self.assertEqual(self.things.find_one({}, {"a": {"$slice": -2}})["a"], [4, 5])
        self.assertEqual(self.things.find_one({}, {"a": {"$slice": [1, 3]}})["a"], [2, 3, 4])

    def test_a_projection_takes_the_first_element_that_matches(self):
        self.things.insert_one({"_id": 1, "a": [{"n": 1}, {"n": 2, "m": 1}, {"n": 2, "m": 2}]})
        self.assertEqual(self.things.find_one({}, {"a": {"$elemMatch": {"n": 2}}}), {"_id": 1, "a": [{"n": 2, "m": 1}]})
        self.assertEqual(self.things.find_one({}, {"a": {"$elemMatch": {"n": 9}}}), {"_id": 1})

    def test_sort_goes_up_and_down_by_several_keys(self):
        self.things.insert_many([{"_id": i, "a": i % 2, "b": i} for i in range(6)])
        found = self.things.find().sort([("a", DESCENDING), ("b", ASCENDING)])
        self.assertEqual([document["_id"] for document in found], [1, 3, 5, 0, 2, 4])

    def test_sort_puts_the_types_in_mongodbs_order(self):
        values = [
            datetime(2024, 1, 1), True, ObjectId(), [4], {"x": 1}, "b", 3, float("nan"), MinKey(), MaxKey(), None,
            b"z", "B", Timestamp(1, 1), Regex("r"),
        ]  # fmt: skip
        self.things.insert_many([{"_id": i, "a": value} for i, value in enumerate(values)])
        found = [document["_id"] for document in self.things.find().sort("a", 1)]
        # MinKey, null, NaN, 3, [4] by its element, "B", "b", document, binary, id, boolean, date, timestamp, regex,
        # MaxKey
        self.assertEqual(found, [8, 10, 7, 6, 3, 12, 5, 4, 11, 2, 1, 0, 13, 14, 9])

    def test_skip_and_limit_cut_a_sorted_result(self):
        self.things.insert_many([{"_id": i} for i in range(10)])
        self.assertEqual([d["_id"] for d in self.things.find().sort("_id", -1).skip(2).limit(3)], [7, 6, 5])
        self.assertEqual(list(self.things.find().skip(20)), [])
        self.assertEqual(len(list(self.things.find().limit(0))), 10)
        self.assertEqual(len(list(self.things.find().limit(-4))), 4)

    def test_a_collection_that_is_not_there_is_empty(self):
        self.assertEqual(list(self.db["nothing"].find({"a": 1})), [])
        self.assertIsNone(self.db["nothing"].find_one())


class Cursors(NectarTestCase):
    def test_a_cursor_gets_more_across_three_batches(self):
        self.things.insert_many([{"_id": i} for i in range(10)])
        self.assertEqual([d["_id"] for d in self.things.find().sort("_id", 1).batch_size(4)], list(range(10)))
        (first,) = self.commands.named("find")
        second, third = self.commands.named("getMore")
        self.assertNotEqual(first["cursor"]["id"], 0)
        self.assertEqual(first["cursor"]["ns"], f"{self.db.name}.things")
        self.assertEqual(len(first["cursor"]["firstBatch"]), 4)
        self.assertEqual(len(second["cursor"]["nextBatch"]), 4)
        self.assertEqual(len(third["cursor"]["nextBatch"]), 2)
        self.assertEqual(third["cursor"]["id"], 0)

    def test_a_cursor_goes_on_while_documents_are_written(self):
        self.things.insert_many([{"_id": i} for i in range(10)])
        cursor = self.things.find().sort("_id", 1).batch_size(3)
        self.assertEqual([next(cursor)["_id"] for _ in range(3)], [0, 1, 2])
        self.things.delete_one({"_id": 3})
        self.things.insert_one({"_id": 99})
        self.assertEqual([d["_id"] for d in cursor], [4, 5, 6, 7, 8, 9, 99])

    def test_a_limit_ends_a_cursor_across_batches(self):
        self.things.insert_many([{"_id": i} for i in range(10)])
        self.assertEqual([d["_id"] for d in self.things.find().sort("_id", 1).limit(5).batch_size(2)], [0, 1, 2, 3, 4])

    def test_closing_a_cursor_kills_it_on_the_server(self):
        self.things.insert_many([{"_id": i} for i in range(10)])
        cursor = self.things.find().batch_size(2)
        next(cursor)
        cursor_id = cursor.cursor_id
        cursor.close()
        (reply,) = self.commands.named("killCursors")
        self.assertEqual(reply["cursorsKilled"], [cursor_id])
        self.assertEqual(reply["cursorsNotFound"], [])
        with self.assertRaises(CursorNotFound):
            self.db.command({"getMore": Int64(cursor_id), "collection": "things"})

    def test_an_aggregation_gets_more(self):
        self.things.insert_many([{"_id": i} for i in range(10)])
        found = self.things.aggregate([{"$sort": {"_id": 1}}], batchSize=4)
        self.assertEqual([d["_id"] for d in found], list(range(10)))
        self.assertEqual(len(self.commands.named("getMore")), 2)


class Updates(NectarTestCase):
    def update(self, document, update, filter=None, **options):
        """Updates the one document and gives it back."""
        self.things.delete_many({})
        self.things.insert_one({"_id": 1, **document})
        self.things.update_one(filter or {"_id": 1}, update, **options)
        after = self.only()
        del after["_id"]
        return after

    def test_set_writes_fields_and_paths(self):
        self.assertEqual(self.update({"a": 1}, {"$set": {"a": 2, "b.c": 3}}), {"a": 2, "b": {"c": 3}})
        self.assertEqual(self.update({"a": [1, 2]}, {"$set": {"a.1": 5, "a.3": 6}}), {"a": [1, 5, None, 6]})

    def test_unset_removes_fields_and_nulls_elements(self):
        self.assertEqual(self.update({"a": 1, "b": {"c": 2, "d": 3}}, {"$unset": {"a": "", "b.c": 1}}), {"b": {"d": 3}})
        self.assertEqual(self.update({"a": [1, 2]}, {"$unset": {"a.0": ""}}), {"a": [None, 2]})

    def test_inc_adds_and_starts_at_zero(self):
        self.assertEqual(self.update({"a": 1}, {"$inc": {"a": 2, "b": -5}}), {"a": 3, "b": -5})
        self.assertEqual(self.update({"a": 2147483647}, {"$inc": {"a": 1}}), {"a": 2147483648})
        self.assertEqual(self.update({"a": 1}, {"$inc": {"a": 0.5}}), {"a": 1.5})

    def test_push_appends_and_makes_the_array(self):
        self.assertEqual(self.update({"a": [1]}, {"$push": {"a": 2, "b": [3]}}), {"a": [1, 2], "b": [[3]]})

    def test_push_each_takes_position_slice_and_sort(self):
        def push(array, **modifiers):
            modifiers = {f"${name}": value for name, value in modifiers.items()}
            return self.update({"a": array}, {"$push": {"a": modifiers}})["a"]

        self.assertEqual(push([1, 4], each=[2, 3], position=1), [1, 2, 3, 4])
        self.assertEqual(push([1, 4], each=[2], position=-1), [1, 2, 4])
        self.assertEqual(push([1, 2], each=[3, 4], slice=3), [1, 2, 3])
        self.assertEqual(push([1, 2], each=[3, 4], slice=-3), [2, 3, 4])
        self.assertEqual(push([1, 3], each=[2], sort=-1), [3, 2, 1])
        self.assertEqual(
            push([{"n": 2, "x": 1}], each=[{"n": 3}, {"n": 1}], sort={"n": 1}, slice=2), [{"n": 1}, {"n": 2, "x": 1}]
        )

    def test_pull_removes_values_and_what_meets_a_condition(self):
        self.assertEqual(self.update({"a": [1, 2, 1, 3]}, {"$pull": {"a": 1}}), {"a": [2, 3]})
        self.assertEqual(self.update({"a": [1, 5, 9]}, {"$pull": {"a": {"$gte": 5}}}), {"a": [1]})
        self.assertEqual(
            self.update({"a": [{"n": 1, "s": 8}, {"n": 2, "s": 5}]}, {"$pull": {"a": {"s": {"$gt": 6}}}}),
            {"a": [{"n": 2, "s": 5}]},
        )

    def test_add_to_set_adds_what_is_not_there(self):
        self.assertEqual(self.update({"a": [1]}, {"$addToSet": {"a": 1, "b": 2}}), {"a": [1], "b": [2]})
        self.assertEqual(self.update({"a": [1, 2]}, {"$addToSet": {"a": {"$each": [2, 3, 3]}}}), {"a": [1, 2, 3]})

    def test_rename_moves_a_field(self):
        self.assertEqual(self.update({"a": 1, "b": 2}, {"$rename": {"a": "c.d"}}), {"b": 2, "c": {"d": 1}})
        self.assertEqual(self.update({"b": 2}, {"$rename": {"a": "c"}}), {"b": 2})

    def test_min_and_max_keep_the_lesser_and_the_greater(self):
        self.assertEqual(self.update({"a": 5, "b": 5}, {"$min": {"a": 3, "b": 9}}), {"a": 3, "b": 5})
        self.assertEqual(self.update({"a": 5, "b": 5}, {"$max": {"a": 3, "b": 9, "c": 1}}), {"a": 5, "b": 9, "c": 1})

    def test_mul_multiplies_and_makes_a_missing_field_zero(self):
        self.assertEqual(self.update({"a": 3}, {"$mul": {"a": 2.5, "b": 4}}), {"a": 7.5, "b": 0})

    def test_current_date_writes_a_date_or_a_timestamp(self):
        after = self.update({}, {"$currentDate": {"a": True, "b": {"$type": "timestamp"}, "c": {"$type": "date"}}})
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        self.assertLess(abs(now - after["a"]), timedelta(minutes=1))
        self.assertIsInstance(after["b"], Timestamp)
        self.assertIsInstance(after["c"], datetime)

    def test_set_on_insert_writes_on_upserts_only(self):
        self.assertEqual(self.update({"a": 1}, {"$set": {"a": 2}, "$setOnInsert": {"b": 1}}, upsert=True), {"a": 2})
        self.things.delete_many({})
        self.things.update_one({"_id": 7}, {"$set": {"a": 2}, "$setOnInsert": {"b": 1}}, upsert=True)
        self.assertEqual(self.only(), {"_id": 7, "a": 2, "b": 1})

    def test_an_upsert_takes_what_the_filter_says(self):
        result = self.things.update_one({"a": 1, "b": {"$gt": 5}, "c.d": 2}, {"$inc": {"n": 1}}, upsert=True)
        self.assertEqual(result.matched_count, 0)
        self.assertIsInstance(result.upserted_id, ObjectId)
        self.assertEqual(self.only(), {"_id": result.upserted_id, "a": 1, "c": {"d": 2}, "n": 1})
        again = self.things.update_one({"a": 1}, {"$inc": {"n": 1}}, upsert=True)
        self.assertEqual((again.matched_count, again.modified_count, again.upserted_id), (1, 1, None))

    def test_an_update_tells_matched_from_modified(self):
        self.things.insert_many([{"_id": 1, "a": 1}, {"_id": 2, "a": 2}, {"_id": 3, "a": 2}])
        result = self.things.update_many({}, {"$set": {"a": 2}})
        self.assertEqual((result.matched_count, result.modified_count), (3, 1))
        result = self.things.update_one({"_id": 9}, {"$set": {"a": 2}})
        self.assertEqual((result.matched_count, result.modified_count), (0, 0))

    def test_update_one_touches_one_and_update_many_all(self):
        self.things.insert_many([{"_id": i, "a": 0} for i in range(3)])
        self.things.update_one({"a": 0}, {"$set": {"a": 1}})
        self.assertEqual(self.things.count_documents({"a": 1}), 1)
        self.things.update_many({}, {"$set": {"a": 2}})
        self.assertEqual(self.things.count_documents({"a": 2}), 3)

    def test_replace_one_keeps_the_id_only(self):
        self.things.insert_one({"_id": 1, "a": 1, "b": 2})
        result = self.things.replace_one({"a": 1}, {"c": 3})
        self.assertEqual((result.matched_count, result.modified_count), (1, 1))
        self.assertEqual(self.only(), {"_id": 1, "c": 3})
        result = self.things.replace_one({"_id": 2}, {"c": 4}, upsert=True)
        self.assertEqual(result.upserted_id, 2)
        self.assertEqual(self.ids({"c": {"$in": [3, 4]}}), [1, 2])

    def test_the_positional_operator_updates_the_element_that_matched(self):
        self.assertEqual(self.update({"a": [1, 5, 5]}, {"$set": {"a.$": 9}}, {"a": 5}), {"a": [1, 9, 5]})
        self.assertEqual(
            self.update({"a": [{"n": 1}, {"n": 2}]}, {"$set": {"a.$.m": 3}}, {"a": {"$elemMatch": {"n": 2}}}),
            {"a": [{"n": 1}, {"n": 2, "m": 3}]},
        )
        self.assert_fails(2, self.things.update_one, {"_id": 1}, {"$set": {"a.$": 1}})

    def test_the_all_positional_operator_updates_every_element(self):
        self.assertEqual(self.update({"a": [1, 2]}, {"$inc": {"a.$[]": 10}}), {"a": [11, 12]})
        self.assertEqual(
            self.update({"a": [{"n": 1}, {"n": 2}]}, {"$mul": {"a.$[].n": 2}}), {"a": [{"n": 2}, {"n": 4}]}
        )

    def test_array_filters_update_the_elements_they_choose(self):
        self.assertEqual(
            self.update({"a": [95, 102, 90]}, {"$set": {"a.$[x]": 100}}, array_filters=[{"x": {"$gte": 100}}]),
            {"a": [95, 100, 90]},
        )
        self.assertEqual(
            self.update(
                {"a": [{"n": 1, "s": 80}, {"n": 2, "s": 90}]},
                {"$set": {"a.$[x].s": 0}},
                array_filters=[{"x.s": {"$gt": 85}, "x.n": 2}],
            ),
            {"a": [{"n": 1, "s": 80}, {"n": 2, "s": 0}]},
        )

    def test_an_array_filter_that_nothing_uses_is_failed_to_parse(self):
        self.things.insert_one({"_id": 1, "a": [1]})
        self.assert_fails(9, self.things.update_one, {}, {"$set": {"b": 1}}, array_filters=[{"x": 1}])

    def test_a_bulk_write_mixes_operations(self):
        result = self.things.bulk_write(
            [
                InsertOne({"_id": 1, "a": 1}),
                InsertOne({"_id": 2, "a": 1}),
                UpdateOne({"_id": 1}, {"$set": {"a": 5}}),
                UpdateMany({}, {"$inc": {"a": 1}}),
                ReplaceOne({"_id": 3}, {"a": 9}, upsert=True),
                DeleteOne({"_id": 2}),
                DeleteMany({"a": 100}),
            ]
        )
        self.assertEqual((result.inserted_count, result.modified_count, result.deleted_count), (2, 3, 1))
        self.assertEqual(result.upserted_ids, {4: 3})
        self.assertEqual(list(self.things.find().sort("_id", 1)), [{"_id": 1, "a": 6}, {"_id": 3, "a": 9}])


class Deletes(NectarTestCase):
    def test_delete_one_takes_one_and_delete_many_all_that_match(self):
        self.things.insert_many([{"_id": i, "a": i % 2} for i in range(6)])
        self.assertEqual(self.things.delete_one({"a": 1}).deleted_count, 1)
        self.assertEqual(self.things.delete_many({"a": 1}).deleted_count, 2)
        self.assertEqual(self.things.delete_one({"a": 1}).deleted_count, 0)
        self.assertEqual(self.ids({}), [0, 2, 4])
        self.assertEqual(self.things.delete_many({}).deleted_count, 3)


class FindAndModify(NectarTestCase):
    def setUp(self):
        super().setUp()
        self.things.insert_many([{"_id": i, "a": i, "b": 0} for i in (1, 2, 3)])

    def test_find_one_and_update_gives_the_document_before_or_after(self):
        update = {"$inc": {"a": 10}}
        self.assertEqual(self.things.find_one_and_update({"_id": 1}, update), {"_id": 1, "a": 1, "b": 0})
        after = self.things.find_one_and_update({"_id": 1}, update, return_document=ReturnDocument.AFTER)
        self.assertEqual(after, {"_id": 1, "a": 21, "b": 0})
        self.assertIsNone(self.things.find_one_and_update({"_id": 9}, update))

    def test_find_one_and_update_takes_sort_and_projection(self):
        found = self.things.find_one_and_update({}, {"$set": {"b": 1}}, sort=[("a", -1)], projection={"a": 1, "_id": 0})
        self.assertEqual(found, {"a": 3})
        self.assertEqual(self.ids({"b": 1}), [3])

    def test_find_one_and_update_upserts(self):
        self.assertIsNone(self.things.find_one_and_update({"_id": 7}, {"$set": {"a": 7}}, upsert=True))
        after = self.things.find_one_and_update(
            {"_id": 8}, {"$set": {"a": 8}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        self.assertEqual(after, {"_id": 8, "a": 8})
        self.assertEqual(self.ids({"a": {"$gte": 7}}), [7, 8])

    def test_find_one_and_replace_gives_the_document_before_or_after(self):
        self.assertEqual(self.things.find_one_and_replace({"_id": 1}, {"c": 1}), {"_id": 1, "a": 1, "b": 0})
        after = self.things.find_one_and_replace({"_id": 1}, {"c": 2}, return_document=ReturnDocument.AFTER)
        self.assertEqual(after, {"_id": 1, "c": 2})

    def test_find_one_and_delete_gives_the_document(self):
        self.assertEqual(self.things.find_one_and_delete({}, sort=[("a", -1)]), {"_id": 3, "a": 3, "b": 0})
        self.assertIsNone(self.things.find_one_and_delete({"_id": 3}))
        self.assertEqual(self.ids({}), [1, 2])


class CountsAndDistinct(NectarTestCase):
    def test_count_documents_counts_what_matches(self):
        self.things.insert_many([{"a": i % 3} for i in range(10)])
        self.assertEqual(self.things.count_documents({}), 10)
        self.assertEqual(self.things.count_documents({"a": 0}), 4)
        self.assertEqual(self.things.count_documents({}, skip=8, limit=5), 2)
        self.assertEqual(self.db["nothing"].count_documents({}), 0)

    def test_estimated_document_count_counts_all(self):
        self.things.insert_many([{} for _ in range(7)])
        self.assertEqual(self.things.estimated_document_count(), 7)
        self.assertEqual(self.db["nothing"].estimated_document_count(), 0)

    def test_distinct_opens_arrays_and_takes_a_filter(self):
        self.things.insert_many([{"a": 1, "b": {"c": "x"}}, {"a": [2, 1], "b": {"c": "y"}}, {"a": 1.0}, {"b": 1}])
        self.assertEqual(sorted(self.things.distinct("a")), [1, 2])
        self.assertEqual(sorted(self.things.distinct("b.c")), ["x", "y"])
        self.assertEqual(self.things.distinct("b.c", {"a": 2}), ["y"])
        self.assertEqual(self.things.distinct("nothing"), [])


class Aggregations(NectarTestCase):
    def setUp(self):
        super().setUp()
        self.things.insert_many(
            [
                {"_id": 1, "kind": "a", "n": 5, "tags": ["x", "y"]},
                {"_id": 2, "kind": "b", "n": 3, "tags": []},
                {"_id": 3, "kind": "a", "n": 2, "tags": ["x"]},
                {"_id": 4, "kind": "b", "n": 8},
            ]
        )

    def test_match_filters(self):
        found = self.aggregate({"$match": {"n": {"$gt": 4}}}, {"$sort": {"_id": 1}})
        self.assertEqual([document["_id"] for document in found], [1, 4])

    def test_project_includes_excludes_and_computes(self):
        first = {"$match": {"_id": 1}}
        self.assertEqual(self.aggregate(first, {"$project": {"n": 1}}), [{"_id": 1, "n": 5}])
        self.assertEqual(self.aggregate(first, {"$project": {"tags": 0, "_id": 0}}), [{"kind": "a", "n": 5}])
        self.assertEqual(
            self.aggregate(first, {"$project": {"_id": 0, "k": "$kind", "m": {"$multiply": ["$n", 2]}}}),
            [{"k": "a", "m": 10}],
        )

    def test_add_fields_adds_and_replaces(self):
        self.assertEqual(
            self.aggregate(
                {"$match": {"_id": 2}},
                {"$addFields": {"n": {"$add": ["$n", 1]}, "s": {"$concat": ["$kind", "!"]}, "o.p": "$_id"}},
            ),
            [{"_id": 2, "kind": "b", "n": 4, "tags": [], "s": "b!", "o": {"p": 2}}],
        )

    def test_group_sums_averages_and_finds_extremes(self):
        group = {
            "_id": "$kind",
            "sum": {"$sum": "$n"},
            "count": {"$sum": 1},
            "avg": {"$avg": "$n"},
            "min": {"$min": "$n"},
            "max": {"$max": "$n"},
        }
        self.assertEqual(
            self.aggregate({"$group": group}, {"$sort": {"_id": 1}}),
            [
                {"_id": "a", "sum": 7, "count": 2, "avg": 3.5, "min": 2, "max": 5},
                {"_id": "b", "sum": 11, "count": 2, "avg": 5.5, "min": 3, "max": 8},
            ],
        )

    def test_group_takes_the_first_and_last_of_a_sorted_input(self):
        self.assertEqual(
            self.aggregate(
                {"$sort": {"n": 1}},
                {"$group": {"_id": "$kind", "first": {"$first": "$n"}, "last": {"$last": "$_id"}}},
                {"$sort": {"_id": 1}},
            ),
            [{"_id": "a", "first": 2, "last": 1}, {"_id": "b", "first": 3, "last": 4}],
        )

    def test_group_pushes_and_adds_to_sets(self):
        group = {"_id": None, "ids": {"$push": "$_id"}, "kinds": {"$addToSet": "$kind"}, "t": {"$push": "$tags"}}
        (all_of_it,) = self.aggregate({"$sort": {"_id": 1}}, {"$group": group})
        self.assertEqual(all_of_it["ids"], [1, 2, 3, 4])
        self.assertEqual(sorted(all_of_it["kinds"]), ["a", "b"])
        self.assertEqual(all_of_it["t"], [["x", "y"], [], ["x"]])

    def test_group_takes_a_compound_key(self):
        found = self.aggregate(
            {"$group": {"_id": {"kind": "$kind", "big": {"$gte": ["$n", 4]}}, "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}
        )
        self.assertEqual(
            found,
            [
                {"_id": {"kind": "a", "big": False}, "n": 1},
                {"_id": {"kind": "a", "big": True}, "n": 1},
                {"_id": {"kind": "b", "big": False}, "n": 1},
                {"_id": {"kind": "b", "big": True}, "n": 1},
            ],
        )

    def test_sort_skip_and_limit_follow_each_other(self):
        self.assertEqual([d["n"] for d in self.aggregate({"$sort": {"n": -1}}, {"$skip": 1}, {"$limit": 2})], [5, 3])

    def test_unwind_gives_a_document_for_each_element(self):
        found = self.aggregate({"$unwind": "$tags"}, {"$sort": {"_id": 1, "tags": 1}})
        self.assertEqual([(d["_id"], d["tags"]) for d in found], [(1, "x"), (1, "y"), (3, "x")])

    def test_unwind_keeps_the_empty_and_the_index_when_asked(self):
        unwind = {"path": "$tags", "preserveNullAndEmptyArrays": True, "includeArrayIndex": "i"}
        found = self.aggregate({"$unwind": unwind}, {"$sort": {"_id": 1, "i": 1}}, {"$project": {"tags": 1, "i": 1}})
        self.assertEqual(
            found,
            [
                {"_id": 1, "tags": "x", "i": 0},
                {"_id": 1, "tags": "y", "i": 1},
                {"_id": 2, "i": None},
                {"_id": 3, "tags": "x", "i": 0},
                {"_id": 4, "i": None},
            ],
        )

    def test_lookup_joins_by_equality(self):
        self.db["kinds"].insert_many([{"_id": "a", "name": "A"}, {"_id": "c", "name": "C"}, {"_id": "x", "name": "X"}])

        def lookup(local):
            return {"$lookup": {"from": "kinds", "localField": local, "foreignField": "_id", "as": "found"}}

        joined = self.aggregate(lookup("kind"), {"$sort": {"_id": 1}})
        self.assertEqual(
            [d["found"] for d in joined], [[{"_id": "a", "name": "A"}], [], [{"_id": "a", "name": "A"}], []]
        )
        joined = self.aggregate({"$match": {"_id": 1}}, lookup("tags"))
        self.assertEqual(joined[0]["found"], [{"_id": "x", "name": "X"}])

    def test_count_counts_and_says_nothing_of_nothing(self):
        self.assertEqual(self.aggregate({"$match": {"kind": "a"}}, {"$count": "n"}), [{"n": 2}])
        self.assertEqual(self.aggregate({"$match": {"kind": "z"}}, {"$count": "n"}), [])


class Indexes(NectarTestCase):
    def test_an_index_is_named_after_its_keys(self):
        self.assertEqual(self.things.create_index("a"), "a_1")
        self.assertEqual(self.things.create_index([("a", 1), ("b.c", -1)]), "a_1_b.c_-1")
        self.assertEqual(self.things.create_index("b", name="mine"), "mine")
        self.assertEqual(self.things.create_index("a"), "a_1")

    def test_list_indexes_shows_keys_and_options(self):
        self.things.create_indexes([IndexModel([("a", 1), ("b", -1)]), IndexModel("c", unique=True)])
        listed = {index["name"]: index for index in self.things.list_indexes()}
        self.assertEqual(list(listed), ["_id_", "a_1_b_-1", "c_1"])
        self.assertEqual(list(listed["a_1_b_-1"]["key"].items()), [("a", 1), ("b", -1)])
        self.assertEqual(listed["_id_"]["key"], {"_id": 1})
        self.assertTrue(listed["c_1"]["unique"])
        self.assertNotIn("unique", listed["a_1_b_-1"])
        self.assertEqual({index["v"] for index in listed.values()}, {2})

    def test_a_unique_index_refuses_a_second_one(self):
        self.things.create_index([("a", 1), ("b", 1)], unique=True)
        self.things.insert_many([{"_id": 1, "a": 1, "b": 1}, {"_id": 2, "a": 1, "b": 2}])
        with self.assertRaises(DuplicateKeyError) as caught:
            self.things.insert_one({"a": 1, "b": 2})
        self.assertEqual(caught.exception.details["keyPattern"], {"a": 1, "b": 1})
        self.assertEqual(caught.exception.details["keyValue"], {"a": 1, "b": 2})
        self.assert_fails(11000, self.things.update_one, {"_id": 1}, {"$set": {"b": 2}})
        self.assertEqual(self.things.find_one({"_id": 1})["b"], 1)

    def test_a_unique_index_is_not_made_over_duplicates(self):
        self.things.insert_many([{"a": 1}, {"a": 1}])
        self.assert_fails(11000, self.things.create_index, "a", unique=True)
        self.assertEqual(list(self.things.index_information()), ["_id_"])

    def test_an_index_changes_no_answer(self):
        self.things.insert_many([{"_id": i, "a": [i % 7, i % 5], "b": i % 3} for i in range(60)])
        filters = [{"a": 3}, {"a": {"$gt": 2, "$lt": 4}}, {"a": {"$in": [0, 6]}, "b": {"$gte": 1}}, {"b": None}]
        before = [self.ids(filter) for filter in filters]
        self.things.create_index([("a", 1), ("b", -1)])
        self.things.create_index("b")
        self.assertEqual([self.ids(filter) for filter in filters], before)

    def test_drop_index_takes_a_name_or_keys(self):
        self.things.create_index("a")
        self.things.create_index([("b", -1)])
        self.things.drop_index("a_1")
        self.things.drop_index([("b", -1)])
        self.assertEqual(list(self.things.index_information()), ["_id_"])

    def test_drop_indexes_leaves_the_id(self):
        self.things.create_index("a")
        self.things.create_index("b")
        self.things.drop_indexes()
        self.assertEqual(list(self.things.index_information()), ["_id_"])


class CollectionsAndDatabases(NectarTestCase):
    def test_create_collection_makes_an_empty_one(self):
        self.db.create_collection("empty")
        self.assertEqual(self.db.list_collection_names(), ["empty"])
        (listed,) = self.db.list_collections()
        self.assertEqual((listed["name"], listed["type"]), ("empty", "collection"))
        with self.assertRaises(CollectionInvalid):
            self.db.create_collection("empty")

    def test_list_collection_names_takes_a_filter(self):
        for name in ("b", "a", "dotted.name"):
            self.db[name].insert_one({})
        self.assertEqual(sorted(self.db.list_collection_names()), ["a", "b", "dotted.name"])
        self.assertEqual(self.db.list_collection_names(filter={"name": "a"}), ["a"])

    def test_drop_removes_documents_and_indexes(self):
        self.things.insert_one({"a": 1})
        self.things.create_index("a")
        self.things.drop()
        self.assertEqual(self.db.list_collection_names(), [])
        self.things.insert_one({"_id": 1})
        self.assertEqual(list(self.things.index_information()), ["_id_"])
        self.db["nothing"].drop()

    def test_a_database_comes_with_its_first_document_and_goes_when_dropped(self):
        self.assertNotIn(self.db.name, self.client.list_database_names())
        self.things.insert_one({})
        self.assertIn(self.db.name, self.client.list_database_names())
        self.client.drop_database(self.db.name)
        self.assertNotIn(self.db.name, self.client.list_database_names())
        self.assertEqual(self.things.count_documents({}), 0)


class ServerCommands(NectarTestCase):
    def test_hello_and_is_master_describe_a_primary(self):
        for name, flag in (("hello", "isWritablePrimary"), ("isMaster", "ismaster"), ("ismaster", "ismaster")):
            reply = self.client.admin.command(name)
            self.assertIs(reply[flag], True)
            self.assertEqual(reply["maxBsonObjectSize"], 16 * 1024 * 1024)
            self.assertEqual(reply["maxMessageSizeBytes"], 48_000_000)
            self.assertEqual(reply["maxWriteBatchSize"], 100_000)
            self.assertEqual(reply["minWireVersion"], 0)
            self.assertGreaterEqual(reply["maxWireVersion"], 21)
            self.assertEqual(reply["logicalSessionTimeoutMinutes"], 30)
            self.assertIs(reply["readOnly"], False)
            self.assertIsInstance(reply["localTime"], datetime)
            self.assertEqual(reply["ok"], 1)

    def test_ping_is_answered(self):
        self.assertEqual(self.client.admin.command("ping")["ok"], 1)
        self.assertEqual(self.db.command("ping")["ok"], 1)

    def test_build_info_tells_the_version(self):
        for name in ("buildInfo", "buildinfo"):
            reply = self.client.admin.command(name)
            self.assertEqual(len(reply["versionArray"]), 4)
            self.assertEqual(reply["version"].split(".")[0], str(reply["versionArray"][0]))
            self.assertEqual(reply["maxBsonObjectSize"], 16 * 1024 * 1024)
            self.assertIsInstance(reply["gitVersion"], str)
        self.assertEqual(self.client.server_info()["ok"], 1)

    def test_server_status_tells_its_state(self):
        reply = self.client.admin.command("serverStatus")
        self.assertEqual(reply["version"], self.client.server_info()["version"])
        self.assertGreaterEqual(reply["uptime"], 0)
        self.assertGreaterEqual(reply["connections"]["current"], 1)
        for name in ("host", "process", "pid", "localTime", "opcounters"):
            self.assertIn(name, reply)

    def test_get_cmd_line_opts_tells_how_it_was_started(self):
        reply = self.client.admin.command("getCmdLineOpts")
        self.assertIsInstance(reply["argv"], list)
        self.assertIsInstance(reply["parsed"], dict)

    def test_get_parameter_gives_one_or_all(self):
        everything = self.client.admin.command({"getParameter": "*"})
        self.assertEqual(everything["ok"], 1)
        self.assertIn("version", everything["featureCompatibilityVersion"])
        one = self.client.admin.command({"getParameter": 1, "featureCompatibilityVersion": 1})
        self.assertEqual(one["featureCompatibilityVersion"], everything["featureCompatibilityVersion"])

    def test_connection_status_tells_who_is_logged_in(self):
        reply = self.client.admin.command("connectionStatus")
        self.assertIsInstance(reply["authInfo"]["authenticatedUsers"], list)
        self.assertIsInstance(reply["authInfo"]["authenticatedUserRoles"], list)


class Explains(NectarTestCase):
    def setUp(self):
        super().setUp()
        # 5 values of a, under each 20 of b.
        self.things.insert_many([{"a": a, "b": b, "c": a * 20 + b} for a in range(5) for b in range(20)])
        self.things.create_index([("a", 1), ("b", 1)])

    def explain(self, filter, sort=None, verbosity="queryPlanner"):
        find = {"find": "things", "filter": filter}
        if sort:
            find["sort"] = dict(sort)
        return self.db.command("explain", find, verbosity=verbosity)

    def stages(self, explained):
        """The winning plan's stages by name, outermost first."""
        self.assertEqual(explained["queryPlanner"]["namespace"], f"{self.db.name}.things")
        plan = explained["queryPlanner"]["winningPlan"]
        found, pending = {}, [plan.get("queryPlan", plan)]
        while pending:
            stage = pending.pop()
            found[stage["stage"]] = stage
            pending += [stage["inputStage"]] if "inputStage" in stage else stage.get("inputStages", [])
        return found

    def bounds(self, filter, sort=None):
        scan = self.stages(self.explain(filter, sort))["IXSCAN"]
        self.assertEqual(scan["indexName"], "a_1_b_1")
        self.assertEqual(list(scan["keyPattern"].items()), [("a", 1), ("b", 1)])
        return scan["indexBounds"]

    def test_a_filter_without_an_index_scans_the_collection(self):
        stages = self.stages(self.explain({"c": 7}))
        self.assertIn("COLLSCAN", stages)
        self.assertNotIn("IXSCAN", stages)

    def test_equality_shows_its_point(self):
        self.assertEqual(self.bounds({"a": 1}), {"a": ["[1, 1]"], "b": ["[MinKey, MaxKey]"]})
        self.assertEqual(self.bounds({"a": 1, "b": 2}), {"a": ["[1, 1]"], "b": ["[2, 2]"]})
        self.assertEqual(list(self.stages(self.explain({"a": 1}))), ["FETCH", "IXSCAN"])

    def test_a_range_shows_its_open_and_closed_ends(self):
        self.assertEqual(self.bounds({"a": 1, "b": {"$gt": 2, "$lte": 7}}), {"a": ["[1, 1]"], "b": ["(2, 7]"]})
        self.assertEqual(self.bounds({"a": {"$gte": 3}}), {"a": ["[3, inf.0]"], "b": ["[MinKey, MaxKey]"]})
        self.assertEqual(self.bounds({"a": {"$lt": 3}}), {"a": ["[-inf.0, 3)"], "b": ["[MinKey, MaxKey]"]})

    def test_in_shows_its_points_in_order(self):
        self.assertEqual(
            self.bounds({"a": {"$in": [3, 1, 3]}, "b": {"$gte": 5, "$lt": 8}}),
            {"a": ["[1, 1]", "[3, 3]"], "b": ["[5, 8)"]},
        )

    def test_a_sort_on_compound_keys_comes_from_the_index(self):
        stages = self.stages(self.explain({"a": 1}, [("b", 1)]))
        self.assertNotIn("SORT", stages)
        self.assertEqual(stages["IXSCAN"]["direction"], "forward")
        stages = self.stages(self.explain({"a": 1}, [("b", -1)]))
        self.assertNotIn("SORT", stages)
        self.assertEqual(stages["IXSCAN"]["direction"], "backward")
        self.assertEqual(stages["IXSCAN"]["indexBounds"], {"a": ["[1, 1]"], "b": ["[MaxKey, MinKey]"]})
        stages = self.stages(self.explain({}, [("a", -1), ("b", -1)]))
        self.assertNotIn("SORT", stages)
        self.assertEqual(stages["IXSCAN"]["direction"], "backward")

    def test_a_sort_that_no_index_gives_is_a_stage(self):
        self.assertIn("SORT", self.stages(self.explain({"a": 1}, [("c", 1)])))
        self.assertIn("SORT", self.stages(self.explain({}, [("a", 1), ("b", -1)])))

    def test_execution_stats_count_keys_and_documents(self):
        def counts(filter):
            stats = self.explain(filter, verbosity="executionStats")["executionStats"]
            self.assertIs(stats["executionSuccess"], True)
            return [stats[name] for name in ("nReturned", "totalKeysExamined", "totalDocsExamined")]

        self.assertEqual(counts({"a": 1}), [20, 20, 20])
        self.assertEqual(counts({"a": 1, "b": {"$gte": 5, "$lt": 8}}), [3, 3, 3])
        self.assertEqual(counts({"a": 2, "c": 45}), [1, 20, 20])
        self.assertEqual(counts({"c": 45}), [1, 0, 100])

    def test_execution_stats_skip_between_points(self):
        stats = self.explain({"a": {"$in": [1, 3]}, "b": 5}, verbosity="executionStats")["executionStats"]
        self.assertEqual((stats["nReturned"], stats["totalDocsExamined"]), (2, 2))
        # A key or two where a point ends, never the twenty of one value.
        self.assertLessEqual(stats["totalKeysExamined"], 5)

    def test_a_cursor_explains_itself(self):
        explained = self.things.find({"a": 1}).sort("b", 1).explain()
        self.assertIn("IXSCAN", self.stages(explained))
        self.assertEqual(explained["executionStats"]["nReturned"], 20)


class Sessions(NectarTestCase):
    def test_operations_run_in_a_session(self):
        with self.client.start_session() as session:
            self.assertIsNotNone(session.session_id)
            self.things.insert_many([{"_id": i} for i in range(10)], session=session)
            found = self.things.find(session=session).sort("_id", 1).batch_size(4)
            self.assertEqual([document["_id"] for document in found], list(range(10)))
            self.things.update_one({"_id": 1}, {"$set": {"a": 1}}, session=session)
            self.things.delete_one({"_id": 2}, session=session)
            self.assertEqual(self.things.count_documents({}, session=session), 9)
            self.assertEqual(self.things.distinct("a", session=session), [1])

    def test_a_session_can_be_ended(self):
        with self.client.start_session() as session:
            self.things.insert_one({}, session=session)
            reply = self.client.admin.command({"endSessions": [session.session_id]})
            self.assertEqual(reply["ok"], 1)


class Errors(NectarTestCase):
    def setUp(self):
        super().setUp()
        self.things.insert_one({"_id": 1, "s": "text", "n": 1})

    def test_every_error_has_a_code_and_its_name(self):
        error = self.assert_fails(59, self.db.command, "noSuchCommand")
        self.assertEqual(error.details["codeName"], "CommandNotFound")
        self.assertEqual(error.details["ok"], 0)
        self.assertEqual(error.details["errmsg"], "no such command: 'noSuchCommand'")

    def test_an_unknown_operator_in_a_filter_is_bad_value(self):
        self.assertIn("$nope", str(self.assert_fails(2, self.things.find_one, {"a": {"$nope": 1}})))
        self.assertIn("$nope", str(self.assert_fails(2, self.things.find_one, {"$nope": [{"a": 1}]})))

    def test_a_wrong_argument_of_an_operator_is_bad_value(self):
        self.assert_fails(2, self.things.find_one, {"a": {"$in": 5}})
        self.assert_fails(2, self.things.find_one, {"$or": {}})
        self.assert_fails(2, self.things.find_one, {"$and": []})
        self.assert_fails(2, self.things.update_one, {"_id": 1}, {"$push": {"n": 1}})

    def test_an_unknown_update_operator_is_failed_to_parse(self):
        self.assertIn("$nope", str(self.assert_fails(9, self.things.update_one, {}, {"$nope": {"a": 1}})))

    def test_an_update_operator_without_fields_is_failed_to_parse(self):
        self.assert_fails(9, self.things.update_one, {}, {"$set": 5})

    def test_a_wrong_type_is_type_mismatch(self):
        self.assert_fails(14, self.things.update_one, {"_id": 1}, {"$inc": {"s": 1}})
        self.assert_fails(14, self.things.update_one, {"_id": 1}, {"$mul": {"n": "2"}})
        self.assert_fails(14, self.db.command, {"find": "things", "filter": 5})

    def test_a_collection_that_is_not_there_is_namespace_not_found(self):
        self.assert_fails(26, self.db.command, "listIndexes", "nothing")
        self.assert_fails(26, self.db.command, "dropIndexes", "nothing", index="a_1")

    def test_an_index_that_is_not_there_is_index_not_found(self):
        self.assert_fails(27, self.things.drop_index, "a_1")

    def test_a_path_through_a_number_is_path_not_viable(self):
        self.assert_fails(28, self.things.update_one, {"_id": 1}, {"$set": {"n.a": 1}})

    def test_two_updates_of_one_path_conflict(self):
        self.assert_fails(40, self.things.update_one, {}, {"$set": {"a": 1}, "$inc": {"a": 1}})
        self.assert_fails(40, self.things.update_one, {}, {"$set": {"a.b": 1, "a": 1}})

    def test_the_id_is_immutable(self):
        self.assert_fails(66, self.things.update_one, {"_id": 1}, {"$set": {"_id": 2}})
        self.assert_fails(66, self.things.replace_one, {"_id": 1}, {"_id": 2})
        self.assertEqual(self.things.update_one({"_id": 1}, {"$set": {"_id": 1}}).matched_count, 1)

    def test_a_cursor_that_is_not_there_is_cursor_not_found(self):
        self.assert_fails(43, self.db.command, {"getMore": Int64(1234567890), "collection": "things"})

    def test_unknown_names_in_a_pipeline_are_errors(self):
        self.assertIn("$nope", str(self.assert_fails(40324, self.aggregate, {"$nope": 1})))
        self.assertIn("$nope", str(self.assert_fails(168, self.aggregate, {"$addFields": {"a": {"$nope": 1}}})))
        self.assert_fails(15952, self.aggregate, {"$group": {"_id": 1, "a": {"$nope": 1}}})
        self.assert_fails(15955, self.aggregate, {"$group": {"a": {"$sum": 1}}})

    def test_a_failed_update_changes_nothing(self):
        self.assert_fails(14, self.things.update_one, {"_id": 1}, {"$set": {"n": 5}, "$inc": {"s": 1}})
        self.assertEqual(self.only(), {"_id": 1, "s": "text", "n": 1})


class GridFS(NectarTestCase):
    def test_a_megabyte_goes_in_and_comes_back(self):
        data = os.urandom(1024 * 1024)
        files = gridfs.GridFS(self.db)
        file_id = files.put(data, filename="bees/honey.bin", metadata={"kind": "test"})
        stored = files.get(file_id)
        self.assertEqual(stored.length, len(data))
        self.assertEqual((stored.filename, stored.metadata), ("bees/honey.bin", {"kind": "test"}))
        self.assertEqual(stored.read(), data)
        stored.seek(500_000)
        self.assertEqual(stored.read(1000), data[500_000:501_000])
        self.assertEqual(self.db["fs.chunks"].count_documents({"files_id": file_id}), 5)
        self.assertEqual(files.list(), ["bees/honey.bin"])
        self.assertIn("filename_1_uploadDate_1", self.db["fs.files"].index_information())
        self.assertTrue(self.db["fs.chunks"].index_information()["files_id_1_n_1"]["unique"])

    def test_revisions_are_counted_from_both_ends(self):
        files = gridfs.GridFS(self.db)
        uploaded = datetime(2024, 1, 1)
        for number, data in enumerate((b"one", b"two", b"three")):
            file_id = files.put(data, filename="f")
            # The client stamps the upload itself; days apart, the order does not hang on the clock's resolution.
            date = {"$set": {"uploadDate": uploaded + timedelta(days=number)}}
            self.db["fs.files"].update_one({"_id": file_id}, date)
        self.assertEqual(files.get_last_version("f").read(), b"three")
        self.assertEqual(files.get_version("f", 0).read(), b"one")
        self.assertEqual(files.get_version("f", -2).read(), b"two")

    def test_a_deleted_file_leaves_no_chunk(self):
        files = gridfs.GridFS(self.db)
        file_id = files.put(b"x" * 300_000)
        files.delete(file_id)
        self.assertFalse(files.exists(file_id))
        self.assertEqual(self.db["fs.chunks"].count_documents({}), 0)


if __name__ == "__main__":
    if not URI:
        sys.exit("NECTAR_URI is not set: give the address of a running `nectar serve`, as mongodb://127.0.0.1:27017")
    unittest.main()
