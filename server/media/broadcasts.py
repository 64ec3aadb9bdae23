"""All pictures of this hub: who may send which, and what ends by itself."""

import asyncio
import importlib.util
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from server.core.limits import Close
from server.core.model import SessionId, is_rehearsal
from server.core.refusal import Code, Refusal
from server.media.archive import Bounds, Reel
from server.media.broadcast import Broadcast
from server.media.feed import Feed
from server.media.looks import told_look
from server.media.source import Source
from server.media.talk import Again, Heard, Stopped
from server.media.watchers import Watchers

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0
TELL_EVERY: Final = 2
"""Looks between two `heard`."""
PICTURES_MOST: Final = 64
"""Each is a child process of about 45 MB; a province on air has 49 halls."""
FORGET_AFTER_S: Final = 15 * 60.0
"""A picture nobody sends any more is forgotten: a host's reboot takes less."""


class Broadcasts:
    """Invariant: at most PICTURES_MOST pictures; a session that is over has none within about a second."""

    def __init__(
        self,
        *,
        clock_ms: Callable[[], int],
        check: Callable[[SessionId], Awaitable[None]],
        watching: Callable[[SessionId], int],
        recordings: Path | None = None,
        bounds: Bounds | None = None,
        converted: int = 1,
    ) -> None:
        """`check` raises `Refusal` for a session that may not have a picture now; `watching`: players of one;
        `recordings`: where to record, None for nowhere; `bounds`: how much; `converted`: pictures made into H.264 at
        once, for browsers that have none; a host beyond them is refused."""
        self._converted = converted
        self._recordings = recordings
        self._bounds = bounds
        self.able = importlib.util.find_spec("av") is not None
        self._clock_ms = clock_ms
        self._check = check
        self.watching = watching
        self._all: dict[SessionId, Broadcast] = {}
        self.watchers = Watchers()
        self._looks = 0
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def start(self) -> None:
        """Look after what runs, until `close`."""
        self._task = asyncio.create_task(self._look_after(), name="pictures")

    async def close(self) -> None:
        """Hosts are told to come back; every child is gone when it returns."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        for broadcast in list(self._all.values()):
            await self._end(broadcast, Close.RESTART)
        self.watchers.end(Close.RESTART)

    def find(self, session: SessionId) -> Broadcast | None:
        """The picture of that session, if it has one here."""
        return self._all.get(session)

    def states(self) -> dict[SessionId, str]:
        """What viewers are told, for every session with a picture."""
        return {session: broadcast.state.value for session, broadcast in self._all.items() if broadcast.generation}

    async def require(self, session: SessionId) -> None:
        """Raises `Refusal` when the session may not have a picture now."""
        await self._check(session)

    def looks(self) -> dict[SessionId, str]:
        """How each picture looks (`looks.told_look`), for the operators' walls."""
        return {
            session: told_look(broadcast.looks.number, broadcast.alarms())
            for session, broadcast in self._all.items()
            if broadcast.generation
        }

    async def enter(self, session: SessionId, source: Source, *, take_over: bool) -> Broadcast:
        """Make that connection the source of the session's picture. Raises `Refusal`."""
        if not self.able:
            raise Refusal(Code.UNAVAILABLE, what="video")
        await self._check(session)
        if self._closed:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="hub")
        broadcast = self._all.get(session)
        if broadcast is None:
            if sum(one.source is not None for one in self._all.values()) >= PICTURES_MOST:
                raise Refusal(Code.TOO_MANY, temporary=True, retry_ms=30_000)
            broadcast = self._all[session] = self._new(session)
        old = broadcast.source
        if old is not None and old.name != source.name and not take_over:
            raise Refusal(Code.PICTURE_TAKEN, session=session)
        broadcast.take(source, self._clock_ms())
        if old is not None:
            old.leave(Close.TAKEN_OVER)
        return broadcast

    def _new(self, session: SessionId) -> Broadcast:
        now_ms = self._clock_ms()
        reel = None
        if self._recordings is not None and not is_rehearsal(session):
            reel = Reel(self._recordings, session, f"{now_ms:x}", self._bounds)
        return Broadcast(session, now_ms, time.monotonic, self.watchers.of(session), reel)

    def watch(self, session: SessionId, feed: Feed) -> None:
        """That feed gets the session's picture, from now on if there is one, else from its first part on."""
        self.watchers.add(session, feed)
        broadcast = self._all.get(session)
        if broadcast is not None:
            broadcast.show(feed)

    def unwatch(self, session: SessionId, feed: Feed) -> None:
        """Nobody reads that feed any more."""
        self.watchers.remove(session, feed, has_picture=session in self._all)

    def stop_source(self, session: SessionId) -> None:
        """What sends that session's picture is ended, and told not to come back."""
        broadcast = self._all.get(session)
        if broadcast is not None and broadcast.source is not None:
            broadcast.source.say(Stopped())
            broadcast.source.leave(Close.FORBIDDEN)

    def may_transcode(self, broadcast: Broadcast) -> bool:
        """Whether that picture may be made into H.264: only as many as this machine carries beside its hub."""
        others = [
            one for one in self._all.values() if one.transcodes and one.source is not None and one is not broadcast
        ]
        return len(others) < self._converted

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._looks += 1
            for broadcast in list(self._all.values()):
                try:
                    await self._look_at(broadcast)
                except Exception:
                    log.exception("looking after the picture of %s failed", broadcast.session)

    async def _look_at(self, broadcast: Broadcast) -> None:
        source = broadcast.source
        try:
            await self._check(broadcast.session)
        except Refusal as refusal:
            if refusal.code is not Code.UNAVAILABLE:  # the store is away: who broadcasts goes on
                await self._end(broadcast, Close.FORBIDDEN)
                return
        if source is None:
            if time.monotonic() - broadcast.left_s > FORGET_AFTER_S:
                await self._end(broadcast, Close.RESTART)
            return
        if broadcast.idle():
            await broadcast.end_recording()
            source.say(Again(reason="idle"))
        if self._looks % TELL_EVERY == 0:
            source.say(
                Heard(
                    behind_ms=broadcast.behind_ms(self._clock_ms()),
                    watching=self.watching(broadcast.session),
                    kbit_s=broadcast.kbit_s(),
                )
            )

    async def _end(self, broadcast: Broadcast, code: Close) -> None:
        self._all.pop(broadcast.session, None)
        if broadcast.source is not None:
            broadcast.source.leave(code)
            broadcast.source = None
        await broadcast.close()
        if broadcast.session not in self._all:
            self.watchers.forget(broadcast.session)
