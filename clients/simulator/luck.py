"""Chance from a seed, the same on every machine and every Python.

Only `Random.random()` is used, whose sequence for a seed Python promises to keep, and only sums, products and
comparisons of floats: no logarithm that another C library could round otherwise.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Luck:
    """Draws from one seeded sequence; the order of the calls is part of the result."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def chance(self, probability: float) -> bool:
        """True so often out of one."""
        return self._random() < probability

    def below(self, limit: int) -> int:
        """A whole number from 0 up to but without `limit`."""
        return min(int(self._random() * limit), limit - 1)

    def between(self, low: int, high: int, step: int = 1) -> int:
        """One of low, low + step … high."""
        return low + step * self.below((high - low) // step + 1)

    def pick(self, among: Sequence[T]) -> T:
        """One of these, each as likely."""
        return among[self.below(len(among))]

    def weighted(self, among: Sequence[tuple[T, float]]) -> T:
        """One of these, each as likely as its weight."""
        point = self._random() * sum(weight for _, weight in among)
        for value, weight in among:
            point -= weight
            if point < 0:
                return value
        return among[-1][0]


def apportion(total: int, weights: Sequence[int], caps: Sequence[int]) -> list[int]:
    """Parts of `total` in proportion to the weights, each at least 1 and at most its cap, exact in sum.

    Raises `ValueError` if the caps do not allow it. What a cap cuts off goes to the others, by largest remainder.
    """
    parts = [1] * len(weights)
    left = total - len(parts)
    while left > 0:
        able = [index for index, part in enumerate(parts) if part < caps[index]]
        if not able:
            raise ValueError(f"{left} of {total} fit nowhere")
        whole = sum(weights[index] for index in able)
        shares = {index: left * weights[index] for index in able}
        given = {index: min(shares[index] // whole, caps[index] - parts[index]) for index in able}
        if not any(given.values()):
            by_remainder = sorted(able, key=lambda index: (-shares[index], index))
            given = dict.fromkeys(by_remainder[:left], 1)
        for index, more in given.items():
            parts[index] += more
        left -= sum(given.values())
    if left < 0:
        raise ValueError(f"{total} is less than one for each of {len(parts)}")
    return parts
