"""TLS by the hub itself. Whoever has not got through the handshake yet stands before the porch, and is watched by the
guard as every stranger is: asyncio's own way has a time for it, and no bound on how many there are.
"""

import asyncio
import ssl
from asyncio import sslproto
from typing import Final

from server.web.guard import Guard
from server.web.porch import Newcomer, Porch

READ_BYTES: Final = 17 * 1024
"""What is asked of a socket at a time: a whole record (16 KiB, RFC 8446 5.2, and its frame). asyncio has a buffer of
this size for each connection and a block of it for each reading, 256 KiB unless told otherwise: 20,000 viewers had
5 GB of it."""


class TlsPorch:
    """Makes the protocol of each new connection: TLS, and behind it what the porch makes."""

    def __init__(self, porch: Porch, context: ssl.SSLContext) -> None:
        self._porch = porch
        self._context = context

    def __call__(self) -> asyncio.BaseProtocol:
        """For the next connection."""
        return _Tls(self._porch.guard, self._porch.newcomer(), self._context)


class _Tls(sslproto.SSLProtocol):
    """What `loop.create_server(ssl=…)` would make, and the guard knows of it. The newcomer stands for the connection
    from its first moment, and is told of it when the handshake is done."""

    max_size = READ_BYTES

    def __init__(self, guard: Guard, newcomer: Newcomer, context: ssl.SSLContext) -> None:
        super().__init__(asyncio.get_running_loop(), newcomer, context, None, server_side=True)  # type: ignore[arg-type]
        self._guard = guard
        self._newcomer = newcomer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is here and has sent nothing."""
        assert isinstance(transport, asyncio.Transport)
        self._guard.came(self._newcomer, transport)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Gone; without a handshake the newcomer is not told."""
        super().connection_lost(exc)
        self._guard.went(self._newcomer)
        del self._newcomer  # it may know the transport, which knows this one: a ring of references
