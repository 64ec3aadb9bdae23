"""Bytes of a connection, read into one buffer for all of them.

asyncio's plain protocols get what `recv` returns: memory as large as what is asked for, 256 KiB unless told otherwise,
made and unmade for each reading (14.2 us for a message of a hundred bytes). Into a buffer that stays the same reading
costs 2.5. aiohttp's protocol is a plain one, so `web/guard` has its connections ask for less.
"""

import asyncio
import threading

BUFFER_BYTES = 64 * 1024


class _Reading(threading.local):
    """One for each thread: between the two calls below the interpreter may go to another."""

    def __init__(self) -> None:
        self.view = memoryview(bytearray(BUFFER_BYTES))


_reading = _Reading()


class Receiver(asyncio.BufferedProtocol):
    """A protocol that is given its bytes as a plain one is, BUFFER_BYTES at once at most."""

    __slots__ = ()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go (asyncio.BufferedProtocol)."""
        return _reading.view

    def buffer_updated(self, nbytes: int) -> None:
        """They are there: nothing has been read since."""
        self.data_received(bytes(_reading.view[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        raise NotImplementedError


class _Nobody(Receiver):
    """Reads for those that have gone."""

    def data_received(self, data: bytes) -> None:
        """Nothing comes any more."""


_NOBODY = _Nobody()


def let_go(transport: asyncio.Transport) -> None:
    """To be called when a connection is over: under TLS asyncio's own protocol keeps the methods of the last reader,
    who knows the transport, which knows that protocol. Such a ring, with its buffers 60 kB and more, would stay until
    the next full search for garbage (`assembling/garbage`)."""
    if transport.get_extra_info("sslcontext") is not None:
        transport.set_protocol(_NOBODY)
