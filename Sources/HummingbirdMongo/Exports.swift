// One import gives an application the client and BSON's types.
@_exported public import BSON
@_exported public import Nectar
