"""A token bucket over a clock that is handed in: how often somebody may ask."""


class Bucket:
    """`burst` at once, `per_s` in the long run. Asking while empty goes into debt, so who keeps asking waits longer;
    the debt ends at one more burst (then `overdrawn`: a rude client)."""

    __slots__ = ("_at_s", "_burst", "_level", "_per_s")

    def __init__(self, per_s: float, burst: int, now_s: float) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._level = float(burst)
        self._at_s = now_s

    def take(self, now_s: float, amount: float = 1.0) -> float:
        """Take one, or `amount`. Returns 0.0 when it is granted, else the seconds after which the next one is."""
        self._level = min(self._burst, self._level + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        self._level = max(self._level - amount, -self._burst)
        # The next taking wants a whole one to be there, beyond the debt.
        return 0.0 if self._level >= 0.0 else (1.0 - self._level) / self._per_s

    @property
    def overdrawn(self) -> bool:
        """Whether a whole burst was asked for beyond what was there."""
        return self._level <= -self._burst
