"""One websocket that sends commands and waits for their replies: a host, a guest who chats, an applicant.

asyncio here, for there are few of them, or they mostly wait; the crowd that only listens is in `bench.crowd`.
"""

import asyncio
import math
import socket
from typing import Any

import msgspec

from clients.python import frames as wire
from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import (
    CommandBase,
    Hello,
    Ping,
    Pong,
    Pulse,
    Push,
    Refused,
    Reply,
    Restart,
    Welcome,
    decode_server,
    encode,
)

REPLY_WITHIN_S = 30.0
_PONG = wire.client_frame(encode(Pong()))


class SpeakerError(Exception):
    """The connection ended, or a reply did not come."""


class Speaker(asyncio.Protocol):
    """Invariant: every command sent has a future in `_waiting` until its reply or the end of the connection."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._transport: asyncio.Transport | None = None
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._last_id = 0
        self._held = b""
        self._upgraded = False
        self._open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()
        self._deaf_bytes_per_s: float | None = None
        self.port = 0
        self.ended = ""

    async def open(self, token: str, receive_bytes: int = 0) -> None:
        """Connect and say hello; `receive_bytes` is SO_RCVBUF, 0 leaves it to the kernel. Raises `SpeakerError` or
        `OSError`."""
        loop = asyncio.get_running_loop()
        if receive_bytes:
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)  # before connecting: it sets the window
            try:
                await loop.sock_connect(sock, self._address)
            except BaseException:
                sock.close()
                raise
            await loop.create_connection(lambda: self, sock=sock)
        else:
            await loop.create_connection(lambda: self, *self._address)
        await asyncio.wait_for(self._open, REPLY_WITHIN_S)
        reply = await self.command(Hello(version=PROTOCOL_VERSION, token=token))
        if not isinstance(reply, Welcome):
            raise SpeakerError(f"hello was answered by {type(reply).__name__}")

    async def command(self, command: CommandBase) -> Reply:
        """The reply to a command; its id is set here. Raises `SpeakerError`."""
        if self._transport is None or self.ended:
            raise SpeakerError(self.ended or "not connected")
        self._last_id += 1
        numbered = msgspec.structs.replace(command, id=self._last_id)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[self._last_id] = future
        self._transport.write(wire.client_frame(encode(numbered)))
        try:
            return await asyncio.wait_for(future, REPLY_WITHIN_S)
        except TimeoutError:
            raise SpeakerError(f"no reply within {REPLY_WITHIN_S:.0f} s") from None
        finally:
            self._waiting.pop(numbered.id, None)

    def write(self, data: bytes) -> None:
        """Write bytes as they are, frame or not. After the end nothing happens."""
        if self._transport is not None and not self.ended:
            self._transport.write(data)

    def pong(self) -> None:
        """Answer a ping, heard or not."""
        self.write(_PONG)

    def hear_nothing(self, bytes_per_s: float) -> None:
        """From now on read at most so many bytes a second and throw them away; 0 reads nothing, `math.inf` all."""
        assert self._transport is not None
        self._deaf_bytes_per_s = bytes_per_s
        if bytes_per_s:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    async def ended_within(self, seconds: float) -> str:
        """Why the connection ended, or empty when it has not by then. Who reads nothing hears of no end."""
        try:
            # Not wait_for: before Python 3.12 it loses a cancellation that comes together with the end.
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            return ""
        return self.ended

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    # ---- what asyncio calls ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.port = int(transport.get_extra_info("sockname")[1])
        transport.write(wire.upgrade_request(*self._address))

    def data_received(self, data: bytes) -> None:
        """Frames come."""
        if self._deaf_bytes_per_s is not None:
            self._rest_after(len(data))
            return
        data = self._held + data
        self._held = b""
        try:
            if not self._upgraded:
                rest = wire.after_head(data)
                if rest is None:
                    self._held = data
                    return
                self._upgraded = True
                self._open.set_result(None)
                data = rest
            frames, used = wire.split(data)
        except wire.WireError as error:
            self._end(str(error))
            return
        self._held = data[used:]
        for opcode, payload in frames:
            self._on_frame(opcode, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits for ever."""
        self._end(f"connection lost ({exc or 'closed'})")

    def _on_frame(self, opcode: int, payload: bytes) -> None:
        if opcode == wire.CLOSE:
            self._end(f"close {wire.close_code(payload)}")
        elif opcode == wire.PING and self._transport is not None:
            self._transport.write(wire.client_frame(payload, wire.PONG))
        elif opcode == wire.BINARY:
            for message in decode_server(payload):
                if isinstance(message, Ping) and self._transport is not None:
                    self._transport.write(_PONG)
                elif not isinstance(message, Ping | Pulse | Push | Restart):
                    self._on_reply(message)

    def _on_reply(self, reply: Reply) -> None:
        future = self._waiting.get(reply.id)
        if future is not None and not future.done():
            future.set_result(reply)

    def _rest_after(self, size: int) -> None:
        assert self._transport is not None
        assert self._deaf_bytes_per_s is not None
        if 0 < self._deaf_bytes_per_s < math.inf:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(size / self._deaf_bytes_per_s, self._transport.resume_reading)

    def _end(self, why: str) -> None:
        self.ended = self.ended or why
        self._over.set()
        error = SpeakerError(self.ended)
        futures: list[asyncio.Future[Any]] = [self._open, *self._waiting.values()]
        for future in futures:
            if not future.done():
                future.set_exception(error)
                future.exception()  # heard, even when nobody waits any more
        if self._transport is not None:
            self._transport.abort()


def why_not(reply: Reply) -> str:
    """The code of a refusal; empty for any other reply."""
    return reply.code.value if isinstance(reply, Refused) else ""
