"""Counts of values in buckets that grow with the value: a few kilobytes hold millions of latencies.

Values are whole microseconds. Up to 127 each has a bucket of its own; above, 64 buckets stand in every doubling, so a
quantile is at most 1/64 (1.6 %) too high and never too low. Pure.
"""

from collections.abc import Iterable
from math import ceil

import msgspec

SUB_BITS = 6
SUB_BUCKETS = 1 << SUB_BITS


def bucket_of(value_us: int) -> int:
    """The bucket of a value that is not negative."""
    shift = max(0, value_us.bit_length() - SUB_BITS - 1)
    return (shift << SUB_BITS) + (value_us >> shift)


def top_of(bucket: int) -> int:
    """The largest value that falls into the bucket."""
    if bucket < 2 * SUB_BUCKETS:
        return bucket
    shift = (bucket >> SUB_BITS) - 1
    return (((bucket - (shift << SUB_BITS)) + 1) << shift) - 1


class Histogram(msgspec.Struct):
    """Invariant: `total` is the sum of `counts`; `max_us` is exact."""

    counts: dict[int, int] = {}
    total: int = 0
    max_us: int = 0

    def add(self, value_us: int, times: int = 1) -> None:
        """Count a value. One below zero (a clock read later than it was asked) counts as zero."""
        value_us = max(0, value_us)
        bucket = bucket_of(value_us)
        self.counts[bucket] = self.counts.get(bucket, 0) + times
        self.total += times
        self.max_us = max(self.max_us, value_us)

    def merge(self, others: Iterable["Histogram"]) -> None:
        """Take in what others counted."""
        for other in others:
            for bucket, times in other.counts.items():
                self.counts[bucket] = self.counts.get(bucket, 0) + times
            self.total += other.total
            self.max_us = max(self.max_us, other.max_us)

    def quantile_us(self, share: float) -> int | None:
        """The smallest bucket's top below or at which at least `share` (0 to 1) of the values lie; None when empty."""
        if not 0 <= share <= 1:
            raise ValueError(f"share: wants 0 to 1, got {share}")
        if self.total == 0:
            return None
        wanted = max(1, ceil(share * self.total))
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= wanted:
                return min(top_of(bucket), self.max_us)
        return self.max_us
