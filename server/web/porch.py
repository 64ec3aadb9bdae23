"""Where every connection stands until its first bytes are there. A plain handshake of a viewer is answered here and
now; whoever asks for anything else, or in any other way, is shown into the house, which is aiohttp's.

aiohttp makes a parser, a request, a task and the frames of every middleware for each connection: of what a viewer who
comes back costs, that was a third. Nothing of it is needed to read ten lines (`web/handshake`).
"""

import asyncio

from aiohttp import web

from server.hub.hub import Hub
from server.hub.receiving import Receiver, let_go
from server.hub.upgrading import hand_to
from server.hub.wire import Conversation, takes_strangers
from server.web.gates import Gates
from server.web.guard import Guard
from server.web.handshake import PATH, Handshake, handshake_in
from server.web.origin import Callers, Origins


class Porch:
    """Makes the protocol of each new connection. Invariant: who stands here is watched by the guard."""

    def __init__(
        self, *, hub: Hub, guard: Guard, origins: Origins, callers: Callers, gates: Gates, house: web.Server
    ) -> None:
        self._hub = hub
        self._origins = origins
        self._callers = callers
        self._gates = gates
        self.guard = guard
        self.house = house
        self.standing: dict[Newcomer, None] = {}

    def __call__(self) -> asyncio.BaseProtocol:
        """For the next connection."""
        return self.newcomer()

    def newcomer(self) -> "Newcomer":
        """Who has not come yet."""
        return Newcomer(self)

    def close(self) -> None:
        """Nobody is let in any more."""
        for newcomer in list(self.standing):
            newcomer.transport.abort()

    def conversation(self, asked: Handshake, transport: asyncio.Transport) -> Conversation | None:
        """What is to be had with who asks; None where the house has to say why not. The checks are those of
        `hub.wire.serve` and of the site's middleware."""
        if not takes_strangers(self._hub) or not self._origins.allow(asked.origins, PATH):
            return None
        gate = self._gates.of(self._callers.known_as(transport, asked.forwarded))
        return Conversation(self._hub, gate, has_origin=bool(asked.origins))


class Newcomer(Receiver):
    """A connection that has not sent anything yet."""

    __slots__ = ("_porch", "transport")

    transport: asyncio.Transport

    def __init__(self, porch: Porch) -> None:
        self._porch = porch

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is here."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._porch.standing[self] = None
        self._porch.guard.came(self, transport)

    def data_received(self, data: bytes) -> None:
        """The first bytes; whoever comes after this reads the next."""
        porch, transport = self._porch, self.transport
        del porch.standing[self]
        del (
            self.transport
        )  # under TLS the transport remembers this one for as long as it is there: a ring of references
        asked = handshake_in(data)
        conversation = None if asked is None else porch.conversation(asked, transport)
        if asked is None or conversation is None:
            self._show_in(transport, data)
            return
        porch.guard.went(self)
        hand_to(transport, asked.accept, conversation)

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone again, without a byte."""
        self._porch.standing.pop(self, None)
        let_go(self.transport)
        self._porch.guard.went(self)

    def _show_in(self, transport: asyncio.Transport, data: bytes) -> None:
        handler = self._porch.house()
        self._porch.guard.passed_on(self, handler)
        transport.set_protocol(handler)
        handler.connection_made(transport)
        handler.data_received(data)
