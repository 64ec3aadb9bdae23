"""What a child tells the hub: small messages on its standard output, each with its length before it."""

import struct
from enum import StrEnum
from typing import Final

import msgspec

HEAD: Final = struct.Struct(">I")
MESSAGE_LIMIT: Final = 8 * 1024 * 1024
"""A child that says more at once is out of its mind."""


class Container(StrEnum):
    """What a recording comes in."""

    WEBM = "webm"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub tells a child when it starts it. `offset_ms`: where its first frame stands on the session's
    clock; `transcode`: VP8 may be made into H.264."""

    offset_ms: float
    container: Container = Container.WEBM
    transcode: bool = False


class HeaderIs(msgspec.Struct, frozen=True, kw_only=True, tag="header"):
    """The header of this generation."""

    data: bytes


class PartIs(msgspec.Struct, frozen=True, kw_only=True, tag="part"):
    """One part (`server.media.cutting.Part`)."""

    at: int
    duration: int
    independent: bool
    opens: bool
    data: bytes


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """The recording cannot be used; nothing follows. `reason` as in `BadMedia`."""

    reason: str


Told = HeaderIs | PartIs | Failed
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
