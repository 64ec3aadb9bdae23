"""`/api/sessions/ID/streaming`: the stream key of the session's encoder, and how the encoder stands.

No commands of the protocol: their replies are kept for a week to be repeated, and a key is shown once.
"""

import msgspec
from aiohttp import web

from server.actions.streaming import Streaming
from server.core.model import Principal, SessionId
from server.core.refusal import Code, Refusal
from server.hub.hub import Hub
from server.media.broadcasts import Broadcasts
from server.media.engines.inlets import Inlets, InletState
from server.web.answers import json_answer
from server.web.issuing import bearer
from server.web.rationing import Ration

KEYS_PER_S, KEYS_BURST = 1 / 10, 10


class StreamingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET`. `takes`: this house has a door for encoders; `server`: what they are told; `browser`: a page
    sends the picture now; `recorded`: what the encoder sends is recorded here."""

    takes: bool
    recorded: bool
    server: str
    made_at_ms: int | None
    encoder: InletState
    browser: bool
    kbit_s: int
    behind_ms: int | None


class KeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A new key, shown this once: server and stream key as OBS calls them."""

    server: str
    key: str


class StreamingDoor:
    """Handlers of the addresses."""

    def __init__(self, *, hub: Hub, streaming: Streaming, inlets: Inlets, broadcasts: Broadcasts) -> None:
        self._hub = hub
        self._streaming = streaming
        self._inlets = inlets
        self._broadcasts = broadcasts
        self._ration = Ration(KEYS_PER_S, KEYS_BURST, lambda: hub.clock_ms() / 1000)

    async def get(self, request: web.Request) -> web.Response:
        """How it stands."""
        _, session = await self._who(request)
        engine = self._inlets.engine
        made = await self._streaming.key_of(session)
        broadcast = self._broadcasts.find(session)
        state = self._inlets.state(session)
        server = engine.publish_target("", "", self._hub.clock_ms()).server if engine.takes else ""
        return json_answer(
            StreamingAnswer(
                takes=self._inlets.takes,
                recorded=self._inlets.recorded,
                server=server,
                made_at_ms=made.made_at_ms if made is not None else None,
                encoder=state,
                browser=broadcast is not None and broadcast.source is not None and not state.connected,
                kbit_s=broadcast.kbit_s() if broadcast is not None else 0,
                behind_ms=broadcast.behind_ms(self._hub.clock_ms()) if broadcast is not None else None,
            )
        )

    async def make_key(self, request: web.Request) -> web.Response:
        """`POST …/key`: a new key; whoever sends with the old one is cut off."""
        principal, session = await self._who(request)
        if not self._inlets.engine.takes:
            raise Refusal(Code.UNAVAILABLE, what="encoders")
        self._ration.take(principal.person)
        now_ms = self._hub.clock_ms()
        fresh = await self._streaming.make(principal, session, now_ms)
        await self._inlets.look()
        target = self._inlets.engine.publish_target(fresh.stream, fresh.secret, now_ms)
        return json_answer(KeyAnswer(server=target.server, key=target.key))

    async def revoke(self, request: web.Request) -> web.Response:
        """`POST …/revoke`: no key any more."""
        principal, session = await self._who(request)
        await self._streaming.revoke(principal, session, self._hub.clock_ms())
        await self._inlets.look()
        return json_answer({})

    async def take_over(self, request: web.Request) -> web.Response:
        """`POST …/take_over`: within a minute the encoder may take the picture from the page that sends it."""
        _, session = await self._who(request)
        self._inlets.let(session)
        return json_answer({})

    async def _who(self, request: web.Request) -> tuple[Principal, SessionId]:
        principal = self._hub.verify(bearer(request))
        return principal, await self._streaming.allowed(principal, request.match_info["session"])
