"""What the viewers got: when each entry reached each of them, and what did not.

All viewers get the same bytes, so bytes are read as messages once and found again by comparing; what is left per
delivery is an offset to check and a time to append.
"""

import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from bench.control import OfKind, Reported
from clients.python.frames import BINARY, TEXT, split
from clients.python.histogram import Histogram

KNOWN_LIMIT = 4_096
UNTIL_LAST_LIMIT = 10_000
"""Entries whose last arrival is told one by one."""
NOT_A_MEMBER = -1
"""Stands in a viewer's tops for a channel it has not joined."""
SLOT_BITS = 14
"""Arrivals are told apart to 2^14 ns = 16 us when latencies are counted; what is kept is exact."""
BATCH_SLOT_BITS = 18
"""Of entries that travel together: 2^18 ns = 262 us, for there are millions, and they wait for ticks of 100 ms."""


class Place(NamedTuple):
    """One entry in a message: its channel's index, its offset, and when the hub says it was made."""

    channel: int
    offset: int
    at_ms: int


class Read(msgspec.Struct):
    """What stands in one message: entries, and whatever else a viewer has to look at."""

    places: list[Place] = []
    others: list[object] = []


class Run:
    """Entries FIRST to LAST of one channel as they stood in one read, and when they came (ns), viewer by viewer."""

    __slots__ = ("arrivals", "channel", "first", "last")

    def __init__(self, channel: int, first: int, last: int) -> None:
        self.channel = channel
        self.first = first
        self.last = last
        self.arrivals = array("q")


Runs = tuple[Run, ...]


