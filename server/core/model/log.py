"""A channel's log: entries, and the places in it."""

from typing import Annotated

import msgspec

from server.core.model.ids import Channel, Epoch


class Entry(msgspec.Struct, frozen=True):
    """One entry of a channel's log: `body` is the msgpack encoding of a publication body, kept byte for byte."""

    offset: int
    at_ms: int
    body: bytes


class Publication(msgspec.Struct, frozen=True):
    """An entry as it travels."""

    channel: Channel
    epoch: Epoch
    entry: Entry


class Since(msgspec.Struct, frozen=True):
    """What a client has seen of a channel: everything up to `offset` in that epoch."""

    epoch: Annotated[Epoch, msgspec.Meta(max_length=64)]
    offset: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Head(msgspec.Struct, frozen=True):
    """The end of a channel's log: its life and its last offset, 0 when nothing was written yet."""

    epoch: Epoch
    offset: int
