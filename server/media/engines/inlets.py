"""Encoders that send to an engine: who they are, and the broadcasts their streams feed.

An encoder is a source of a session's picture like a host's page: one at a time, replaced and ended by the same rules.
"""

import asyncio
import hmac
import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from server.core.model import SessionId
from server.core.refusal import Code, Refusal
from server.media.broadcast import PictureState
from server.media.broadcasts import Broadcasts
from server.media.engines.engine import Ask, Engine, Event, Hook, Playback
from server.media.engines.inlet import STOPPED, Inlet

log = logging.getLogger(__name__)

STREAM: Final = re.compile(r"s[0-9a-f]{16}")
"""Names the hub gives streams; anything else is nobody's, and no reason to ask the store."""
LOOK_EVERY_S: Final = 0.3
"""A cut-off must be at the encoder within a second."""
HELD_S: Final = 60.0
"""An encoder whose picture was stopped would be back within seconds by itself."""
LET_S: Final = 60.0
"""How long the word that an encoder may take over holds: encoders try again every few seconds."""
REMEMBERED: Final = 500


class Known(msgspec.Struct, frozen=True):
    """What is known of a stream: which session's picture it is now, and the digest of its key."""

    session: SessionId
    digest: bytes

    def __repr__(self) -> str:
        return f"Known({self.session})"


class InletState(msgspec.Struct, frozen=True, kw_only=True):
    """How an encoder stands, for the page. `trouble`: why it was sent away last, a refusal's code or a word of
    `BadMedia`."""

    connected: bool = False
    since_ms: int | None = None
    trouble: str = ""
    trouble_at_ms: int | None = None


