"""What the tests of the bus listen with: a listener that keeps what it hears, and a wait with a limit."""

import asyncio
from collections.abc import Callable, Mapping

from server.bus.bus import Announcement
from server.core.model import Channel, Entry, Epoch, Head

EPOCH = Epoch("e1")
STAGE = Channel("stage/s1")
CHAT = Channel("chat/s1")
LIMIT_S = 15.0


class Ear:
    """A listener that writes everything down."""

    def __init__(self) -> None:
        self.announcements: list[Announcement] = []
        self.ticks: list[dict[Channel, Head]] = []
        self.rejoins: list[Channel] = []
        self.pulses: list[tuple[str, str, bytes]] = []
        self.silences: list[bool] = []

    def announced(self, announcement: Announcement) -> None:
        self.announcements.append(announcement)

    def ticked(self, tops: Mapping[Channel, Head]) -> None:
        self.ticks.append(dict(tops))

    def rejoined(self, channels: frozenset[Channel]) -> None:
        self.rejoins.extend(channels)

    def pulsed(self, hub: str, name: str, data: bytes) -> None:
        self.pulses.append((hub, name, data))

    def silent(self, is_silent: bool) -> None:
        self.silences.append(is_silent)

    def offsets(self, channel: Channel) -> list[int]:
        """Offsets heard of a channel, in the order they were heard."""
        return [entry.offset for one in self.announcements if one.channel == channel for entry in one.entries]

    def tops(self, channel: Channel) -> list[Head]:
        """What the ticks said of a channel."""
        return [said[channel] for said in self.ticks if channel in said]


def entry(offset: int, text: str = "") -> Entry:
    return Entry(offset, 1_700_000_000_000 + offset, b"\x00\xff" + f"{offset} {text}".encode())


def entries(*offsets: int) -> tuple[Entry, ...]:
    return tuple(entry(offset) for offset in offsets)


def announcement(channel: Channel, *offsets: int, epoch: Epoch = EPOCH) -> Announcement:
    return Announcement(channel, epoch, entries(*offsets))


async def until(true: Callable[[], object], what: str, limit_s: float = LIMIT_S) -> None:
    """Return once `true()` holds; fail, naming `what`, when `limit_s` have passed."""
    loop = asyncio.get_running_loop()
    end_s = loop.time() + limit_s
    while not true():
        assert loop.time() < end_s, f"not within {limit_s:g} s: {what}"
        await asyncio.sleep(0.01)
