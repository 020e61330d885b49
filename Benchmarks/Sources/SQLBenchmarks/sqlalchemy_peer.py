"""What SQLBenchmarks does, with SQLAlchemy Core: usage: sqlalchemy_peer.py URL ROUNDS."""
import sys
import time

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, event, select

url, rounds = sys.argv[1], int(sys.argv[2])
engine = create_engine(url, pool_pre_ping=False)
if url.startswith("sqlite"):

    @event.listens_for(engine, "connect")
    def same_journal(connection, record):
        # The journal and the syncing that SQLTables uses, so that the disk's share is the same.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")


metadata = MetaData()
developers = Table(
    "bench_developers", metadata, Column("id", Integer, primary_key=True), Column("first_name", String(255)),
    Column("last_name", String(255)), Column("expert", String(255)))
metadata.drop_all(engine)
metadata.create_all(engine)


def timed(name, rounds, body):
    for number in range(rounds // 10):
        body(number)
    start = time.perf_counter()
    for number in range(rounds):
        body(number)
    print(f"{name}\t{(time.perf_counter() - start) * 1e6 / rounds}")


def insert(number):
    with engine.begin() as connection:
        row = {"first_name": f"first {number}", "last_name": f"last {number}", "expert": "Swift"}
        connection.execute(developers.insert().values(**row))


def get(number):
    with engine.connect() as connection:
        assert connection.execute(select(developers).where(developers.c.id == number % rounds + 1)).one()


def listing(number):
    with engine.connect() as connection:
        assert len(connection.execute(select(developers).order_by(developers.c.id).limit(100)).all()) == 100


def update(number):
    with engine.begin() as connection:
        connection.execute(
            developers.update().where(developers.c.id == number % rounds + 1).values(expert=f"e{number}"))


timed("insert", rounds, insert)
timed("get", rounds, get)
timed("list of 100", rounds // 10, listing)
# SQLAlchemy has one kind of rows; the second measurement stands beside SQLTables' second kind.
timed("get, @Row", rounds, get)
timed("list, @Row", rounds // 10, listing)
timed("update", rounds, update)
metadata.drop_all(engine)
