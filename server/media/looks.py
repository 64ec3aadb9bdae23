"""What is wrong with a picture, from the looks the child takes at it: black, frozen, silent; pure.

Each threshold stands between what was seen of good pictures and of bad ones, with room on the good side: an alarm that
cries wolf is switched off.
"""

from collections import Counter
from typing import Final

import msgspec

from server.media.pipe import LookIs

BLACK_MEAN: Final = 30.0
"""Black is 16 in video, 0 once it is stretched; a covered lens with its noise stays below, a dark hall does not."""
BLACK_BRIGHT: Final = 60.0
"""White words on black are a slide and no fault: then some cells are brighter than this."""
STILL_CHANGE: Final = 3.0
"""Encoding the same picture twice moves cells by 1 or 2; somebody who breathes moves one by more."""
SILENT_DB: Final = -55.0
"""A microphone in an empty room gives -50 to -40, a muted track or a cable that hangs loose less than -60."""
LOOKS: Final = 3
"""How long it must last: three looks, 10 s. Speakers pause, slides stand, a hand covers the lens for a moment."""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """`what`: `none`, `gone`, `black`, `frozen`, `silent` or `unrecorded`; `since_ms`: wall clock."""

    what: str
    since_ms: int


def told_look(number: int, alarms: tuple[Alarm, ...]) -> str:
    """Number of the newest still, and the alarms, as hubs tell each other."""
    return " ".join([str(number), *(f"{alarm.what}:{alarm.since_ms}" for alarm in alarms)])


def heard_look(told: str) -> tuple[int, tuple[Alarm, ...]]:
    """The same, read; nothing for what cannot be."""
    number, *rest = told.split(" ")
    pairs = [one.partition(":") for one in rest]
    alarms = tuple(Alarm(what=what, since_ms=int(since)) for what, _, since in pairs if since.isdigit())
    return (int(number) if number.isdigit() else 0), alarms


class Looks:
    """The newest look, and since when something has been wrong."""

    def __init__(self) -> None:
        self.number = 0
        self.still = b""
        self._since: dict[str, int] = {}
        self._times: Counter[str] = Counter()

    def add(self, look: LookIs, now_ms: int) -> None:
        """One more look. A still that could not be made leaves the one before."""
        if look.still:
            self.number += 1
            self.still = look.still
        black = look.mean < BLACK_MEAN and look.bright < BLACK_BRIGHT
        frozen = look.change is not None and look.change <= STILL_CHANGE and not black
        silent = look.loud_db is None or look.loud_db < SILENT_DB
        for what, wrong in (("black", black), ("frozen", frozen), ("silent", silent)):
            if not wrong:
                self._since.pop(what, None)
                del self._times[what]
            else:
                self._since.setdefault(what, now_ms)
                self._times[what] += 1

    def begin(self) -> None:
        """Another generation: what was wrong with the one before is not wrong with this one."""
        self._since.clear()
        self._times.clear()

    def alarms(self) -> tuple[Alarm, ...]:
        """What has been wrong for long enough, as of the last look."""
        return tuple(
            Alarm(what=what, since_ms=since_ms) for what, since_ms in self._since.items() if self._times[what] >= LOOKS
        )
