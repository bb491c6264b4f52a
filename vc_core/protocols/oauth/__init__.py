"""OAuth 2.0 as OpenID4VCI uses it: messages and pure checks, no I/O.

What a client sent wrong is a `ProtocolError` with a code of the specification that the message is of; what a server
answered wrong is one with `server_error`.
"""
