"""Sends what the viewers then receive: cards by hosts and lines by guests, each within the limits of the protocol.

A connection may send COMMANDS_PER_S, so a rate is made by many people: each sends, and waits for the reply, at most
every `PACE_S`. What was sent is kept by the offset in the reply, with the time just before the command was written.
"""

import asyncio
import itertools
import math
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from bench.audience import Window
from bench.reference import Reference
from bench.speaker import Speaker, SpeakerError, why_not
from server.core.limits import COMMANDS_PER_S
from server.core.model import Position, SessionId
from server.core.protocol import CommandBase, Done, Say, ShowCard

PACE_S = 1.04 / COMMANDS_PER_S
ARRIVES_WITHIN_S = 20.0


class Sent(msgspec.Struct):
    """What went out: for each channel when (ns) the command for each offset was written, and how many were refused with
    which code."""

    began_ns: int = 0
    times: dict[str, dict[int, int]] = {}
    refused: dict[str, int] = {}

    @property
    def count(self) -> int:
        """Commands that were done."""
        return sum(map(len, self.times.values()))

    def note(self, channel: str, offset: int, at_ns: int) -> None:
        """One was done."""
        self.times.setdefault(channel, {})[offset] = at_ns


Send = Callable[[Sent], Awaitable[bool]]
"""Send one, wait until it is committed, note it; whether it was done."""


class Talkers:
    """People with a connection each who take turns, the one who rested longest first."""

    def __init__(self, speakers: Sequence[Speaker], channel: str, command: Callable[[int], CommandBase]) -> None:
        """`channel`: where what is said gets its offset."""
        self._turns: asyncio.PriorityQueue[tuple[float, int]] = asyncio.PriorityQueue()
        for number in range(len(speakers)):
            self._turns.put_nowait((0.0, number))
        self._speakers = speakers
        self._command = command
        self._channel = channel
        self._numbers = itertools.count(1)

    async def send(self, sent: Sent) -> bool:
        """One command by whoever is next; whether it was done. Raises `SpeakerError` when a connection ends."""
        at_s, who = await self._turns.get()
        now_s = time.monotonic()
        if at_s > now_s:
            await asyncio.sleep(at_s - now_s)
        command = self._command(next(self._numbers))
        began_s, began_ns = time.monotonic(), time.monotonic_ns()
        reply = await self._speakers[who].command(command)
        self._turns.put_nowait((began_s + PACE_S, who))
        if isinstance(reply, Done):
            sent.note(self._channel, reply.offset, began_ns)
            return True
        code = why_not(reply) or type(reply).__name__
        sent.refused[code] = sent.refused.get(code, 0) + 1
        return False


def people_for(rate: float) -> int:
    """How many people make that many commands a second, with as many again for when replies are slow."""
    return 2 * math.ceil(rate * PACE_S) + 1


def shows(session: SessionId, positions: Sequence[Position], run: str) -> Callable[[int], CommandBase]:
    """Show one position after another."""
    return lambda number: ShowCard(
        session=session, position=positions[number % len(positions)].id, key=f"show-{run}-{number:08d}"
    )


def says(session: SessionId, run: str) -> Callable[[int], CommandBase]:
    """Say a line of an ordinary length."""
    return lambda number: Say(
        session=session, text=f"请问第{number % 97}号岗位包吃住吗,几点上班?", key=f"say-{run}-{number:08d}"
    )


def in_turn(sends: Sequence[Send]) -> Send:
    """One room after another."""
    turns = itertools.cycle(sends)

    async def send(sent: Sent) -> bool:
        return await next(turns)(sent)

    return send


def rounds(reference: Reference) -> Send:
    """One round of the C loop in one room after another; it has no commit to wait for."""
    rooms = itertools.cycle(range(len(reference.channels)))

    async def send(sent: Sent) -> bool:
        room = next(rooms)
        now_ns = time.monotonic_ns()
        sent.note(reference.channels[room], reference.send(room), now_ns)
        return True

    return send


async def at_rate(send: Send, rate: float, seconds: float) -> Sent:
    """Send `rate` a second at even intervals; a late one is sent at once, none is left out. Takes that long."""
    sent = Sent(began_ns=time.monotonic_ns())
    began_s = time.monotonic()
    tasks: list[asyncio.Future[bool]] = []
    for number in range(max(1, round(rate * seconds))):
        wait_s = began_s + number / rate - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        tasks.append(asyncio.ensure_future(send(sent)))
    await asyncio.sleep(max(0.0, began_s + seconds - time.monotonic()))
    await asyncio.gather(*tasks)
    return sent


async def saturated(send: Send, window: Window, seconds: float) -> Sent:
    """Send as fast as they arrive: never more than the window on their way."""
    sent = Sent(began_ns=time.monotonic_ns())
    window.clear()
    end_s = time.monotonic() + seconds
    tasks: list[asyncio.Task[None]] = []
    errors: list[SpeakerError] = []

    async def one() -> None:
        try:
            done = await send(sent)
        except SpeakerError as error:
            done = False
            errors.append(error)
        if not done:
            window.back()

    while time.monotonic() < end_s and not errors:
        await window.turn(ARRIVES_WITHIN_S)
        tasks.append(asyncio.ensure_future(one()))
    await asyncio.gather(*tasks)
    if errors:
        raise errors[0]
    return sent
