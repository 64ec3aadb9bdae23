"""A websocket of the server on a bare transport: messages in, one after another; finished frames out.

What it costs while nothing happens is the size of this object: no task waits for the client, and nothing is buffered.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable

from server.core.limits import Close
from server.hub.incoming import HARD_LIMIT_BYTES, Answer, Ended, Incoming, close_frame
from server.hub.receiving import Receiver, let_go
from server.store.troubles import where_of

log = logging.getLogger(__name__)

SHUT_WITHIN_S = 2.0
LINGER_NOT = struct.pack("ii", 1, 0)


def _takes_none(_data: bytes) -> int:
    """`Socket.put` where the transport alone knows what goes to the kernel (TLS)."""
    return 0


class Socket(Receiver):
    """Invariant: while `busy` no message is handed on and none is read, so what a client sends is done one by one and
    at most one reading of the transport (64 KiB) waits."""

    __slots__ = ("_closed", "_ended", "_held", "_incoming", "_parting", "_wire", "busy", "transport")

    transport: asyncio.Transport

    def __init__(self, limit_bytes: int = HARD_LIMIT_BYTES) -> None:
        """`limit_bytes`: of a message, for the time being."""
        self.busy = False
        self._incoming = Incoming(limit_bytes)
        self._parting: asyncio.TimerHandle | None = None
        self._closed: asyncio.Future[None] | None = None
        self._held: list[bytes] | None = None
        self._wire: socket.socket | None = None  # the transport's descriptor a second time, given up before it closes
        self._ended = False

    # ---- for who builds on it ----------------------------------------------------------------------------------------

    @property
    def put(self) -> Callable[[bytes], int]:
        """What hands finished frames to the kernel at once and returns how many bytes it took; it raises `OSError` when
        the kernel takes none, or the connection is over. Only for while nothing waits in the transport, and what is
        left belongs there: it says what went wrong, or waits. (The way to the same `send` through the transport is 0.6
        of a delivery's 16 us. Made anew for each who asks: those of a room then lie side by side in memory.)"""
        return _takes_none if self._wire is None else self._wire.send

    def on_message(self, message: bytes | str) -> None:
        """A message came. Sets `busy` when the next one has to wait, and calls `go_on` later."""
        raise NotImplementedError

    def on_lost(self) -> None:
        """The connection is gone; called once."""

    def write(self, data: bytes) -> None:
        """Write finished frames. The answers to what came together leave together: a page that comes in joins four
        channels, and a send costs more than an answer."""
        if self._held is None:
            self.transport.write(data)
        else:
            self._held.append(data)

    def go_on(self) -> None:
        """What was sent meanwhile is next."""
        self.busy = False
        self._work()
        if not self.busy and not self.transport.is_closing():
            self.transport.resume_reading()

    def part(self, code: Close) -> None:
        """Say why it ends; a peer that does not answer within SHUT_WITHIN_S is cut. Again changes nothing."""
        if self._parting is None and not self.transport.is_closing():
            self.write(close_frame(code))
            self._parting = asyncio.get_running_loop().call_later(SHUT_WITHIN_S, self.cut)
            self.transport.resume_reading()  # for the answer

    async def parted(self, code: Close) -> None:
        """The same, and wait until it is over."""
        self.part(code)
        if self._parting is not None:
            if self._closed is None:
                self._closed = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._closed)

    def cut(self) -> None:
        """Drop the connection without a word."""
        self._give_up_wire()
        raw = self.transport.get_extra_info("socket")
        if raw is not None and raw.fileno() != -1:
            # RST at once: otherwise the kernel keeps what was not read (up to 4 MB) until it gives the peer up.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self.transport.abort()

    # ---- what the transport calls (asyncio.BufferedProtocol) ---------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Bytes will come."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        raw = transport.get_extra_info("socket")
        if raw is None or raw.fileno() == -1 or transport.get_extra_info("sslcontext") is not None:
            # To be told of the first bytes that wait, and when none do; of 0, one of TLS would tell all the time.
            transport.set_write_buffer_limits(high=1, low=0)
        else:
            self._wire = socket.socket(raw.family, raw.type, raw.proto, raw.fileno())
            self._wire.setblocking(False)
            transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._incoming.feed(data)
        if self.busy and self._parting is None:
            self.transport.pause_reading()
        else:
            self._work()

    def connection_lost(self, exc: Exception | None) -> None:
        """No more bytes in either direction."""
        self._give_up_wire()
        if self._parting is not None:
            self._parting.cancel()
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)
        let_go(self.transport)
        self.on_lost()

    def _work(self) -> None:
        self._held = []
        try:
            self._take_what_came()
        except Exception as error:
            log.error("a message could not be taken: %s", where_of(error))
            self.cut()
        finally:
            held, self._held = self._held, None
            if held:
                self.transport.write(b"".join(held))
        if self._ended:
            self._give_up_wire()
            self.transport.close()

    def _give_up_wire(self) -> None:
        """The number of a closed descriptor may be another connection's next: from here on what `put` gave raises."""
        if self._wire is not None:
            self._wire.detach()
            self._wire = None

    def _take_what_came(self) -> None:
        while not self.busy or self._parting is not None:
            item = self._incoming.next()
            if item is None:
                return
            if isinstance(item, Ended):
                self._end(item.data)
                return
            if self._parting is not None or self.transport.is_closing():
                continue  # what is said after goodbye
            if isinstance(item, Answer):
                self.write(item.data)
            else:
                self.on_message(item)

    def _end(self, last: bytes) -> None:
        """The client has said goodbye, or nothing that can be read."""
        if self.transport.is_closing():
            return
        if self._parting is None:
            self.write(last)
            self._parting = asyncio.get_running_loop().call_later(SHUT_WITHIN_S, self.cut)
        self._ended = True
