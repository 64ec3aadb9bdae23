"""Sets of small numbers as bits: a growing one, and what is done with frozen ones (`int`s: all at once, in C)."""

from collections.abc import Iterable, Iterator
from typing import Final

_OF_BYTE: Final = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))
_SPARE: Final = 64
VALUE_BITS: Final = 16


class Bits:
    """A set that grows; `frozen` is it as an int."""

    __slots__ = ("_bytes", "_frozen")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._frozen: int | None = 0

    def add(self, n: int) -> None:
        """Put a number in."""
        at = n >> 3
        if at >= len(self._bytes):
            self._bytes.extend(bytes(at + 1 - len(self._bytes) + _SPARE))
        self._bytes[at] |= 1 << (n & 7)
        self._frozen = None

    def discard(self, n: int) -> None:
        """Take a number out, if it is in."""
        at = n >> 3
        if at < len(self._bytes):
            self._bytes[at] &= ~(1 << (n & 7))
            self._frozen = None

    @property
    def frozen(self) -> int:
        """The set now."""
        if self._frozen is None:
            self._frozen = int.from_bytes(self._bytes, "little")
        return self._frozen


class Column:
    """A number for each member, cut into bits, so that "at least so much" is a handful of operations for all."""

    __slots__ = ("_planes",)

    def __init__(self) -> None:
        self._planes = [Bits() for _ in range(VALUE_BITS)]

    def put(self, n: int, value: int) -> None:
        """The value of a member that had none. Values from 2**16 - 1 on are the same."""
        value = max(0, min(value, 2**VALUE_BITS - 1))
        for plane in self._planes:
            if value & 1:
                plane.add(n)
            value >>= 1

    def at_least(self, least: int, among: int) -> int:
        """Those of the set whose value is not smaller."""
        if least >= 2**VALUE_BITS:
            return 0
        more, equal = 0, among
        for bit in range(VALUE_BITS - 1, -1, -1):
            plane = self._planes[bit].frozen
            if least >> bit & 1:
                equal &= plane
            else:
                more |= equal & plane
                equal &= ~plane
        return more | equal


def of_sorted(numbers: Iterable[int], last: int) -> int:
    """The set of these numbers, none greater than `last`."""
    found = bytearray((last >> 3) + 1)
    for n in numbers:
        found[n >> 3] |= 1 << (n & 7)
    return int.from_bytes(found, "little")


def members(bits: int) -> Iterator[int]:
    """The numbers of a set, smallest first."""
    for at, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) >> 3, "little")):
        if byte:
            for bit in _OF_BYTE[byte]:
                yield (at << 3) + bit


def greatest(bits: int, most: int) -> list[int]:
    """The `most` greatest numbers of a set, greatest first."""
    found: list[int] = []
    while bits and len(found) < most:
        top = bits.bit_length() - 1
        found.append(top)
        bits ^= 1 << top
    return found
