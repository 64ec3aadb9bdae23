"""What a child tells the hub: small messages on its standard output, each with its length before it."""

import os
import struct
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

HEAD: Final = struct.Struct(">I")
MESSAGE_LIMIT: Final = 8 * 1024 * 1024
"""A child that says more at once is out of its mind."""


class Container(StrEnum):
    """What a recording comes in."""

    WEBM = "webm"
    MP4 = "mp4"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub tells a child when it starts it. `offset_ms`: where its first frame stands on the session's
    clock; `transcode`: VP8 may be made into H.264."""

    offset_ms: float
    container: Container = Container.WEBM
    transcode: bool = False


class PullOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The same for a stream that is fetched: `started_at_ms` (wall clock) stands at `offset_ms` on the session's clock;
    `url` and `name`: where it is to be had. It comes on standard input, never where other users of the machine see
    it."""

    offset_ms: float
    started_at_ms: float
    url: str
    name: str


class PushOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Where a child sends a picture on to, on standard input. `private`: networks that may be connected to although
    they are not public. Never printed."""

    url: str
    key: str
    private: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "PushOrder(…)"


class HeaderIs(msgspec.Struct, frozen=True, kw_only=True, tag="header"):
    """The header of this generation, and that of its sound alone; empty for a picture without one."""

    data: bytes
    sound: bytes = b""


class PartIs(msgspec.Struct, frozen=True, kw_only=True, tag="part"):
    """One part (`server.media.cutting.Part`)."""

    at: int
    duration: int
    independent: bool
    opens: bool
    data: bytes
    sound: bytes = b""


class LookIs(msgspec.Struct, frozen=True, kw_only=True, tag="look"):
    """What the picture looks and sounds like now: a small one as JPEG; its mean and its bright places (0 to 255, the
    99th of 100 cells); how much the cell that changed most has changed since the last look, None for the first; how
    loud the loudest second since then was, in dB below full scale, None without a track of sound."""

    still: bytes
    mean: float
    bright: float
    change: float | None
    loud_db: float | None


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """The recording cannot be used; nothing follows. `reason` as in `BadMedia`."""

    reason: str


class Accepted(msgspec.Struct, frozen=True, kw_only=True, tag="accepted"):
    """The platform takes the picture."""


Told = HeaderIs | PartIs | LookIs | Failed | Accepted
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Told)


def packed(message: Told) -> bytes:
    """A message with its length."""
    body = _encoder.encode(message)
    return HEAD.pack(len(body)) + body


def unpacked(body: bytes) -> Told:
    """The message. Raises `msgspec.DecodeError`."""
    told: Told = _decoder.decode(body)
    return told


OrderT = TypeVar("OrderT")


def packed_order(order: msgspec.Struct) -> bytes:
    """An order for a child's standard input."""
    body = msgspec.json.encode(order)
    return HEAD.pack(len(body)) + body


def read_order(source: int, kind: type[OrderT]) -> OrderT:
    """In the child: the order at the beginning of its input. Raises `EOFError`, `msgspec.DecodeError`."""
    (size,) = HEAD.unpack(_exactly(source, HEAD.size))
    return msgspec.json.decode(_exactly(source, min(size, MESSAGE_LIMIT)), type=kind)


def read_message(source: int) -> Told | None:
    """In the child: the next message on its input, None at the end. Raises `ValueError`."""
    try:
        (size,) = HEAD.unpack(_exactly(source, HEAD.size))
        if size > MESSAGE_LIMIT:
            raise ValueError("a message that is too long")
        return unpacked(_exactly(source, size))
    except EOFError:
        return None


def _exactly(source: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = os.read(source, size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
