"""The picture of one session in this hub: who sends it, the generations it came in, and the window viewers read.

A generation is one unbroken recording. The next one follows on the same clock, after a discontinuity, whether the host
came back, changed the camera, or the packager died.
"""

import asyncio
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec

from server.core.model import SessionId
from server.media.archive import Reel
from server.media.boxes import VIDEO_SCALE
from server.media.cutting import Part
from server.media.drift import Drift
from server.media.feed import Feed
from server.media.looks import Alarm, Looks
from server.media.packager import Packager
from server.media.pipe import HeaderIs, LookIs, Order, PartIs, PullOrder, Told
from server.media.source import Recording, Source
from server.media.talk import Again, Begun, What
from server.media.window import Generation, Window

log = logging.getLogger(__name__)

GONE_AFTER_S: Final = 10.0
IDLE_S: Final = 5.0
"""No bytes for so long: the recording is over."""
BARREN_S: Final = 30.0
"""Bytes, but nothing to be shown for so long: the same. A shared screen that stands still gives a frame a second."""
TRUSTED_MS: Final = 5_000
"""How far a page's clock may be from ours; further away, ours is taken."""
KBIT_S_MOST: Final = 8_000


class PictureState(StrEnum):
    """What viewers are told."""

    ON = "on"
    PAUSED = "paused"
    GONE = "gone"


