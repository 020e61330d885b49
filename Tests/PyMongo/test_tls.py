"""PyMongo comes to a running `nectar serve --auth` over TLS: certificates, and logins on top.

    NECTAR_PORT=27017 NECTAR_TLS=require NECTAR_CERTIFICATES=FOLDER python3 Tests/PyMongo/test_tls.py

NECTAR_TLS says how the server runs: `require`, `prefer`, `mutual` (clients need a certificate) or `optional` (they may
have one). The folder has ca.pem, other-ca.pem, server.pem, client.pem and other-client.pem. A Swift test of
MongoServerTests makes the certificates, starts the server and runs this.
"""

import os
import sys
import unittest

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

PORT = os.environ.get("NECTAR_PORT")
MODE = os.environ.get("NECTAR_TLS")
FOLDER = os.environ.get("NECTAR_CERTIFICATES", "")


def file(name):
    return os.path.join(FOLDER, name)


class TLSTests(unittest.TestCase):
    def client(self, host="127.0.0.1", ca="ca.pem", certificate=None, tls=True, seconds=10, **options):
        if tls:
            options |= {"tls": True, "tlsCAFile": file(ca)}
        if certificate:
            options["tlsCertificateKeyFile"] = file(certificate)
        uri = f"mongodb://{host}:{PORT}/?directConnection=true"
        client = MongoClient(uri, serverSelectionTimeoutMS=seconds * 1000, **options)
        self.addCleanup(client.close)
        return client

    def works(self, **options):
        self.assertEqual(self.client(**options).admin.command("ping")["ok"], 1)

    def fails(self, **options):
        with self.assertRaises(ConnectionFailure) as caught:
            self.client(seconds=1, **options).admin.command("ping")
        # The server or the client broke off; it is not that nobody answered in time.
        self.assertRegex(str(caught.exception), "SSL|closed|reset|EOF|Broken pipe", caught.exception)

    def own(self):
        """What a client of this server needs."""
        return "client.pem" if MODE == "mutual" else None

    def test_0_certificates(self):
        self.works(certificate=self.own())
        self.works(certificate="client.pem")
        self.works(host="localhost", certificate=self.own())
        self.fails(ca="other-ca.pem", certificate=self.own())

    def test_2_plain(self):
        if MODE == "prefer":
            self.works(tls=False)
        else:
            self.fails(tls=False)

    def test_3_clients_certificates(self):
        if MODE == "mutual":
            self.fails()
        if MODE in ("mutual", "optional"):
            self.fails(certificate="other-client.pem")

    def test_4_login(self):
        first = self.client(certificate=self.own())
        first.admin.command("createUser", "root", pwd="r00t", roles=["root"])
        for mechanism in ["DEFAULT", "SCRAM-SHA-1", "SCRAM-SHA-256"]:
            client = self.client(
                certificate=self.own(), username="root", password="r00t", authMechanism=mechanism)
            client.shop.items.insert_many([{"text": "x" * 100_000} for _ in range(20)])
            self.assertEqual(sum(len(item["text"]) for item in client.shop.items.find()), 2_000_000)
            client.shop.items.drop()
        with self.assertRaises(OperationFailure) as caught:
            self.client(certificate=self.own(), username="root", password="no").shop.items.find_one()
        self.assertEqual(caught.exception.code, 18)


if __name__ == "__main__":
    if not PORT or not MODE:
        sys.exit("NECTAR_PORT and NECTAR_TLS are not set")
    unittest.main()
