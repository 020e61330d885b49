# PyMongo at the works that DriverBenchmarks measures: "work seconds processor-seconds" a line, for one call each.
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import bson
import pymongo
from bson import ObjectId

uri, count, only = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
works = {work: int(calls) for work, calls in (argument.split("=") for argument in only)}
client = pymongo.MongoClient(uri)
books = client["bench"]["books"]
threads = ThreadPoolExecutor(64)
stored = list(books.find())


def find_one(calls):
    for i in range(calls):
        assert books.find_one({"_id": ObjectId("%024x" % (i * 7919 % count + 1))})["title"]


def find(calls, limit):
    for _ in range(calls):
        assert len(list(books.find({}, limit=limit))) == (limit or count)


def insert(calls):
    client["bench"]["pymongo"].insert_many(stored)


def concurrent(calls):
    for _ in threads.map(find_one, [calls // 64] * 64):
        pass


run = {
    "findOne": find_one,
    "find100": lambda calls: find(calls, 100),
    "cursor": lambda calls: find(calls, 0),
    "insertMany": insert,
    "concurrent": concurrent,
}


def processor():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


print(pymongo.version, "with its C extension" if bson.has_c() else "without its C extension")
for work, calls in works.items():
    best = [float("inf")] * 2
    for round in range(3):
        if work == "insertMany":
            client["bench"]["pymongo"].drop()
        start, used = time.perf_counter(), processor()
        run[work](calls)
        taken = time.perf_counter() - start, processor() - used
        if round:
            best = [min(old, new / calls) for old, new in zip(best, taken)]
    print(work, *best)
