"""PyMongo logs in to a running `nectar serve --auth`: users, passwords, mechanisms and roles, with somebody else's SCRAM.

The expectations are MongoDB's behaviour, so the file can be run against a fresh `mongod --auth` too:

    NECTAR_URI=mongodb://127.0.0.1:27017 python3 Tests/PyMongo/test_login.py -v

The server must have no users yet: the tests run in the order of their names, and the first makes the first user. A Swift
test of MongoServerTests starts the server and runs it.
"""

import os
import sys
import unittest

from pymongo import MongoClient
from pymongo.errors import OperationFailure

URI = os.environ.get("NECTAR_URI")
UNAUTHORIZED, FAILED, NO_USER, NO_ROLE, EXISTS = 13, 18, 11, 31, 51003


def connect(user=None, password=None, source="admin", **options):
    """A client with one connection, so that a login is not made anew behind a test's back."""
    if user is not None:
        options |= {"username": user, "password": password, "authSource": source}
    return MongoClient(URI, maxPoolSize=1, serverSelectionTimeoutMS=5000, **options)


def who(client):
    return client.admin.command("connectionStatus")["authInfo"]["authenticatedUsers"]


class LoginTests(unittest.TestCase):
    def refused(self, code, work):
        with self.assertRaises(OperationFailure) as caught:
            work()
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception

    def setUp(self):
        self.root = connect("root", "r00t")
        self.addCleanup(self.root.close)

    def client(self, *arguments, **options):
        client = connect(*arguments, **options)
        self.addCleanup(client.close)
        return client

    def test_00_first_user(self):
        anybody = self.client()
        self.assertEqual(anybody.admin.command("ping")["ok"], 1)
        self.assertIn("version", anybody.admin.command("buildInfo"))
        self.assertEqual(who(anybody), [])
        error = self.refused(UNAUTHORIZED, lambda: anybody.shop.items.find_one())
        self.assertIn("find requires authentication", str(error))
        self.refused(UNAUTHORIZED, lambda: anybody.shop.command("createUser", "u", pwd="p", roles=[]))
        self.refused(UNAUTHORIZED, lambda: anybody.admin.command("usersInfo", 1))
        anybody.admin.command("createUser", "root", pwd="r00t", roles=["root"])
        self.refused(UNAUTHORIZED, lambda: anybody.admin.command("createUser", "two", pwd="p", roles=["root"]))
        self.refused(UNAUTHORIZED, lambda: anybody.shop.items.insert_one({}))

    def test_10_mechanisms(self):
        create = self.root.shop.command
        create("createUser", "both", pwd="pass", roles=["readWrite"])
        create("createUser", "old", pwd="pass", roles=["readWrite"], mechanisms=["SCRAM-SHA-1"])
        create("createUser", "new", pwd="pass", roles=["readWrite"], mechanisms=["SCRAM-SHA-256"])
        works = {
            "both": ["DEFAULT", "SCRAM-SHA-1", "SCRAM-SHA-256"],
            "old": ["DEFAULT", "SCRAM-SHA-1"],
            "new": ["DEFAULT", "SCRAM-SHA-256"],
        }
        for user, mechanisms in works.items():
            for mechanism in ["DEFAULT", "SCRAM-SHA-1", "SCRAM-SHA-256"]:
                with self.subTest(user=user, mechanism=mechanism):
                    client = self.client(user, "pass", "shop", authMechanism=mechanism)
                    if mechanism in mechanisms:
                        self.assertEqual(who(client), [{"user": user, "db": "shop"}])
                        client.shop.items.insert_one({"by": user})
                    else:
                        self.refused(FAILED, lambda: client.shop.items.find_one())

    def test_11_wrong(self):
        for user, password, source in [
            ("both", "wrong", "shop"),
            ("nobody", "pass", "shop"),
            ("both", "pass", "admin"),
        ]:
            for mechanism in ["DEFAULT", "SCRAM-SHA-1", "SCRAM-SHA-256"]:
                with self.subTest(user=user, password=password, source=source, mechanism=mechanism):
                    client = self.client(user, password, source, authMechanism=mechanism)
                    error = self.refused(FAILED, lambda: client.shop.items.find_one())
                    self.assertIn("Authentication failed", str(error))
                    self.assertNotIn(password, str(error))

    def test_12_odd_names_and_passwords(self):
        for user, password, same in [
            ("a,b=c", "p,=:@/?", "p,=:@/?"),
            ("jos\u00e9", "p\u00e4ss", "pa\u0308ss"),
            ("spaces in it", "I\u00adX", "IX"),
            ("roman", "\u2168", "IX"),
        ]:
            with self.subTest(user=user):
                self.root.odd.command("createUser", user, pwd=password, roles=["read"])
                self.assertEqual(len(who(self.client(user, password, "odd"))), 1)
                client = self.client(user, same, "odd", authMechanism="SCRAM-SHA-256")
                self.assertEqual(who(client), [{"user": user, "db": "odd"}])

    def test_20_roles(self):
        self.root.shop.command("createUser", "reader", pwd="p", roles=["read"])
        self.root.shop.command(
            "createUser", "writer", pwd="p", roles=["readWrite", {"role": "read", "db": "other"}]
        )
        self.root.admin.command("createUser", "boss", pwd="p", roles=["userAdminAnyDatabase"])
        self.root.other.things.insert_one({"_id": 1})
        reader, writer = self.client("reader", "p", "shop"), self.client("writer", "p", "shop")
        boss = self.client("boss", "p")
        reader.shop.items.find_one()
        list(reader.shop.items.aggregate([{"$match": {}}]))
        for work in [
            lambda: reader.shop.items.insert_one({}),
            lambda: reader.shop.items.delete_many({}),
            lambda: reader.shop.items.drop(),
            lambda: reader.shop.items.aggregate([{"$out": "copy"}]),
            lambda: reader.other.things.find_one(),
            lambda: reader.admin.system.users.find_one(),
            lambda: reader.shop.command("createUser", "x", pwd="p", roles=[]),
            lambda: reader.shop.command("dropUser", "writer"),
            lambda: writer.other.things.insert_one({}),
            lambda: writer.shop.items.aggregate([{"$merge": {"into": {"db": "other", "coll": "things"}}}]),
            lambda: writer.admin.command("renameCollection", "shop.items", to="other.items"),
            lambda: boss.shop.items.find_one(),
            lambda: boss.admin.system.users.find_one(),
        ]:
            error = self.refused(UNAUTHORIZED, work)
            self.assertIn("not authorized on", str(error))
        writer.shop.items.insert_one({})
        writer.shop.items.create_index("by")
        self.assertEqual(writer.other.things.count_documents({}), 1)
        boss.shop.command("createUser", "x", pwd="p", roles=[])
        self.refused(UNAUTHORIZED, lambda: self.client("x", "p", "shop").shop.items.find_one())
        self.refused(NO_ROLE, lambda: boss.shop.command("createUser", "y", pwd="p", roles=["none"]))
        self.refused(NO_ROLE, lambda: boss.shop.command("createUser", "y", pwd="p", roles=["root"]))

    def test_21_grant_and_revoke(self):
        reader = self.client("reader", "p", "shop")
        reader.shop.items.find_one()
        self.root.shop.command("grantRolesToUser", "reader", roles=["readWrite"])
        reader.shop.items.insert_one({"by": "reader"})
        roles = reader.admin.command("connectionStatus")["authInfo"]["authenticatedUserRoles"]
        self.assertIn({"role": "readWrite", "db": "shop"}, roles)
        self.root.shop.command("revokeRolesFromUser", "reader", roles=["readWrite", "read"])
        self.refused(UNAUTHORIZED, lambda: reader.shop.items.find_one())
        self.root.shop.command("updateUser", "reader", roles=["read"])
        reader.shop.items.find_one()
        self.refused(NO_USER, lambda: self.root.shop.command("grantRolesToUser", "none", roles=["read"]))

    def test_30_users_info(self):
        info = self.root.shop.command("usersInfo", "both")["users"]
        self.assertEqual([user["_id"] for user in info], ["shop.both"])
        self.assertEqual(info[0]["roles"], [{"role": "readWrite", "db": "shop"}])
        self.assertEqual(sorted(info[0]["mechanisms"]), ["SCRAM-SHA-1", "SCRAM-SHA-256"])
        self.assertNotIn("credentials", info[0])
        shown = self.root.shop.command("usersInfo", "both", showCredentials=True)["users"][0]["credentials"]
        self.assertEqual(shown["SCRAM-SHA-1"]["iterationCount"], 10000)
        self.assertEqual(shown["SCRAM-SHA-256"]["iterationCount"], 15000)
        self.assertNotIn("pass", str(shown))
        everybody = self.root.admin.command("usersInfo", {"forAllDBs": True})["users"]
        self.assertGreater(len(everybody), 5)
        self.assertEqual(self.root.shop.command("usersInfo", {"user": "root", "db": "admin"})["users"][0]["user"], "root")
        reader = self.client("reader", "p", "shop")
        self.assertEqual(len(reader.shop.command("usersInfo", "reader")["users"]), 1)
        self.refused(UNAUTHORIZED, lambda: reader.shop.command("usersInfo", 1))

    def test_31_update_and_drop(self):
        create = self.root.shop.command
        self.refused(EXISTS, lambda: create("createUser", "both", pwd="p", roles=[]))
        create("createUser", "temp", pwd="one", roles=["read"], customData={"n": 1})
        create("updateUser", "temp", pwd="two", customData={"n": 2})
        self.refused(FAILED, lambda: self.client("temp", "one", "shop").shop.items.find_one())
        temp = self.client("temp", "two", "shop")
        temp.shop.items.find_one()
        self.assertEqual(create("usersInfo", "temp")["users"][0]["customData"], {"n": 2})
        create("updateUser", "temp", mechanisms=["SCRAM-SHA-1"])
        self.assertEqual(create("usersInfo", "temp")["users"][0]["mechanisms"], ["SCRAM-SHA-1"])
        self.client("temp", "two", "shop").shop.items.find_one()
        create("dropUser", "temp")
        self.refused(UNAUTHORIZED, lambda: temp.shop.items.find_one())
        self.refused(FAILED, lambda: self.client("temp", "two", "shop").shop.items.find_one())
        self.refused(NO_USER, lambda: create("dropUser", "temp"))
        self.refused(NO_USER, lambda: create("updateUser", "temp", pwd="x"))
        self.assertEqual(self.root.odd.command("dropAllUsersFromDatabase")["n"], 4)

    def test_40_logout(self):
        client = self.client("both", "pass", "shop")
        client.shop.items.find_one()
        client.admin.command("logout")
        self.assertEqual(who(client), [])
        self.refused(UNAUTHORIZED, lambda: client.shop.items.find_one())


if __name__ == "__main__":
    if not URI:
        sys.exit("NECTAR_URI is not set: give it the URI of a running server")
    unittest.main()
