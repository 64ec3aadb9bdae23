"""Who may still fetch pictures when the hub's uplink is full: who watches goes on, newcomers get sound and stills."""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec

from server.core.model import SessionId
from server.media.uplink import SEEN_S, SharedUplink

PLAYERS_MOST: Final = 100_000
SOUND_SHARE: Final = 0.25
"""Of the cap, on top of it and for sound alone: 300 Mbit/s leave room for a thousand listeners more. Beyond that there
are stills, which are small, the same for all and kept by caches."""
SOUND_KBIT_S: Final = 80
"""AAC at 64 kbit/s with its boxes, and a still every ten seconds."""


class Rendition(StrEnum):
    """What a player fetches."""

    PICTURE = "picture"
    SOUND = "sound"


class Asked(msgspec.Struct, frozen=True):
    """A player of a session asks for a rendition of so many kbit/s."""

    session: SessionId
    player: str
    rendition: Rendition
    kbit_s: int

    @property
    def stream(self) -> tuple[SessionId, Rendition]:
        """What it counts for."""
        return self.session, self.rendition


class Admission:
    """Counts players by the name each gives itself. `cap_kbit_s`: 0 for none. `shared`: with whom the cap is shared."""

    def __init__(self, cap_kbit_s: int, clock_s: Callable[[], float], shared: SharedUplink | None = None) -> None:
        self._cap = cap_kbit_s
        self._shared = shared
        self._clock_s = clock_s
        # In the order they were seen last.
        self._players: dict[tuple[SessionId, Rendition, str], float] = {}
        self._rates: dict[tuple[SessionId, Rendition], int] = {}
        self._counts: Counter[tuple[SessionId, Rendition]] = Counter()

    def admit(self, asked: Asked) -> bool:
        """Whether that player may have the playlist. A player without a name is let in while there is room, and not
        counted."""
        now_s = self._clock_s()
        self._forget(now_s)
        admitted = self._counted(asked, now_s)
        if self._cap and self._shared is not None:
            self._shared.tell(self._taken(), now_s)
        return admitted

    def _counted(self, asked: Asked, now_s: float) -> bool:
        self._rates[asked.stream] = asked.kbit_s
        key = (*asked.stream, asked.player)
        if key not in self._players:
            if self._cap and self._taken() + self._taken_beside(now_s) + asked.kbit_s > self._room(asked.rendition):
                return False
            if not asked.player or len(self._players) >= PLAYERS_MOST:
                return not self._cap or not asked.player
            self._counts[asked.stream] += 1
        else:
            del self._players[key]
        self._players[key] = now_s
        return True

    def watching(self, session: SessionId) -> int:
        """Players of that session, those that only listen among them."""
        self._forget(self._clock_s())
        return sum(self._counts[session, rendition] for rendition in Rendition)

    def _room(self, rendition: Rendition) -> float:
        return self._cap * (1 + SOUND_SHARE if rendition is Rendition.SOUND else 1)

    def _taken(self) -> int:
        return sum(count * self._rates.get(stream, 0) for stream, count in self._counts.items())

    def _taken_beside(self, now_s: float) -> int:
        return self._shared.others(now_s) if self._shared is not None else 0

    def _forget(self, now_s: float) -> None:
        while self._players:
            key = next(iter(self._players))
            if now_s - self._players[key] <= SEEN_S:
                return
            del self._players[key]
            stream = key[:2]
            self._counts[stream] -= 1
            if not self._counts[stream]:
                del self._counts[stream]
                self._rates.pop(stream, None)
