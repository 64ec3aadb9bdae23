"""EBML (RFC 8794): elements with an id, a size and a payload, as far as a live WebM stream needs them."""

from collections.abc import Iterator
from typing import Final

from server.media.bad_media import BadMedia

UNKNOWN: Final = -1
"""Size of an element that ends where another of its kind begins."""


def head(data: bytes | bytearray, at: int) -> tuple[int, int, int] | None:
    """Id, payload size (or UNKNOWN) and where the payload begins; None when the head is not there whole.

    Raises `BadMedia`.
    """
    first = _vint(data, at, 4, marked=True)
    if first is None:
        return None
    ident, at = first
    second = _vint(data, at, 8, marked=False)
    if second is None:
        return None
    size, at = second
    return ident, size, at


def _vint(data: bytes | bytearray, at: int, longest: int, *, marked: bool) -> tuple[int, int] | None:
    if at >= len(data):
        return None
    length = 9 - data[at].bit_length()
    if length > longest:
        raise BadMedia("not_webm", "a number that is too long")
    if at + length > len(data):
        return None
    value = int.from_bytes(data[at : at + length], "big")
    if marked:
        return value, at + length
    value &= (1 << (7 * length)) - 1
    return (UNKNOWN if value == (1 << (7 * length)) - 1 else value), at + length


def number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length (a block's track) and where it ends. Raises `BadMedia`."""
    found = _vint(data, at, 8, marked=False)
    if found is None:
        raise BadMedia("not_webm", "a block without a track")
    return found


def children(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements of a payload that is there whole. Raises `BadMedia` for one that does not fit."""
    at = 0
    while at < len(data):
        found = head(data, at)
        if found is None:
            raise BadMedia("not_webm", "an element that ends early")
        ident, size, at = found
        if size == UNKNOWN or at + size > len(data):
            raise BadMedia("not_webm", "an element larger than its parent")
        yield ident, data[at : at + size]
        at += size


def unsigned(data: bytes) -> int:
    """An unsigned integer of up to 8 bytes. Raises `BadMedia`."""
    if len(data) > 8:
        raise BadMedia("not_webm", "an integer that is too long")
    return int.from_bytes(data, "big")
