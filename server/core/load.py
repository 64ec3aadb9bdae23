"""How busy somebody has been of late, over a clock that is handed in."""


class Load:
    """Things done per second, as a share of what can be. What was done a second ago counts half, so that who answers
    to the share (and so changes it) comes to rest; what was done long ago counts no more, also when nobody did anything
    since: a room that was flooded a minute ago must not be slow now."""

    __slots__ = ("_capacity_per_s", "_done", "_share", "_since_s")

    def __init__(self, capacity_per_s: float, now_s: float) -> None:
        self._capacity_per_s = capacity_per_s
        self._since_s = now_s
        self._done = 0
        self._share = 0.0

    def add(self, done: int, now_s: float) -> None:
        """So many were done just now."""
        self._done += done
        self._roll(now_s)

    def share(self, now_s: float) -> float:
        """1.0 is all that can be done."""
        self._roll(now_s)
        return self._share

    def _roll(self, now_s: float) -> None:
        passed_s = now_s - self._since_s
        if passed_s >= 1.0:
            latest = self._done / passed_s / self._capacity_per_s
            self._share = latest + (self._share - latest) * 0.5**passed_s
            self._since_s = now_s
            self._done = 0
