"""How often something took how long, in fixed buckets: a few integers, so measuring costs less than what is measured.
Pure; the caller has the clock."""

from bisect import bisect_left
from collections.abc import Sequence


class Histogram:
    """`bounds` are upper ends, growing; above the last one is a bucket without an end."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Once more."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def cumulated(self) -> list[tuple[str, float]]:
        """Bound and how many were at most that, as Prometheus wants it; the last one is everything."""
        sums, so_far = [], 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            so_far += count
            sums.append((bound, float(so_far)))
        return sums