class Broadcast:
    """Invariant: at most one source and one running packager; parts of any other packager are dropped."""

    def __init__(
        self,
        session: SessionId,
        now_ms: int,
        clock_s: Callable[[], float],
        feeds: set[Feed],
        reel: Reel | None = None,
    ) -> None:
        """`feeds`: where its parts go as they come; `reel`: the recording, None for a picture that is not recorded."""
        self.session = session
        self._reel = reel
        self._recorded = 0  # number of the last segment
        self.window = Window(f"{now_ms:x}", now_ms // 1000)
        self.looks = Looks()
        self._feeds = feeds
        self.source: Source | None = None
        self.source_since_ms = 0
        self.trouble = What.NOTHING
        self.paused = False
        self.transcodes = False
        self.generation = 0
        self.part_s: float | None = None  # when the newest part came
        self.fed_s = self._began_s = 0.0
        self.left_s = clock_s()
        self._t0_ms: float | None = None
        self._end_ms = 0.0
        self._base_ms = 0.0
        self._drift = Drift()
        self._packager: Packager | None = None
        self._clock_s = clock_s
        self._changed = asyncio.Event()

    # ---- the host's side ----

    def take(self, source: Source, now_ms: int) -> None:
        """That source sends from now on."""
        self.source, self.paused, self.source_since_ms = source, False, now_ms
        self.trouble = What.NOTHING

    async def pull(self, source: Source, url: str, name: str, now_ms: int) -> None:
        """A new generation, fetched from there. Its times are moments of arrival: RTMP has no capture clock. Raises
        `OSError`."""

        def order(offset_ms: float) -> PullOrder:
            return PullOrder(offset_ms=offset_ms, started_at_ms=now_ms, url=url, name=name)

        await self._begin(source, now_ms, now_ms, order)

    async def begin(self, source: Source, recording: Recording, now_ms: int) -> None:
        """A new generation from that source. Raises `OSError`."""

        def order(offset_ms: float) -> Order:
            return Order(offset_ms=offset_ms, container=recording.container, transcode=recording.transcode)

        self.transcodes = recording.transcode
        await self._begin(source, recording.started_at_ms, now_ms, order)

    async def _begin(
        self, source: Source, started_at_ms: int, now_ms: int, order: Callable[[float], Order | PullOrder]
    ) -> None:
        await self.end_recording()
        if source is not self.source:
            return
        if not now_ms - TRUSTED_MS <= started_at_ms <= now_ms + TRUSTED_MS:
            started_at_ms = now_ms
        if self._t0_ms is None:
            self._t0_ms = started_at_ms
        offset_ms = max(started_at_ms - self._t0_ms, self._end_ms)
        self._base_ms = started_at_ms - offset_ms
        self.generation += 1
        generation = self.generation

        def told(message: Told) -> None:
            if self.generation == generation:
                self._told(message, generation)

        def ended(reason: str) -> None:
            if self.generation == generation:
                self._packager = None
                self._over(reason)

        self.fed_s = self._began_s = self._clock_s()
        packager = await Packager.start(order(offset_ms), told, ended)
        if source is not self.source:  # taken over meanwhile
            packager.kill()
            return
        self._packager = packager
        source.say(Begun(generation=generation))

    async def feed(self, source: Source, data: bytes) -> None:
        """A piece of the recording; waits until the packager has room for it."""
        if source is self.source and self._packager is not None:
            self.fed_s = self._clock_s()
            await self._packager.feed(data)

    async def end_recording(self) -> None:
        """The running recording ends; what it still holds is shown."""
        packager = self._packager
        if packager is not None:
            await packager.finish()
            self._packager = None
        self.window.finish()
        self._wake()

    async def leave(self, source: Source, *, lost: bool = False) -> None:
        """That source is gone. `lost`: nobody wanted it to."""
        if source is self.source:
            await self.end_recording()
        if source is self.source:
            self.source = None
            self.paused = False
            self.trouble = What.LOST if lost else What.NOTHING
            self.left_s = self._clock_s()

    def idle(self) -> bool:
        """Whether a recording runs and nothing comes, or nothing of use."""
        if self._packager is None:
            return False
        now_s = self._clock_s()
        return now_s - self.fed_s > IDLE_S or now_s - max(self._began_s, self.part_s or 0.0) > BARREN_S

    def kill(self) -> None:
        """End the packager at once, as if it had died."""
        if self._packager is not None:
            self._packager.kill()

    def _told(self, message: Told, generation: int) -> None:
        if isinstance(message, HeaderIs):
            begun = Generation(number=generation, header=message.data, base_ms=self._base_ms, sound=message.sound)
            self.window.begin(begun)
            self.looks.begin()
            self._drift = Drift()
            for feed in self._feeds:
                feed.begin(begun)
        elif isinstance(message, PartIs):
            self._follow_clock((message.at + message.duration) * 1000 / VIDEO_SCALE)
            part = Part(
                at=message.at,
                duration=message.duration,
                independent=message.independent,
                opens=message.opens,
                data=message.data,
                sound=message.sound,
            )
            self.window.add(part)
            for feed in self._feeds:
                feed.add(part)
            self._end_ms = (part.at + part.duration) * 1000 / VIDEO_SCALE
            self.part_s = self.fed_s = self._clock_s()
        elif isinstance(message, LookIs):
            self.looks.add(message, self._wall_ms())
            return
        self._wake()

    def _follow_clock(self, end_ms: float) -> None:
        """The host's clock goes a little faster or slower than ours; the dates of what it sends must not."""
        was_ms, begun = self._drift.ms, self.window.begun
        if self._drift.see(end_ms, self._clock_s() * 1000) and begun is not None:
            self._base_ms += self._drift.ms - was_ms
            moved = msgspec.structs.replace(begun, base_ms=self._base_ms)
            self.window.move(moved)
            for feed in self._feeds:
                feed.move(moved)

    def _over(self, reason: str) -> None:
        self.window.finish()
        self._wake()
        if reason and self.source is not None:
            log.info("picture of %s begins anew: %s", self.session, reason)
            self.source.say(Again(reason=reason))

    # ---- the viewers' side ----

    def show(self, feed: Feed) -> None:
        """That feed, which is new, gets what is live from the last key frame on."""
        generation = self.window.begun
        if generation is None:
            return
        feed.begin(generation)  # also before its first part, or it would miss them all
        newest = self.window.segments[-1] if self.window.segments else None
        if newest is not None and newest.generation.number == generation.number and self.state is not PictureState.GONE:
            for part in newest.parts:
                feed.add(part)

    @property
    def state(self) -> PictureState:
        """What viewers are told now."""
        if self.source is not None and self.paused:
            return PictureState.PAUSED
        fresh = self.part_s is not None and self._clock_s() - self.part_s <= GONE_AFTER_S
        return PictureState.ON if fresh else PictureState.GONE

    def alarms(self) -> tuple[Alarm, ...]:
        """What operators must look at. A host who covered the picture knows it."""
        if self.state is PictureState.PAUSED:
            return ()
        if self.state is PictureState.GONE:
            return (Alarm(what="gone", since_ms=self._wall_ms()),)
        found = self.looks.alarms()
        trouble = self._reel.trouble_since_ms if self._reel is not None else 0
        return (*found, Alarm(what="unrecorded", since_ms=trouble)) if trouble else found

    def _wall_ms(self) -> int:
        """Capture time of the newest frame."""
        return round(self._base_ms + self._end_ms)

    def behind_ms(self, now_ms: int) -> int | None:
        """Age of the newest frame viewers can have."""
        return None if self.part_s is None else max(0, round(now_ms - self._base_ms - self._end_ms))

    def kbit_s(self) -> int:
        """What one viewer takes, as measured over the window."""
        length_s = sum(segment.duration_s for segment in self.window.segments)
        return round(self.window.bytes * 8 / 1000 / length_s) if length_s > 0 else 0

    async def until(self, number: int, part: int | None, within_s: float) -> bool:
        """Whether the playlist holds that segment or part, waiting for it if it must."""
        try:
            async with asyncio.timeout(within_s):
                while not self.window.has(number, part):
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """The recording is written to its end."""
        await self.end_recording()
        if self._reel is not None:
            await self._reel.close()

    def _wake(self) -> None:
        if self._reel is not None:
            for segment in self.window.segments:
                if segment.done and segment.number > self._recorded:
                    self._recorded = segment.number
                    self._reel.put(segment)
        # Everybody who waits has this event; who comes later gets the next one.
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
