"""From an HTTP request to a websocket of our own: the handshake (RFC 6455 4.2), and the connection taken out of
aiohttp's hands.

aiohttp keeps for every websocket its HTTP parser, the request with its headers, a task and the frames of every
middleware, about 10 kB; of all that a viewer who stays for hours needs nothing.
"""

import asyncio
import base64
import binascii
import hashlib

from aiohttp import hdrs, web

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 1.3."""
VERSION = "13"
KEY_BYTES = 16


def accept_of(request: web.Request) -> bytes:
    """The word that answers the client's key. Raises `HTTPBadRequest`, `HTTPUpgradeRequired`."""
    headers = request.headers
    wants = {word.strip().lower() for word in headers.get(hdrs.CONNECTION, "").split(",")}
    if headers.get(hdrs.UPGRADE, "").strip().lower() != "websocket" or "upgrade" not in wants:
        raise web.HTTPBadRequest(text="a websocket is asked for with Upgrade: websocket and Connection: Upgrade")
    if headers.get(hdrs.SEC_WEBSOCKET_VERSION) != VERSION:
        raise web.HTTPUpgradeRequired(headers={hdrs.UPGRADE: "websocket", hdrs.SEC_WEBSOCKET_VERSION: VERSION})
    key = headers.get(hdrs.SEC_WEBSOCKET_KEY, "").strip().encode()
    try:
        sound = len(base64.b64decode(key, validate=True)) == KEY_BYTES
    except binascii.Error:
        sound = False
    if not sound:
        raise web.HTTPBadRequest(text="Sec-WebSocket-Key wants 16 bytes in base64")
    return base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())


def take_over(request: web.Request, accept: bytes, protocol: asyncio.Protocol) -> web.StreamResponse:
    """Accept the websocket; from now on its bytes come to `protocol`. What is returned goes nowhere: aiohttp believes
    that the peer went away.

    Nothing may be awaited between the request and this: a client sends no frame before it has the answer (RFC 6455
    4.1), so none can be lost between the two readers.
    """
    transport, handler = request.transport, request.protocol
    if transport is None:
        return web.Response()
    transport.set_protocol(protocol)
    handler.transport = None  # or it would close it with its own state
    handler.connection_lost(None)
    transport.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + b"\r\n\r\n"
    )
    protocol.connection_made(transport)
    return web.Response()
