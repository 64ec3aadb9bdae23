"""What the ticks of one hub say. Pure.

A tick names where channels are, so that a hub which missed the last announcement sees that it is behind. Channels
that moved lately are named first and several times, the others in turn, so a tick stays small with any number of
channels.
"""

from collections.abc import Mapping
from itertools import chain, islice
from typing import Final

from server.bus.bus import Announcement
from server.core.channels import delivery_of
from server.core.model import Channel, Head

TICK_TOPS: Final = 2_000
"""Channels one tick names at most: about 100 kB a second and hub."""
ROUNDS: Final = 5
"""Ticks that name a channel after it moved, before it takes its turn with the quiet ones."""
MOVED_LIMIT: Final = 50_000
"""Channels remembered as moved; more than a hub's viewers (about 20,000) can cause between two ticks."""


class TickBook:
    """The channels a hub speaks of: those of its rooms, and those it wrote to without having a room."""

    def __init__(self, tick_tops: int = TICK_TOPS) -> None:
        self._tick_tops = tick_tops
        self._tops: dict[Channel, Head] = {}
        self._moved: dict[Channel, tuple[Head, int]] = {}
        self._turn = 0

    def set_tops(self, tops: Mapping[Channel, Head]) -> None:
        """Where the hub's rooms are now; rooms that are not named are gone."""
        before, self._tops = self._tops, dict(tops)
        for channel, top in self._tops.items():
            if before.get(channel) != top:
                self._move(channel, top)

    def announced(self, announcement: Announcement) -> None:
        """This hub wrote these entries. Holes of chat are not filled, so its ticks would say nothing."""
        if announcement.entries and delivery_of(announcement.channel).complete:
            self._move(announcement.channel, Head(announcement.epoch, announcement.entries[-1].offset))

    def next(self) -> dict[Channel, Head]:
        """What the next tick says."""
        said: dict[Channel, Head] = {}
        for channel in list(islice(self._moved, self._tick_tops)):
            top, rounds = self._moved.pop(channel)
            said[channel] = top
            if rounds > 1:
                self._moved[channel] = (top, rounds - 1)
        room_left = self._tick_tops - len(said)
        if self._tops and room_left > 0:
            count = len(self._tops)
            start = self._turn % count
            in_turn = chain(islice(self._tops.items(), start, None), islice(self._tops.items(), start))
            for channel, top in islice(in_turn, room_left):
                said.setdefault(channel, top)
            self._turn = (start + room_left) % count
        return said

    def _move(self, channel: Channel, top: Head) -> None:
        known = self._moved.pop(channel, (top, 0))[0]
        if known.epoch == top.epoch and known.offset > top.offset:
            top = known
        self._moved[channel] = (top, ROUNDS)
        if len(self._moved) > MOVED_LIMIT:
            del self._moved[next(iter(self._moved))]
