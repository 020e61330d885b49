// One import gives an application the client, BSON's types, and documents of Swift types.
@_exported public import BSON
@_exported public import MongoDocuments
@_exported public import Nectar

@_exported public import struct MultipartForms.MultipartLimits
