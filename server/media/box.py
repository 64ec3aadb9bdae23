"""A box of MP4 (ISO/IEC 14496-12), written and found. Imports next to nothing: whoever cuts a clip begins at once."""

import struct
from collections.abc import Iterator


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box with its size."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def boxes_in(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of the boxes that follow each other. Raises `ValueError`."""
    at = 0
    while at < len(data):
        if len(data) - at < 8:
            raise ValueError("half a box")
        size, kind = struct.unpack_from(">I4s", data, at)
        if size < 8 or at + size > len(data):
            raise ValueError("half a box")
        yield kind, data[at + 8 : at + size]
        at += size


def inside(data: bytes, *path: bytes) -> bytes:
    """The body of the first box on that way. Raises `ValueError`."""
    for kind in path:
        data = next((body for name, body in boxes_in(data) if name == kind), b"")
        if not data:
            raise ValueError(f"no {kind.decode()}")
    return data
