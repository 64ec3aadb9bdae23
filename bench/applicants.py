"""Applications: guests with a connection each who apply for real positions of a real shelf, and wait for receipts.

A person may send APPLIES_PER_S (burst APPLIES_BURST) and a hub takes one connection's commands one by one, so the load
is made by many people. Every application has a phone number of its own (199 and a counter; the hub is thrown away
afterwards), so each is a new row, acknowledged after its commit.
"""

import asyncio
import itertools
import time

import msgspec

from bench.hub import Hub
from bench.speaker import Speaker, why_not
from clients.python.histogram import Histogram
from server.core.limits import APPLIES_BURST, APPLIES_PER_S
from server.core.protocol import Apply, Receipt

OPENING_AT_ONCE = 100
EACH = APPLIES_BURST - 1


class Applied(msgspec.Struct):
    """What became of a round: receipts got, refusals by code, the time from command to receipt."""

    receipts: int = 0
    refused: dict[str, int] = {}
    latency: Histogram = msgspec.field(default_factory=Histogram)
    began_ns: int = 0
    last_ns: int = 0
    """When the round ended: the last receipt, or the end of its time."""


class Applicants:
    """So many connected guests."""

    def __init__(self, hub: Hub, count: int) -> None:
        self._hub = hub
        self._speakers = [Speaker(hub.host, hub.port) for _ in range(count)]
        self._numbers = itertools.count(1)

    async def open(self) -> None:
        """Connect all. Raises `SpeakerError` or `OSError`."""
        gate = asyncio.Semaphore(OPENING_AT_ONCE)

        async def one(number: int, speaker: Speaker) -> None:
            async with gate:
                await speaker.open(self._hub.signer.token(f"applicant-{number}"))

        await asyncio.gather(*(one(number, speaker) for number, speaker in enumerate(self._speakers)))

    async def burst(self) -> Applied:
        """Everyone sends EACH at once. Latency is mostly queue then; what counts is receipts per second."""
        applied = Applied(began_ns=time.monotonic_ns())
        await asyncio.gather(*(self._apply(speaker, applied) for speaker in self._speakers for _ in range(EACH)))
        return applied

    async def rest(self) -> None:
        """Wait until everyone may send a burst again."""
        await asyncio.sleep(APPLIES_BURST / APPLIES_PER_S + 0.5)

    def close(self) -> None:
        """Hang up."""
        for speaker in self._speakers:
            speaker.close()

    async def _apply(self, speaker: Speaker, applied: Applied) -> None:
        number = next(self._numbers)
        positions = self._hub.positions
        command = Apply(
            session=self._hub.session.id,
            position=positions[number % len(positions)].id,
            name="测试者",
            phone=f"199{number:08d}",
            consent=self._hub.consent,
            age_confirmed=True,
            key=f"apply-{number:08d}",
        )
        began_ns = time.monotonic_ns()
        reply = await speaker.command(command)
        now_ns = time.monotonic_ns()
        if isinstance(reply, Receipt) and not reply.already:
            applied.receipts += 1
            applied.last_ns = now_ns
            applied.latency.add((now_ns - began_ns) // 1000)
        else:
            code = why_not(reply) or "already there"
            applied.refused[code] = applied.refused.get(code, 0) + 1
