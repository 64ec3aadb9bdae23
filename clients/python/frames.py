"""The client's side of RFC 6455, as far as thousands of viewers in one process need it: whole frames, no extensions, no
fragments.

Pure functions over bytes, for clients that must cost less than the hub they call: the load of `bench` and the crowd of
the simulator. Everybody else takes `connect`.
"""

import base64

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
END_OF_HEAD = b"\r\n\r\n"
_MASK = b"\x37\xfa\x21\x3d"
_KEY = base64.b64encode(b"daigang crowd...").decode("ascii")


class WireError(Exception):
    """The server sent something that no hub of ours sends."""


def upgrade_request(host: str, port: int, path: str = "/ws", origin: str = "") -> bytes:
    """The opening handshake. One key for all: nobody between us and a server on this machine could replay it."""
    named = f"Origin: {origin}\r\n" if origin else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{named}"
        f"Sec-WebSocket-Key: {_KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode("ascii")


def after_head(data: bytes) -> bytes | None:
    """What follows the answer to the handshake; None while the answer is not complete. Raises `WireError` when it is
    not 101."""
    end = data.find(END_OF_HEAD)
    if end < 0:
        return None
    status = data.split(b"\r\n", 1)[0]
    if not status.startswith(b"HTTP/1.1 101"):
        raise WireError(status.decode("latin-1"))
    return data[end + len(END_OF_HEAD) :]


def client_frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """One masked frame. The mask is always the same: it costs the server as much as a fresh one and us nothing."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 65_536:
        head = bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0xFF)) + size.to_bytes(8, "big")
    mask = (_MASK * (size // 4 + 1))[:size]
    masked = (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")
    return head + _MASK + masked


def split(data: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """The whole frames at the start of `data` as (opcode, payload), and how many bytes they are.

    Raises `WireError` for a fragment, a masked frame or a reserved bit: no server of ours sends those.
    """
    frames: list[tuple[int, bytes]] = []
    start, end = 0, len(data)
    while end - start >= 2:
        first, size = data[start], data[start + 1]
        if first & 0xF0 != 0x80 or size & 0x80:
            raise WireError(f"unexpected frame head {first:#04x} {size:#04x}")
        body = start + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            if end - body < width:
                break
            size = int.from_bytes(data[body : body + width], "big")
            body += width
        if end - body < size:
            break
        frames.append((first & 0x0F, data[body : body + size]))
        start = body + size
    return frames, start


def close_code(payload: bytes) -> int:
    """The code of a close frame; 1005 when it has none (RFC 6455 7.1.5)."""
    return int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