class Tally:
    """Counts since `begin`. `channels` gives each channel the index by which viewers keep their tops; `read` finds the
    entries in a message."""

    def __init__(self, channels: tuple[str, ...], read: Callable[[bytes], Read]) -> None:
        self._index = {name: index for index, name in enumerate(channels)}
        self._channels = channels
        self._read = read
        self._known: dict[bytes, Runs] = {}
        self._newest: tuple[bytes, Runs] = (b"", ())
        self.begin()

    def begin(self) -> None:
        """Forget everything."""
        self._runs: dict[tuple[int, int, int], Run] = {}
        self._known.clear()
        self._newest = (b"", ())
        self._hub_ms: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._holes = [0] * len(self._channels)
        self.deliveries = 0
        self.frames = 0
        self.repeats = 0

    @property
    def holes(self) -> int:
        """Entries that somebody's offsets jumped over."""
        return sum(self._holes)

    def known(self, data: bytes) -> Runs | None:
        """The runs in bytes that were seen before."""
        newest = self._newest
        if data == newest[0]:
            return newest[1]
        runs = self._known.get(data)
        if runs is not None:
            self._newest = (data, runs)
        return runs

    def learn(self, data: bytes) -> tuple[Runs, list[object], list[tuple[int, bytes]], int]:
        """Read bytes: the runs, what else the messages said, the frames that are no messages, and how many bytes were
        whole frames. Raises `WireError` or `Refusal`."""
        frames, used = split(data)
        others: list[object] = []
        controls: list[tuple[int, bytes]] = []
        places: list[tuple[int, int]] = []
        for opcode, payload in frames:
            if opcode not in (BINARY, TEXT):
                controls.append((opcode, payload))
                continue
            read = self._read(payload)
            others += read.others
            for place in read.places:
                places.append((place.channel, place.offset))
                self._hub_ms[self._channels[place.channel]][place.offset] = place.at_ms
        runs = tuple(self._run(*key) for key in contiguous(places))
        if used == len(data) and not others and not controls:
            if len(self._known) >= KNOWN_LIMIT:
                self._known.clear()
            self._known[data] = runs
            self._newest = (data, runs)
        return runs, others, controls, used

    def _run(self, channel: int, first: int, last: int) -> Run:
        key = (channel, first, last)
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = Run(channel, first, last)
        return run

    def take(self, tops: list[int], runs: Runs, now_ns: int) -> None:
        """One viewer, who had everything up to `tops`, got these runs (at least one) in one read."""
        self.frames += 1
        for run in runs:
            top = tops[run.channel]
            if run.first != top + 1:
                if run.first <= top:
                    self.repeats += min(run.last, top) - run.first + 1
                    if run.last <= top:
                        continue
                    run = self._run(run.channel, top + 1, run.last)
                else:
                    self._holes[run.channel] += run.first - top - 1
            run.arrivals.append(now_ns)
            tops[run.channel] = run.last
            self.deliveries += run.last - run.first + 1

    def by_hub_clock(self) -> dict[str, dict[int, int]]:
        """When the hub says each entry was made, as `time.monotonic_ns()` of this machine; whole milliseconds, so a
        latency from it is up to 1 ms too long."""
        shift_ns = time.monotonic_ns() - time.time_ns()
        return {
            name: {offset: at_ms * 1_000_000 + shift_ns for offset, at_ms in times.items()}
            for name, times in self._hub_ms.items()
        }

    def report(
        self, sent: Mapping[str, Mapping[int, int]], all_tops: list[list[int]], lost: Counter[str], cpu_s: float
    ) -> Reported:
        """What became of what was sent, for viewers who stand at `all_tops` now."""
        kinds: defaultdict[str, OfKind] = defaultdict(OfKind)
        first_ns, last_ns = 0, 0
        lasts: dict[tuple[str, int], int] = {}
        for run in self._runs.values():
            name = self._channels[run.channel]
            kind = kinds[kind_of(name)]
            kind.deliveries += len(run.arrivals) * (run.last - run.first + 1)
            newest_ns = max(run.arrivals, default=0)
            first_ns = min(first_ns or newest_ns, min(run.arrivals, default=first_ns or newest_ns))
            last_ns = max(last_ns, newest_ns)
            times = sent.get(name, {})
            _count(run, times, kind.latency)
            for offset in range(run.first, run.last + 1):
                if offset in times:
                    lasts[name, offset] = max(lasts.get((name, offset), 0), newest_ns - times[offset])
        for name, holes in zip(self._channels, self._holes, strict=True):
            index, top = self._index[name], max(sent.get(name, ()), default=0)
            behind = sum(max(0, top - tops[index]) for tops in all_tops if tops[index] != NOT_A_MEMBER) if top else 0
            kinds[kind_of(name)].missing += holes + behind
        latency = Histogram()
        latency.merge(kind.latency for kind in kinds.values())
        return Reported(
            deliveries=self.deliveries,
            frames=self.frames,
            missing=sum(kind.missing for kind in kinds.values()),
            repeats=self.repeats,
            lost=dict(lost),
            latency=latency,
            kinds=dict(kinds),
            until_last_us=[ns // 1000 for ns in list(lasts.values())[:UNTIL_LAST_LIMIT]],
            first_ns=first_ns,
            last_ns=last_ns,
            cpu_s=cpu_s,
        )


def kind_of(channel: str) -> str:
    """`stage`, `chat`, …"""
    return channel.partition("/")[0]


def _count(run: Run, times: Mapping[int, int], latency: Histogram) -> None:
    bits = SLOT_BITS if run.first == run.last else BATCH_SLOT_BITS
    slots = Counter(at_ns >> bits for at_ns in run.arrivals)
    for offset in range(run.first, run.last + 1):
        sent_ns = times.get(offset)
        if sent_ns is None:
            continue
        for slot, times_seen in slots.items():
            latency.add(((slot << bits) + (1 << bits - 1) - sent_ns) // 1000, times_seen)


def contiguous(places: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """(channel, offset) pairs in order of arrival as (channel, first, last) of unbroken rows."""
    rows: list[tuple[int, int, int]] = []
    for channel, offset in places:
        for at in range(len(rows) - 1, -1, -1):
            known, first, last = rows[at]
            if known == channel:
                if offset == last + 1:
                    rows[at] = (channel, first, offset)
                else:
                    rows.append((channel, offset, offset))
                break
        else:
            rows.append((channel, offset, offset))
    return rows
