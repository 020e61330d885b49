"""What PyMongo's bson, with its C extension, does with the documents of the benchmark.

Reads `NAME.bson` files from the folder given, and prints a line `NAME WORK NANOSECONDS` for each measurement.
"""

import sys
import threading
import time
from pathlib import Path

import bson
import pymongo
from bson import json_util

# In each of several processes, as `Comparison` runs it.
ROUNDS = 6
SECONDS_A_ROUND = 0.02


def best(work):
    """Nanoseconds of the processor a call, of the best round."""
    calls = 1
    while True:
        start = time.thread_time()
        for _ in range(calls):
            work()
        taken = time.thread_time() - start
        if taken >= SECONDS_A_ROUND / 2:
            break
        calls *= 2
    fastest = taken / calls
    for _ in range(ROUNDS):
        start = time.thread_time()
        for _ in range(calls):
            work()
        fastest = min(fastest, (time.thread_time() - start) / calls)
    return fastest * 1e9


def main(folder):
    # A second thread, as the other sides have: see `Comparison`.
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    print("version", pymongo.version, "C" if bson.has_c() else "Python")
    for path in sorted(Path(folder).glob("*.bson")):
        data = path.read_bytes()
        document = bson.decode(data)
        text = json_util.dumps(document, json_options=json_util.CANONICAL_JSON_OPTIONS)
        works = {
            "encode": lambda: bson.encode(document),
            "decode": lambda: bson.decode(data),
            "write-canonical": lambda: json_util.dumps(document, json_options=json_util.CANONICAL_JSON_OPTIONS),
            "write-relaxed": lambda: json_util.dumps(document, json_options=json_util.RELAXED_JSON_OPTIONS),
            "read-canonical": lambda: json_util.loads(text, json_options=json_util.CANONICAL_JSON_OPTIONS),
        }
        for name, work in works.items():
            print(path.stem, name, f"{best(work):.1f}", flush=True)


main(sys.argv[1])
