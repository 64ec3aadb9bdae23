"""How busy somebody has been in the last second, over a clock that is handed in."""


class Load:
    """Things done per second, as a share of what can be. What was done long ago counts no more, also when nobody did
    anything since: a room that was flooded a minute ago must not be slow now."""

    __slots__ = ("_capacity_per_s", "_done", "_since_s", "_whole")

    def __init__(self, capacity_per_s: float, now_s: float) -> None:
        self._capacity_per_s = capacity_per_s
        self._since_s = now_s
        self._done = 0
        self._whole = 0.0  # the share of the last whole window

    def add(self, done: int, now_s: float) -> None:
        """So many were done just now."""
        self._done += done
        self._roll(now_s)

    def share(self, now_s: float) -> float:
        """Of the last whole window, at least a second long; 1.0 is all that can be done."""
        self._roll(now_s)
        return self._whole

    def _roll(self, now_s: float) -> None:
        passed_s = now_s - self._since_s
        if passed_s >= 1.0:
            self._whole = self._done / passed_s / self._capacity_per_s
            self._since_s = now_s
            self._done = 0
