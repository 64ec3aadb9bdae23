"""A token bucket over a clock that is handed in: how often somebody may ask."""


class Bucket:
    """`burst` at once, `per_s` in the long run. Asking while empty goes into debt, and the debt is a place in the
    queue: it is paid by the time that is named, and whoever asks then is served, however many have asked since. So
    several who share one bucket and wait as they are told get through one after the other; without it each new asking
    pushed all others back. The debt ends at one more burst (then `overdrawn`: a rude client), and so does the queue."""

    __slots__ = ("_at_s", "_burst", "_level", "_per_s", "_places")

    def __init__(self, per_s: float, burst: int, now_s: float) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._level = float(burst)
        self._at_s = now_s
        self._places: list[float] | None = None
        """When each of those who were told to wait may come; None while nobody was, and that is nearly always."""

    def take(self, now_s: float, amount: float = 1.0) -> float:
        """Take one, or `amount`. Returns 0.0 when it is granted, else the seconds after which the next one is."""
        self._level = min(self._burst, self._level + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._places is not None:
            if self._level >= self._burst:
                self._places = None  # a whole rest: who has not come back does not come
            elif amount == 1.0 and self._places[0] <= now_s:
                self._places = self._places[1:] or None
                return 0.0
        if self._level >= amount:
            self._level -= amount
            return 0.0
        # The next taking wants a whole one to be there, beyond the debt.
        wait_s = (1.0 - max(self._level - amount, -self._burst)) / self._per_s
        if amount == 1.0 and self._level - amount >= -self._burst:
            self._places = [*(self._places or ()), now_s + wait_s]
        self._level = max(self._level - amount, -self._burst)
        return wait_s

    @property
    def overdrawn(self) -> bool:
        """Whether a whole burst was asked for beyond what was there."""
        return self._level <= -self._burst
