"""How far the hub's clock is ahead of ours. Pure: `now_ms` and `sent_ms` are our clock, `stamp_ms` is the hub's.

What the hub stamped before we got it bounds its lead from below, what it stamped after we sent something from above;
the middle of the two is off by half the way there and back at most, and usually by far less. The same for pages:
`clients/web/shared/clock.js`.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

KEPT: Final = 8
DRIFT: Final = 1e-4
"""Clocks drift by up to so much a ms: old bounds are worth less."""
GRAIN_MS: Final = 1.0
"""Stamps are whole ms."""

_Bound = tuple[float, float]


class HubClock:
    """Invariant: the bounds that are kept do not exclude each other."""

    def __init__(self) -> None:
        self._least: deque[_Bound] = deque(maxlen=KEPT)
        self._most: deque[_Bound] = deque(maxlen=KEPT)

    def stamped(self, stamp_ms: float, now_ms: float) -> None:
        """The hub wrote this stamp into what came now."""
        self._least.append((now_ms, stamp_ms - now_ms - GRAIN_MS))
        self._check(now_ms)

    def answered(self, sent_ms: float, stamp_ms: float, now_ms: float) -> None:
        """The hub wrote this stamp after what we sent then. `now_ms`: when this was known to be so, for an answer
        that is told of later `sent_ms` itself."""
        self._most.append((now_ms, stamp_ms - sent_ms + GRAIN_MS))
        self._check(now_ms)

    def hub_ms(self, now_ms: float) -> float:
        """What the hub's clock shows now."""
        return now_ms + self.ahead_ms(now_ms)

    def ahead_ms(self, now_ms: float) -> float:
        """Add it to our clock; 0 while nothing is known."""
        if not self._least:
            return _narrowest(self._most, now_ms, +1) if self._most else 0.0
        if not self._most:
            return _narrowest(self._least, now_ms, -1)
        return (_narrowest(self._least, now_ms, -1) + _narrowest(self._most, now_ms, +1)) / 2

    def _check(self, now_ms: float) -> None:
        """Bounds that exclude each other: one of the clocks was put right. Only the latest counts."""
        if not self._least or not self._most:
            return
        if _narrowest(self._least, now_ms, -1) > _narrowest(self._most, now_ms, +1):
            for bounds in (self._least, self._most):
                latest = [bound for bound in bounds if bound[0] == now_ms]
                bounds.clear()
                bounds.extend(latest)


def _narrowest(bounds: Iterable[_Bound], now_ms: float, side: int) -> float:
    """The bound that says most: the highest of those from below (`side` -1), the lowest of those from above (+1)."""
    choose: Callable[[Iterable[float]], float] = max if side < 0 else min
    return choose(ahead + side * DRIFT * (now_ms - at) for at, ahead in bounds)
