"""Words by how they are spoken: hangong finds 焊工.

Whoever types Latin letters on a phone without an input method, or sends them off before choosing characters, means the
Chinese word. Only words that stand in a title or name a place are looked at, so nothing is guessed that is not there.
"""

import re
from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import Final

from server.core.search.readings import readings

SPOKEN: Final = re.compile("[a-z]{4,40}")
"""What may be a word spelled out: two short syllables at least."""
WORDS_MOST: Final = 12


class Spelling:
    """The words of a vocabulary that only grows, in the order they came."""

    def __init__(self) -> None:
        self._at: dict[str, list[tuple[str, int]]] = {}  # first letter of a reading to characters that have it
        self._known = 0
        _readings()  # some milliseconds, which nobody's search has to wait for

    def words(self, vocabulary: Iterable[str], typed: str) -> tuple[str, ...]:
        """The words of two characters and up that are spoken like that; of the last one the beginning is enough. At
        most WORDS_MOST, what came first before the others."""
        if not SPOKEN.fullmatch(typed):
            return ()
        for run in islice(vocabulary, self._known, None):
            self._known += 1
            self._add(run)
        found: dict[str, None] = {}
        for run, at in self._at.get(typed[0], ()):
            end = _end(run, at, typed)
            if end - at > 1:
                found[run[at:end]] = None
                if len(found) == WORDS_MOST:
                    break
        return tuple(found)

    def _add(self, run: str) -> None:
        for at, character in enumerate(run):
            for letter in {reading[0] for reading in _readings().get(character, ())}:
                self._at.setdefault(letter, []).append((run, at))


def _end(run: str, at: int, typed: str) -> int:
    """Where the word ends that begins there and is spoken like that; 0 for none."""
    if not typed:
        return at
    if at == len(run):
        return 0
    for reading in _readings().get(run[at], ()):
        if typed.startswith(reading):
            if end := _end(run, at + 1, typed[len(reading) :]):
                return end
        elif reading.startswith(typed):
            return at + 1
    return 0


@cache
def _readings() -> dict[str, tuple[str, ...]]:
    return readings()
