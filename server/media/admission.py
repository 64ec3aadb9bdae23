"""Who may still fetch pictures when the hub's uplink is full: whoever watches goes on, newcomers wait."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from server.core.model import SessionId

SEEN_S: Final = 15.0
"""A player that asked for nothing for so long has left."""
PLAYERS_MOST: Final = 100_000


class Admission:
    """Counts players by the name each gives itself. `cap_kbit_s`: 0 for none."""

    def __init__(self, cap_kbit_s: int, clock_s: Callable[[], float]) -> None:
        self._cap = cap_kbit_s
        self._clock_s = clock_s
        self._players: dict[tuple[SessionId, str], float] = {}  # in the order they were seen last
        self._rates: dict[SessionId, int] = {}
        self._counts: Counter[SessionId] = Counter()

    def admit(self, session: SessionId, player: str, kbit_s: int) -> bool:
        """Whether that player may have the playlist. A player without a name is let in while there is room, and not
        counted."""
        now_s = self._clock_s()
        self._forget(now_s)
        self._rates[session] = kbit_s
        key = (session, player)
        if key not in self._players:
            if self._cap and self._taken() + kbit_s > self._cap:
                return False
            if not player or len(self._players) >= PLAYERS_MOST:
                return not self._cap or not player
            self._counts[session] += 1
        else:
            del self._players[key]
        self._players[key] = now_s
        return True

    def watching(self, session: SessionId) -> int:
        """Players of that session."""
        self._forget(self._clock_s())
        return self._counts[session]

    def _taken(self) -> int:
        return sum(count * self._rates.get(session, 0) for session, count in self._counts.items())

    def _forget(self, now_s: float) -> None:
        while self._players:
            key = next(iter(self._players))
            if now_s - self._players[key] <= SEEN_S:
                return
            del self._players[key]
            self._counts[key[0]] -= 1
            if not self._counts[key[0]]:
                del self._counts[key[0]]
                self._rates.pop(key[0], None)
