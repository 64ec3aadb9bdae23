"""Entries of another province, before anybody here has them. Pure.

A body is passed on as the bytes it came in, in the midst of a message to a viewer. Bytes that are not one whole value
would break that message, and what stands behind a whole one would be read as the next message of this very hub.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from server.core.channels import delivery_of
from server.core.limits import MAX_NESTING, MAX_OUT_BYTES
from server.core.model import Channel, Entry
from server.core.unreadable import UNREADABLE

DEEPEST: Final = 2 * MAX_NESTING
"""Levels; more than any body has, and far fewer than break a client's decoder."""
NOT_A_NAME: Final = "__proto__"
"""The decoder of the pages throws at a map with that name in it."""
NOT_READABLE: Final = msgspec.msgpack.encode({"t": "not_readable"})
"""A kind of body nobody knows: clients pass over it, and over nothing else of the log."""

_decoder: msgspec.msgpack.Decoder[dict[str, Any]] = msgspec.msgpack.Decoder(dict[str, Any])


def sound(channel: Channel, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those entries as they may be passed on. Of a complete channel none may lack, so another body takes the place of
    an unsound one; a chat goes on without it."""
    complete = delivery_of(channel).complete
    passed = []
    for entry in entries:
        if is_sound(entry.body):
            passed.append(entry)
        elif complete:
            passed.append(msgspec.structs.replace(entry, body=NOT_READABLE))
    return tuple(passed)


def is_sound(body: bytes) -> bool:
    """Whether it is one map with a tag, of values every client can read, not too large and not too deep."""
    if len(body) > MAX_OUT_BYTES:
        return False
    try:
        plain = _decoder.decode(body)
    except UNREADABLE:
        return False
    return isinstance(plain.get("t"), str) and _is_plain(plain, DEEPEST)


def _is_plain(value: object, levels: int) -> bool:
    if isinstance(value, dict):
        names = all(isinstance(name, str) and name != NOT_A_NAME for name in value)
        return levels > 0 and names and all(_is_plain(one, levels - 1) for one in value.values())
    if isinstance(value, list):
        return levels > 0 and all(_is_plain(one, levels - 1) for one in value)
    return value is None or isinstance(value, str | int | float)
