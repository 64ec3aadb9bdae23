"""A hub watched from outside during a round: its memory, its counters, and what the kernel holds for some connections.

A connection's bytes begin to wait in the hub when the kernel takes no more of them, which from outside is the last time
its send queue grew; the hub let it go when the kernel no longer calls it established. Both are seen `EVERY_S` late at
most. The peer itself would hear nothing: what says so to it stands behind the bytes it does not read.
"""

import asyncio
import contextlib
import itertools
import math
import time
from collections.abc import Sequence

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from bench.hub import Hub
from bench.machine import rss_bytes
from bench.sockets import Queues

EVERY_S = 0.25


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What `/metrics` says: viewers let go for slowness so far, and how often the loop was at most so late (s)."""

    left_slow: int
    lag: dict[float, int]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One look. `queues`: bytes the kernel holds for each established connection, by the peer's port."""

    at_s: float
    rss_bytes: int
    queues: dict[int, int]
    told: Told


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """A connection whose bytes began to wait; `gone_s` is None when it was still there at the last look."""

    waiting_s: float
    gone_s: float | None


# ---- pure ------------------------------------------------------------------------------------------------------------


def told(text: str) -> Told:
    """What a page of metrics says. Raises `KeyError` when it lacks the counter."""
    values: dict[str, float] = {}
    lag: dict[float, int] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "daigang_loop_lag_seconds_bucket":
                lag[float(sample.labels["le"])] = int(sample.value)
            elif not sample.labels:
                values[sample.name] = sample.value
    return Told(left_slow=int(values["daigang_left_slow_total"]), lag=lag)


def lag_at_most_s(before: Told, after: Told) -> float | None:
    """The bound of the bucket in which the longest lag between two looks lies; None when nothing was noted."""
    grown = {bound: count - before.lag.get(bound, 0) for bound, count in after.lag.items()}
    total = grown.get(math.inf, 0)
    return min((bound for bound, count in grown.items() if count == total), default=None) if total else None


def stays(samples: Sequence[Sample]) -> list[Stay]:
    """Each connection that held bytes at the first look or later, in the order in which they began to wait."""
    most: dict[int, int] = {}
    waiting: dict[int, float] = {}
    gone: dict[int, float] = {}
    for sample in samples:
        for peer, size in sample.queues.items():
            if size > most.get(peer, 0):
                most[peer], waiting[peer] = size, sample.at_s
        for peer in waiting:
            if peer not in sample.queues:
                gone.setdefault(peer, sample.at_s)
    found = [Stay(waiting_s=at_s, gone_s=gone.get(peer)) for peer, at_s in waiting.items()]
    return sorted(found, key=lambda stay: stay.waiting_s)


def let_go(samples: Sequence[Sample]) -> dict[str, float]:
    """How many were let go and how long after their bytes began to wait, by the kernel and by the hub's own counter.
    The counter names nobody: its first is taken for the one who waited first, and so on."""
    waited = stays(samples)
    by_kernel = sorted(stay.gone_s - stay.waiting_s for stay in waited if stay.gone_s is not None)
    counted: list[float] = []
    for earlier, later in itertools.pairwise(samples):
        counted += [later.at_s] * (later.told.left_slow - earlier.told.left_slow)
    by_counter = [at_s - stay.waiting_s for at_s, stay in zip(counted, waited, strict=False)]
    figures: dict[str, float] = {"let_go": len(by_kernel), "left_slow": len(counted)}
    if by_kernel:
        figures["let_go_s"] = by_kernel[len(by_kernel) // 2]
        figures["let_go_longest_s"] = by_kernel[-1]
    if by_counter:
        figures["left_slow_longest_s"] = max(by_counter)
    return figures


def of_hub(samples: Sequence[Sample]) -> dict[str, float]:
    """Memory before, its greatest growth, memory at the last look, and the bound of the longest lag of the loop."""
    first, last = samples[0], samples[-1]
    figures = {
        "rss_before_mb": first.rss_bytes / 1e6,
        "rss_grown_mb": (max(sample.rss_bytes for sample in samples) - first.rss_bytes) / 1e6,
        "rss_after_mb": last.rss_bytes / 1e6,
    }
    lag_s = lag_at_most_s(first.told, last.told)
    if lag_s is not None:
        figures["loop_lag_at_most_ms"] = lag_s * 1000
    return figures


# ---- looking ---------------------------------------------------------------------------------------------------------


class Watch:
    """Looks every EVERY_S from `async with` until its end, and once more then."""

    def __init__(self, hub: Hub, peers: frozenset[int]) -> None:
        """`peers`: ports of the connections to watch."""
        self._hub = hub
        self._queues = Queues(hub.host, hub.port, peers)
        self._task: asyncio.Task[None] | None = None
        self.samples: list[Sample] = []

    async def __aenter__(self) -> "Watch":
        await self.look()
        self._task = asyncio.ensure_future(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self.look()

    async def look(self) -> None:
        """One look. Raises `URLError` or `OSError`."""
        page = await self._hub.text("/metrics")
        held = self._queues.look()
        self.samples.append(
            Sample(at_s=time.monotonic(), rss_bytes=rss_bytes(self._hub.pid), queues=held, told=told(page))
        )

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self.look()
