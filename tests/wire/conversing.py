"""Bytes of a websocket's client, right and wrong, and what a server says to them. Written against RFC 6455 alone, so
that it holds for whatever reads frames behind the door."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from clients.python import frames
from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import Done, Hello, Leave, ReplyBase, decode_server, encode
from tests.wire.hubs import Running, token

CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
MASK = b"\x9a\x01\x00\xf7"
ENDS_WITHIN_S = 5.0
QUIET_S = 0.05


def made(opcode: int, payload: bytes = b"", **how: object) -> bytes:
    """A frame of a client (RFC 6455 5.2). `fin`, `bits` (the reserved three), `mask` (None: not masked), `claims` (a
    length other than the payload's), `width` (bytes of the length, 1, 2 or 8)."""
    fin, bits, mask = how.get("fin", True), how.get("bits", 0), how.get("mask", MASK)
    claims, width = how.get("claims", len(payload)), how.get("width")
    assert isinstance(bits, int)
    assert isinstance(claims, int)
    assert mask is None or isinstance(mask, bytes)
    masked = 0x80 if mask is not None else 0
    if width is None:
        width = 1 if claims < 126 else 2 if claims < 65_536 else 8
    head = bytes((0x80 * bool(fin) | bits << 4 | opcode,))
    if width == 1:
        head += bytes((masked | claims,))
    else:
        head += bytes((masked | (126 if width == 2 else 127),)) + claims.to_bytes(8, "big")[-int(str(width)) :]
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


def parts(opcode: int, *payloads: bytes, between: bytes = b"") -> bytes:
    """One message in several frames, `between` after each but the last."""
    last = len(payloads) - 1
    return b"".join(
        made(CONTINUED if place else opcode, payload, fin=place == last) + (b"" if place == last else between)
        for place, payload in enumerate(payloads)
    )


def command(id: int) -> bytes:
    """A command that only wants its reply: `done` with that id."""
    return encode(Leave(id=id, channel="stage/S01"))


def status(code: int, reason: bytes = b"") -> bytes:
    """The payload of a close frame."""
    return struct.pack("!H", code) + reason


class Heard(NamedTuple):
    """What a server said until it was silent or gone: ids of commands it did, payloads of its pongs, in which order
    (`c` and `p`), the code of its close (None: no close frame, 1005: one without a code), and whether it hung up."""

    done: list[int]
    pongs: list[bytes]
    order: str
    close: int | None
    gone: bool


@contextlib.asynccontextmanager
async def welcomed(hub: Running, person: str) -> AsyncIterator["Client"]:
    """A client that was let in."""
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    client = Client(reader, writer)
    try:
        writer.write(frames.upgrade_request("127.0.0.1", hub.port))
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), ENDS_WITHIN_S)
        writer.write(made(BINARY, encode(Hello(id=1, version=PROTOCOL_VERSION, token=token(person)))))
        await client.read(until=lambda heard: bool(heard.order))
        client.forget()
        yield client
    finally:
        writer.transport.abort()


class Client:
    """Writes bytes as they are told, and understands what comes back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._held = b""
        self._silent = False
        self.forget()

    def forget(self) -> None:
        """What was heard so far."""
        self.heard = Heard([], [], "", None, False)

    async def say(self, pieces: Sequence[bytes]) -> None:
        """Each piece in a write of its own; who hung up meanwhile does not hear the rest."""
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                self._writer.write(piece)
                await self._writer.drain()
                await asyncio.sleep(0)

    def half_close(self) -> None:
        """Nothing more will come from here."""
        self._silent = True
        with contextlib.suppress(OSError):
            self._writer.write_eof()

    async def read(self, until: object = None) -> Heard:
        """Until that holds of what was heard, or the server is gone; fails when neither comes to be in time."""
        wanted = until if callable(until) else lambda heard: heard.gone
        async with asyncio.timeout(ENDS_WITHIN_S):
            while not wanted(self.heard) and not self.heard.gone:
                try:
                    data = await self._reader.read(65_536)
                except ConnectionError:
                    data = b""
                if not data:
                    self.heard = self.heard._replace(gone=True)
                self._understand(data)
        return self.heard

    def _understand(self, data: bytes) -> None:
        found, used = frames.split(self._held + data)
        self._held = (self._held + data)[used:]
        done, pongs, order, close, gone = self.heard
        for opcode, payload in found:
            assert close is None, "a server says nothing after its close frame (5.5.1)"
            if opcode == CLOSE:
                close = frames.close_code(payload)
                if not self._silent:
                    self._writer.write(made(CLOSE, payload))  # 5.5.1; a server that has said its own takes no harm
            elif opcode == PONG:
                pongs, order = [*pongs, payload], order + "p"
            elif opcode == BINARY:
                for message in decode_server(payload):
                    if isinstance(message, ReplyBase):
                        order += "c"
                        done = [*done, message.id] if isinstance(message, Done) else done
        self.heard = Heard(done, pongs, order, close, gone)
