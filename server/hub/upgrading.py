"""From an HTTP request to a websocket of our own: the handshake (RFC 6455 4.2), and the connection taken out of
aiohttp's hands.

aiohttp keeps for every websocket its HTTP parser, the request with its headers, a task and the frames of every
middleware, about 10 kB; of all that a viewer who stays for hours needs nothing.
"""

import asyncio
import base64
import binascii
import hashlib

from aiohttp import HttpVersion11, hdrs, web

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 1.3."""
VERSION = "13"
KEY_BYTES = 16


def accept_of(request: web.Request) -> bytes:
    """The word that answers the client's key. Raises `HTTPBadRequest`, `HTTPUpgradeRequired`."""
    headers = request.headers
    asked = asks_for_websocket(headers.get(hdrs.UPGRADE, ""), headers.get(hdrs.CONNECTION, ""))
    if not asked or request.version < HttpVersion11:
        raise web.HTTPBadRequest(
            text="a websocket is asked for by HTTP/1.1, with Upgrade: websocket and Connection: Upgrade"
        )
    if headers.get(hdrs.SEC_WEBSOCKET_VERSION) != VERSION:
        raise web.HTTPUpgradeRequired(headers={hdrs.UPGRADE: "websocket", hdrs.SEC_WEBSOCKET_VERSION: VERSION})
    accept = accept_for(headers.get(hdrs.SEC_WEBSOCKET_KEY, "").strip().encode())
    if accept is None:
        raise web.HTTPBadRequest(text="Sec-WebSocket-Key wants 16 bytes in base64")
    return accept


def asks_for_websocket(upgrade: str, connection: str) -> bool:
    """Whether these two headers ask for it."""
    return upgrade.strip().lower() == "websocket" and "upgrade" in {
        word.strip().lower() for word in connection.split(",")
    }


def accept_for(key: bytes) -> bytes | None:
    """The word that answers a key; None for what is no key."""
    try:
        sound = len(base64.b64decode(key, validate=True)) == KEY_BYTES
    except binascii.Error:
        sound = False
    return base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest()) if sound else None


def take_over(request: web.Request, accept: bytes, protocol: asyncio.BaseProtocol) -> web.StreamResponse:
    """Accept the websocket; from now on its bytes come to `protocol`. What is returned goes nowhere: aiohttp believes
    that the peer went away.

    Nothing may be awaited between the request and this: a client sends no frame before it has the answer (RFC 6455
    4.1), so none can be lost between the two readers.
    """
    transport, handler = request.transport, request.protocol
    if transport is None:
        return web.Response()
    handler.transport = None  # or it would close it with its own state
    handler.connection_lost(None)
    hand_to(transport, accept, protocol)
    return web.Response()


def hand_to(transport: asyncio.Transport, accept: bytes, protocol: asyncio.BaseProtocol) -> None:
    """Accept the websocket of a connection that nobody else has; from now on its bytes come to `protocol`."""
    transport.set_protocol(protocol)
    transport.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + b"\r\n\r\n"
    )
    protocol.connection_made(transport)
