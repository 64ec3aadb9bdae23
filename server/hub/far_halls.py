"""The halls of other provinces, as their home shows them in its Redis: for the portal's list, not for anybody's room.

What comes from there is another house's word: it is bounded, cut and never believed in what it says of an address.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import msgspec

from server.bus.bus import Bus
from server.core.channels import Kind, channel, far_channel
from server.core.model import ON_AIR, Session, SessionId
from server.core.protocol import AreaSnapshot
from server.core.refusal import Refusal
from server.core.unreadable import UNREADABLE
from server.hub.far import FAR_WITHIN_S, MOST_HALLS, FarNumbers

log = logging.getLogger(__name__)

LONGEST_ID: Final = 50
LONGEST_NAME: Final = 60
GONE_AFTER_S: Final = 3600.0
"""What a province said last is told for that long after it fell silent; then its halls are listed no more."""

_area = msgspec.msgpack.Decoder(AreaSnapshot)


class FarHall(msgspec.Struct, frozen=True, kw_only=True):
    """A far hall under the name it has here (`SESSION@CODE`), and how many watch it."""

    session: Session
    online: int


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a province: `at_ms` since when, 0 for nothing yet; `reachable`: just now."""

    reachable: bool
    at_ms: int = 0
    halls: tuple[FarHall, ...] = ()

    @property
    def live(self) -> int:
        """Halls on the air."""
        return sum(hall.session.state in ON_AIR for hall in self.halls)

    @property
    def online(self) -> int:
        """Who watches them."""
        return sum(hall.online for hall in self.halls)


class FarHalls:
    """Asked, it reads; what it read last stands in while a province is silent."""

    def __init__(self, bus: Bus, numbers: FarNumbers, clock_ms: Callable[[], int]) -> None:
        self._bus = bus
        self._numbers = numbers
        self._clock_ms = clock_ms
        self._last: dict[str, tuple[int, tuple[Session, ...]]] = {}

    async def look(self, province: str, *, within_s: float = FAR_WITHIN_S) -> Known:
        """Never raises for what the other side does."""
        try:
            async with asyncio.timeout(within_s):
                shown = await self._bus.snapshot(far_channel(channel(Kind.AREA, province), province))
        except (Refusal, TimeoutError):
            return self._stood(province)
        if shown is None:
            return self._stood(province)
        try:
            sessions = _area.decode(shown.data).sessions
        except UNREADABLE:
            log.warning("the halls of province %s cannot be read by this version", province)
            return self._stood(province)
        self._last[province] = (self._clock_ms(), _bounded(sessions, province))
        return self._of(province, reachable=True)

    def _stood(self, province: str) -> Known:
        at_ms, _ = self._last.get(province, (0, ()))
        if self._clock_ms() - at_ms > GONE_AFTER_S * 1000:
            self._last.pop(province, None)
        return self._of(province, reachable=False)

    def _of(self, province: str, *, reachable: bool) -> Known:
        at_ms, sessions = self._last.get(province, (0, ()))
        halls = (FarHall(session=session, online=self._online(session)) for session in sessions)
        return Known(reachable=reachable, at_ms=at_ms, halls=tuple(halls))

    def _online(self, session: Session) -> int:
        pulse = self._numbers.of(session.id) if session.state in ON_AIR else None
        return pulse.numbers.online if pulse else 0


def _bounded(sessions: tuple[Session, ...], province: str) -> tuple[Session, ...]:
    """Those on the air first, then by their beginning; what is over is not listed."""
    usable = [session for session in sessions if _usable(session)]
    usable.sort(key=lambda one: (one.state not in ON_AIR, one.starts_at_ms or 0, one.id))
    return tuple(
        msgspec.structs.replace(
            session,
            id=SessionId(f"{session.id}@{province}"),
            title=session.title[:LONGEST_NAME],
            venue_name=session.venue_name[:LONGEST_NAME],
        )
        for session in usable[:MOST_HALLS]
    )


def _usable(session: Session) -> bool:
    plain = session.id.isprintable() and not set(session.id) & set("/@?# ")
    return plain and 0 < len(session.id) <= LONGEST_ID and session.ended_at_ms is None
