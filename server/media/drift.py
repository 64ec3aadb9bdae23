"""How far a recording's clock has gone from ours since it began.

Networks only delay, so of all that came within a minute the least delayed says how the two clocks lie. What it moves by
is followed slowly: quartz is wrong by 50 in a million, 0.18 s an hour, and whatever moves faster is a network that
fills up, which says nothing of a clock.
"""

from typing import Final

LOOK_MS: Final = 60_000.0
FOLLOWED: Final = 100e-6
"""The fastest clock that is believed: twice what cheap quartz may do, 0.36 s an hour."""


class Drift:
    """One recording. `ms`: what must be added to its times now."""

    def __init__(self) -> None:
        self.ms = 0.0
        self._first: float | None = None
        self._least = 0.0
        self._since: float | None = None

    def see(self, at_ms: float, now_ms: float) -> bool:
        """What was taken at `at_ms` of the recording's time came at `now_ms` of ours, neither jumping. Whether `ms`
        changed."""
        delay = now_ms - at_ms
        if self._since is None:
            self._since, self._least = now_ms, delay
        self._least = min(self._least, delay)
        passed = now_ms - self._since
        if passed < LOOK_MS:
            return False
        least, self._since = self._least, None
        if self._first is None:
            self._first = least
            return False
        most = passed * FOLLOWED
        step = max(-most, min(most, least - self._first - self.ms))
        self.ms += step
        return step != 0.0
