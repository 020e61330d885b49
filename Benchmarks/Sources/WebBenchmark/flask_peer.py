"""WebBenchmark's application with Flask and PyMongo; files go out as Flask-PyMongo sends them."""

import datetime
import os

import gridfs
from bson import ObjectId
from bson.errors import InvalidId
from flask import Flask, abort, request
from flask.json.provider import DefaultJSONProvider
from pymongo import MongoClient
from werkzeug.wsgi import wrap_file


class Provider(DefaultJSONProvider):
    """Ids and dates as Nectar writes them, and no time spent on sorting keys."""

    sort_keys = False

    @staticmethod
    def default(value):
        if isinstance(value, ObjectId):
            return str(value)
        if isinstance(value, datetime.datetime):
            return value.isoformat(timespec="milliseconds") + "Z"
        return DefaultJSONProvider.default(value)


app = Flask(__name__)
app.json = Provider(app)
db = MongoClient(os.environ["MONGO_URI"])[os.environ["MONGO_DBNAME"]]
files = gridfs.GridFS(db)


@app.get("/books/<key>")
def book(key):
    try:
        found = db.books.find_one({"_id": ObjectId(key)})
    except InvalidId:
        abort(404)
    if found is None:
        abort(404)
    return found


@app.get("/books")
def books():
    return list(db.books.find().sort("year", 1).limit(100))


@app.get("/files/<path:name>")
def file(name):
    try:
        stored = files.get_last_version(name)
    except gridfs.NoFile:
        abort(404)
    body = wrap_file(request.environ, stored, buffer_size=255 * 1024)
    response = app.response_class(
        body, mimetype=stored.content_type or "application/octet-stream", direct_passthrough=True
    )
    response.content_length = stored.length
    response.last_modified = stored.upload_date
    response.set_etag(str(stored._id))
    response.cache_control.max_age = 31536000
    response.cache_control.public = True
    return response.make_conditional(request)
