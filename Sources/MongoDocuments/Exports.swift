@_exported public import Nectar