class Inlets:
    """Invariant: at most one inlet for each stream, and each feeds one broadcast of this hub."""

    def __init__(
        self,
        *,
        engine: Engine,
        broadcasts: Broadcasts,
        find: Callable[[str], Awaitable[Known | None]],
        digest: Callable[[str], bytes],
        ask: Callable[[Ask], Awaitable[None]],
        clock_ms: Callable[[], int],
    ) -> None:
        """`find` looks a stream up in the store; `digest` is that of a key; `ask` puts a request to the engine."""
        self.engine = engine
        self.owns: Callable[[SessionId], bool] = lambda _session: True
        """Whether this worker has that session's picture."""
        self._broadcasts = broadcasts
        self._find = find
        self._digest = digest
        self._ask = ask
        self._clock_ms = clock_ms
        self._inlets: dict[str, Inlet] = {}
        self._troubles: dict[SessionId, tuple[str, int]] = {}
        self._let: dict[SessionId, float] = {}
        self._held: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None
        self._arriving = asyncio.Lock()

    def start(self) -> None:
        """Look after what runs, until `close`."""
        self._task = asyncio.create_task(self._look_after(), name="encoders")

    async def close(self) -> None:
        """Encoders stay at the engine: after a restart its next word brings them back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        for inlet in list(self._inlets.values()):
            await inlet.close(drop=False)
        self._inlets.clear()

    # ---- what the engine says ----

    async def hear(self, hook: Hook) -> bool:
        """Whether the engine is answered yes."""
        match hook.event:
            case Event.PUBLISH | Event.STILL:
                try:
                    await self._sends(hook)
                except Refusal as refusal:
                    # The store is away: who sends goes on, nobody new begins.
                    return hook.event is Event.STILL and refusal.code is Code.UNAVAILABLE
                return True
            case Event.DONE:
                inlet = self._inlets.get(hook.stream)
                if inlet is not None and inlet.client == hook.client:
                    del self._inlets[hook.stream]
                    await inlet.close(drop=False)
                return True
            case Event.PLAY:
                # Who else may play is the engine's own rule (this machine alone, or everybody where viewers are sent
                # there); here only that it is a stream which goes on.
                return hook.stream in self._inlets
            case Event.RECORDED:
                return True
            case _:
                return False

    async def session_of(self, stream: str) -> SessionId | None:
        """Whose stream that is. Raises `Refusal`."""
        known = await self._find(stream) if STREAM.fullmatch(stream) else None
        return None if known is None else known.session

    async def _sends(self, hook: Hook) -> None:
        known = await self._find(hook.stream) if STREAM.fullmatch(hook.stream) else None
        if known is None or not hmac.compare_digest(known.digest, self._digest(hook.key)):
            raise Refusal(Code.FORBIDDEN, needs="stream_key")
        async with self._arriving:
            old = self._inlets.get(hook.stream)
            if old is not None and old.client == hook.client and not old.over:
                return
            if old is not None:
                await old.close(drop=True)
            try:
                await self._begin(known, hook)
            except Refusal as refusal:
                if "needs" not in refusal.params:
                    self._note(known.session, refusal.code.value)
                raise

    async def _begin(self, known: Known, hook: Hook) -> None:
        place = self.engine.place(hook.stream)
        if self._held.get(hook.stream, 0.0) > time.monotonic():
            self._note(known.session, STOPPED)
            raise Refusal(Code.FORBIDDEN, needs="patience")
        inlet = Inlet(hook.stream, hook.client, known, self._clock_ms, self._end_at_engine)
        let = self._let.pop(known.session, 0.0) > time.monotonic()
        if place is None:
            await self._stands_aside(known.session, let)
            self._inlets[hook.stream] = inlet
        else:
            broadcast = await self._broadcasts.enter(known.session, inlet.source, take_over=let)
            self._inlets[hook.stream] = inlet
            inlet.start(broadcast, place)
        self._troubles.pop(known.session, None)

    async def _stands_aside(self, session: SessionId, let: bool) -> None:
        """Viewers get this picture from the engine: no other may be sent to the hub. Raises `Refusal`."""
        await self._broadcasts.require(session)
        here = self._broadcasts.find(session)
        if here is not None and here.source is not None:
            if not let:
                raise Refusal(Code.PICTURE_TAKEN, session=session)
            self._broadcasts.stop_source(session)

    async def _end_at_engine(self, inlet: Inlet) -> None:
        if inlet.trouble:
            self._note(inlet.known.session, inlet.trouble)
            if inlet.trouble == STOPPED:
                self._held = {s: at_s for s, at_s in self._held.items() if at_s > time.monotonic()}
                self._held[inlet.stream] = time.monotonic() + HELD_S
        if self._inlets.get(inlet.stream) is inlet:
            del self._inlets[inlet.stream]
        asked = self.engine.drop(inlet.stream, inlet.client)
        if asked is not None:
            await self._ask(asked)

    # ---- pictures that viewers get from the engine ----

    def playback(self, session: SessionId) -> Playback | None:
        """Where they get that session's, None: from the hub, if anywhere."""
        for inlet in self._inlets.values():
            if inlet.known.session == session and not inlet.over:
                return self.engine.playback(inlet.stream, self._clock_ms())
        return None

    @property
    def takes(self) -> bool:
        """Whether encoders have a door here, and their picture can be packed."""
        return self.engine.takes and self._broadcasts.able

    @property
    def recorded(self) -> bool:
        """Whether what encoders send comes here and is recorded; else viewers get it from the engine alone."""
        return self.engine.place("") is not None

    def states(self) -> dict[SessionId, str]:
        """What viewers are told of them."""
        if self.recorded:
            return {}
        return {inlet.known.session: PictureState.ON.value for inlet in self._inlets.values() if not inlet.over}

    # ---- what people say ----

    @property
    def count(self) -> int:
        """Encoders now."""
        return len(self._inlets)

    def let(self, session: SessionId) -> None:
        """The encoder's next try may take the picture over from whoever sends it now."""
        self._let[session] = time.monotonic() + LET_S
        self._held.clear()
        self._troubles.pop(session, None)

    def state(self, session: SessionId) -> InletState:
        """How the session's encoder stands."""
        inlet = next((one for one in self._inlets.values() if one.known.session == session), None)
        trouble, at_ms = self._troubles.get(session, ("", None))
        return InletState(
            connected=inlet is not None,
            since_ms=inlet.since_ms if inlet is not None else None,
            trouble=trouble,
            trouble_at_ms=at_ms,
        )

    async def look(self) -> None:
        """Whoever may not go on is ended now."""
        for inlet in list(self._inlets.values()):
            try:
                await self._look_at(inlet)
            except Refusal as refusal:
                if refusal.code is not Code.UNAVAILABLE:
                    inlet.trouble = refusal.code.value
                    await inlet.close(drop=True)

    async def _look_at(self, inlet: Inlet) -> None:
        known = await self._find(inlet.stream)
        if known is None or known.digest != inlet.known.digest:
            raise Refusal(Code.FORBIDDEN, needs="stream_key")
        if known.session != inlet.known.session:
            await self._moves(inlet, known)
        else:
            await self._broadcasts.require(known.session)

    async def _moves(self, inlet: Inlet, known: Known) -> None:
        """From a rehearsal to its session, or back: the encoder stays, its picture goes elsewhere. Raises `Refusal`,
        also when it may not begin there yet: then it is sent away, and encoders come back by themselves."""
        async with self._arriving:
            if self._inlets.get(inlet.stream) is not inlet:
                return
            try:
                await self._broadcasts.require(known.session)
            except Refusal as refusal:
                self._note(known.session, refusal.code.value)
                raise
            del self._inlets[inlet.stream]
            await inlet.close(drop=False)
            if not self.owns(known.session):
                return  # the engine's next word comes to the worker that does
            hook = Hook(event=Event.STILL, stream=inlet.stream, client=inlet.client)
            await self._begin(known, hook)

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except Exception:
                log.exception("looking after encoders failed")

    def _note(self, session: SessionId, trouble: str) -> None:
        self._troubles.pop(session, None)
        self._troubles[session] = (trouble, self._clock_ms())
        while len(self._troubles) > REMEMBERED:
            del self._troubles[next(iter(self._troubles))]
