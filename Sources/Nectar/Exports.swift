@_exported public import BSON

@_exported public import struct MongoProtocol.MongoError
@_exported public import struct MongoProtocol.ReadConcern
@_exported public import struct MongoProtocol.ReadPreference
@_exported public import struct MongoProtocol.ServerErrorCode
@_exported public import struct MongoProtocol.WriteConcern
