"""The host of Python's engines; see ../README.md."""

VERSION = '0.1'
PROTOCOL = 1
SEMANTICS = 1
