"""Websocket frames of the server: built once, written to many.

A frame from the server is not masked, so it is the same bytes for every client (RFC 6455 5.1); encoding and framing
once and then writing bytes is what makes fan-out cheap (DESIGN 5).
"""

from collections.abc import Iterable

from server.core.limits import MAX_OUT_BYTES

FIN_BINARY = 0x82


def frame(payload: bytes) -> bytes:
    """One binary frame holding the payload (RFC 6455 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((FIN_BINARY, size)) + payload
    if size < 65_536:
        return b"\x82\x7e" + size.to_bytes(2, "big") + payload
    return b"\x82\x7f" + size.to_bytes(8, "big") + payload


def frames(messages: Iterable[bytes], limit_bytes: int = MAX_OUT_BYTES) -> bytes:
    """The messages, one after another, in as few frames as the limit allows, ready for one write."""
    done: list[bytes] = []
    batch: list[bytes] = []
    size = 0
    for message in messages:
        if batch and size + len(message) > limit_bytes:
            done.append(frame(b"".join(batch)))
            batch, size = [], 0
        batch.append(message)
        size += len(message)
    if batch:
        done.append(frame(b"".join(batch)))
    return b"".join(done)
