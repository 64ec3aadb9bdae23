"""RTMP messages and the chunks they travel in (5.3, 5.4 of the specification). Pure: bytes in, messages
out, and back."""

import struct
from enum import IntEnum
from typing import Final

import msgspec

MESSAGE_LIMIT: Final = 2 * 1024 * 1024
"""The largest frame seen was a key frame of 0.2 MB."""
CHUNK_FIRST: Final = 128
CHUNK_MOST: Final = 1024 * 1024
STREAMS_MOST: Final = 64
_EXTENDED: Final = 0xFFFFFF
_HEADER: Final = (11, 7, 3, 0)


class BadChunks(ValueError):
    """These bytes are no RTMP, or more than anybody needs."""


class Kind(IntEnum):
    """Message types that matter here."""

    SET_CHUNK = 1
    ABORT = 2
    ACK = 3
    CONTROL = 4
    WINDOW = 5
    BANDWIDTH = 6
    AUDIO = 8
    VIDEO = 9
    DATA = 18
    COMMAND = 20


class Message(msgspec.Struct, frozen=True):
    """One message. `at_ms`: its timestamp, modulo 2**32."""

    kind: int
    at_ms: int
    body: bytes
    stream: int = 0


class _Coming(msgspec.Struct):
    """A chunk stream as the reader knows it."""

    at_ms: int = 0
    delta_ms: int = 0
    size: int = 0
    kind: int = 0
    stream: int = 0
    extended: bool = False
    whole: bool = False  # a message has begun on it before
    body: bytearray = msgspec.field(default_factory=bytearray)


class ChunkReader:
    """Invariant: holds at most one message of MESSAGE_LIMIT for each of STREAMS_MOST streams, and 8 MiB of all."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._streams: dict[int, _Coming] = {}
        self._size = CHUNK_FIRST

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now. Raises `BadChunks`."""
        self._buffer += data
        found: list[Message] = []
        at = 0
        while (after := self._chunk(at, found)) is not None:
            at = after
        del self._buffer[:at]
        if sum(len(one.body) for one in self._streams.values()) > 4 * MESSAGE_LIMIT:
            raise BadChunks("too much is under way")
        return found

    def _chunk(self, at: int, found: list[Message]) -> int | None:
        """Where the next chunk begins; None when this one has not come whole."""
        buffer = self._buffer
        if at >= len(buffer):
            return None
        form, ident = buffer[at] >> 6, buffer[at] & 0x3F
        at += 1
        if ident < 2:
            more = ident + 1
            if at + more > len(buffer):
                return None
            ident = 64 + int.from_bytes(buffer[at : at + more], "little")
            at += more
        coming = self._streams.get(ident)
        if coming is None:
            if form == 3 or len(self._streams) >= STREAMS_MOST:
                raise BadChunks("a chunk of no message")
            coming = _Coming()
        head = bytes(buffer[at : at + _HEADER[form]])
        if len(head) < _HEADER[form]:
            return None
        at += len(head)
        stamp = int.from_bytes(head[:3], "big") if head else (_EXTENDED if coming.extended else coming.delta_ms)
        if stamp == _EXTENDED:
            if at + 4 > len(buffer):
                return None
            stamp = int.from_bytes(buffer[at : at + 4], "big")
            at += 4
        size = int.from_bytes(head[3:6], "big") if form < 2 else coming.size
        if size > MESSAGE_LIMIT:
            raise BadChunks("a message that is too long")
        begun = len(coming.body) if form == 3 else 0
        take = min(self._size, size - begun)
        if at + take > len(buffer):
            return None
        self._streams[ident] = coming
        if not begun:
            self._begin(coming, form, head, stamp)
        coming.body += buffer[at : at + take]
        if len(coming.body) >= coming.size:
            self._finish(coming, found)
        return at + take

    def _begin(self, coming: _Coming, form: int, head: bytes, stamp: int) -> None:
        coming.body.clear()
        if head:
            coming.extended = head[:3] == b"\xff\xff\xff"
        if form < 2:
            coming.size, coming.kind = int.from_bytes(head[3:6], "big"), head[6]
        if form == 0:
            coming.stream = int.from_bytes(head[7:11], "little")
            coming.at_ms, coming.delta_ms = stamp, 0
            return
        if form < 3:
            coming.delta_ms = stamp
        coming.at_ms = (coming.at_ms + coming.delta_ms) & 0xFFFFFFFF

    def _finish(self, coming: _Coming, found: list[Message]) -> None:
        message = Message(coming.kind, coming.at_ms, bytes(coming.body), coming.stream)
        coming.body.clear()
        if message.kind == Kind.SET_CHUNK and len(message.body) >= 4:
            self._size = int.from_bytes(message.body[:4], "big")
            if not 1 <= self._size <= CHUNK_MOST:
                raise BadChunks("a strange chunk size")
        elif message.kind == Kind.ABORT and len(message.body) >= 4:
            stopped = self._streams.get(int.from_bytes(message.body[:4], "big"))
            if stopped is not None:
                stopped.body.clear()
        else:
            found.append(message)


def chunked(message: Message, channel: int, size: int) -> bytes:
    """A message in chunks of `size` bytes on that chunk stream (2..63), always with its whole header."""
    extended = message.at_ms >= _EXTENDED
    stamp = struct.pack(">I", message.at_ms & 0xFFFFFFFF) if extended else b""
    head = struct.pack(">B", channel) + (min(message.at_ms, _EXTENDED)).to_bytes(3, "big")
    head += len(message.body).to_bytes(3, "big") + bytes((message.kind,)) + message.stream.to_bytes(4, "little")
    pieces = [head + stamp + message.body[:size]]
    for at in range(size, len(message.body), size):
        pieces.append(bytes((0xC0 | channel,)) + stamp + message.body[at : at + size])
    return b"".join(pieces)
