"""The opening handshake of a websocket (RFC 6455 4.2.1) as nearly all ask for it: read in one look, or not at all.

What is not whole, not plain or says anything about a body is None here, and then aiohttp reads it: nothing is decided
about it, so the two cannot disagree about what is refused.
"""

import re
from typing import Final

import msgspec

from server.hub.upgrading import VERSION, accept_for, asks_for_websocket

PATH: Final = "/ws"
LIMIT_BYTES: Final = 4_096
"""A browser sends about 600; aiohttp takes 8,190 in a line."""
_FIRST: Final = f"GET {PATH} HTTP/1.1\r\n".encode()
_TAIL: Final = b"\r\n\r\n"
_LINES: Final = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e]*\r\n)+\r\n")
"""Header lines of plain ASCII, none folded. No two of its parts match the same byte, so it never looks back."""
_ONCE: Final = frozenset({"host", "upgrade", "connection", "sec-websocket-version", "sec-websocket-key"})
_NEVER: Final = frozenset({"content-length", "transfer-encoding", "expect"})


class Handshake(msgspec.Struct, frozen=True):
    """`accept` answers the key; the rest is as many lines of two headers as there were."""

    accept: bytes
    origins: tuple[str, ...]
    forwarded: tuple[str, ...]


def handshake_in(data: bytes) -> Handshake | None:
    """The handshake, if these bytes are exactly one and a plain one."""
    if len(data) > LIMIT_BYTES or not data.startswith(_FIRST) or not _LINES.fullmatch(data, len(_FIRST)):
        return None
    once: dict[str, str] = {}
    origins: list[str] = []
    forwarded: list[str] = []
    for line in data[len(_FIRST) : -len(_TAIL)].decode("ascii").split("\r\n"):
        name, _, value = line.partition(":")
        name = name.lower()
        if name in _ONCE:
            if name in once:
                return None
            once[name] = value.strip(" \t")
        elif name == "origin":
            origins.append(value.strip(" \t"))
        elif name == "x-forwarded-for":
            forwarded.append(value.strip(" \t"))
        elif name in _NEVER:
            return None
    if len(once) < len(_ONCE) or once["sec-websocket-version"] != VERSION:
        return None
    if not asks_for_websocket(once["upgrade"], once["connection"]):
        return None
    accept = accept_for(once["sec-websocket-key"].encode("ascii"))
    return None if accept is None else Handshake(accept, tuple(origins), tuple(forwarded))
