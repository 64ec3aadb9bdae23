"""Who is in the room beside the viewers that are measured: some who read slowly or not at all, some who are rude.

All of them live in the measuring process. None decodes what it gets while it is measured, so that they cost the load's
cores next to nothing and the same whether they read or not.
"""

import asyncio
import itertools
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from bench.hub import Hub
from bench.speaker import REPLY_WITHIN_S, Speaker, SpeakerError, why_not
from clients.python import frames as wire
from server.core.limits import COMMANDS_BURST, MAX_IN_BYTES, PONG_WITHIN_S, Close
from server.core.protocol import Join, Leave, Say, encode

SMALL_WINDOW_BYTES = 4096
"""The kernel holds bytes of its own before any wait in the hub; the less it takes, the sooner they do."""
HEARS_WITHIN_S = 5.0
FLOOD = 5 * COMMANDS_BURST
"""Commands at once; a connection has to go after two bursts."""


class Company(Protocol):
    """Opened before the viewers come, let loose with `begin`; `end` hangs up and says what became of it, as figures."""

    @property
    def ports(self) -> frozenset[int]:
        """Local ports of those whom the kernel is to be asked about."""

    async def open(self) -> None:
        """Get in. Raises `SpeakerError` or `OSError`."""

    def begin(self) -> None:
        """Be what they are."""

    async def end(self) -> dict[str, float]:
        """The figures; nobody is left. Also after `open` failed."""


class Readers:
    """Members of a channel who read so many bytes a second each: 0 nothing, `math.inf` everything."""

    def __init__(self, hub: Hub, channel: str, bytes_per_s: tuple[float, ...], watched: int) -> None:
        """`watched`: the kernel is asked about the first so many, whether they sleep or not: it costs the same."""
        self._hub = hub
        self._watched = watched
        self._channel = channel
        self._readers = [(Speaker(hub.host, hub.port), rate) for rate in bytes_per_s]
        self._pongs: asyncio.Task[None] | None = None

    @property
    def ports(self) -> frozenset[int]:
        """Of those who are watched."""
        return frozenset(speaker.port for speaker, _ in self._readers[: self._watched])

    async def open(self) -> None:
        """Join."""
        for number, (speaker, rate) in enumerate(self._readers):
            token = self._hub.signer.token(f"reader-{number}")
            await speaker.open(token, receive_bytes=0 if rate else SMALL_WINDOW_BYTES)
            refusal = why_not(await speaker.command(Join(channel=self._channel)))
            if refusal:
                raise SpeakerError(f"a join was refused: {refusal}")

    def begin(self) -> None:
        """Read no faster than they do; pongs go out unasked, so that only slowness can end a connection."""
        for speaker, rate in self._readers:
            speaker.hear_nothing(rate)
        self._pongs = asyncio.ensure_future(self._pong())

    async def _pong(self) -> None:
        while True:
            await asyncio.sleep(PONG_WITHIN_S / 4)
            for speaker, _ in self._readers:
                speaker.pong()

    async def end(self) -> dict[str, float]:
        """The sleepers wake up and find out; `told` are those who found their connection ended."""
        if self._pongs is not None:
            self._pongs.cancel()
        sleepers = [speaker for speaker, rate in self._readers if rate == 0]
        trickle_lost = sum(1 for speaker, rate in self._readers if rate and speaker.ended)
        if self._pongs is not None:
            for sleeper in sleepers:
                sleeper.hear_nothing(math.inf)
            ends = await asyncio.gather(*(sleeper.ended_within(HEARS_WITHIN_S) for sleeper in sleepers))
        else:
            ends = []
        for speaker, _ in self._readers:
            speaker.close()
        return {"asleep": len(sleepers), "told": sum(map(bool, ends)), "trickle_lost": trickle_lost}


Act = Callable[[Speaker], bytes]


class Rude:
    """People who come, do one rude thing, are shown out, and come again for the next, so many times a second each."""

    def __init__(self, hub: Hub, channel: str, people: int, acts_per_s: float) -> None:
        """`acts_per_s`: of each, at most; 0 sets no bound but the hub's answers."""
        self._hub = hub
        self._channel = channel
        self._people = people
        self._gap_s = 1 / acts_per_s if acts_per_s else 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._numbers = itertools.count(1)
        self._began_s = 0.0
        self._over = False
        self.ends: Counter[tuple[str, str]] = Counter()
        self._acts: tuple[tuple[str, Act, Close | None], ...] = (
            ("too large", lambda _: wire.client_frame(bytes(MAX_IN_BYTES + 1)), Close.BAD_PROTOCOL),
            ("flood", self._flood, Close.TOO_MANY),
            ("broken", lambda _: wire.client_frame(b"\x81" * 200), Close.BAD_PROTOCOL),
            ("half a frame", self._half, None),
        )

    @property
    def ports(self) -> frozenset[int]:
        """Nobody in particular."""
        return frozenset()

    async def open(self) -> None:
        """They come when it begins."""

    def begin(self) -> None:
        """Start all, each with another act."""
        self._began_s = time.monotonic()
        self._tasks = [asyncio.ensure_future(self._loop(number)) for number in range(self._people)]

    async def end(self) -> dict[str, float]:
        """`wrong_ends` are acts after which the connection did not end with the code it should."""
        took_s = time.monotonic() - self._began_s
        self._over = True
        if self._tasks:
            _, still = await asyncio.wait(self._tasks, timeout=REPLY_WITHIN_S + HEARS_WITHIN_S)
            for task in still:
                task.cancel()
        for task in self._tasks:
            if task.done():
                task.result()
        right = {(name, f"close {code.value}" if code else "") for name, _, code in self._acts}
        wrong = sum(times for end, times in self.ends.items() if end not in right)
        return {"rude_acts_per_s": self.ends.total() / took_s, "wrong_ends": wrong}

    async def _loop(self, number: int) -> None:
        token = self._hub.signer.token(f"rude-{number}")
        await asyncio.sleep(self._gap_s * number / self._people)  # not all in the same moment
        for name, act, code in itertools.islice(itertools.cycle(self._acts), number % len(self._acts), None):
            if self._over:
                return
            due_s = time.monotonic() + self._gap_s
            self.ends[name, await self._once(token, act, code)] += 1
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))

    async def _once(self, token: str, act: Act, code: Close | None) -> str:
        """How it ended."""
        speaker = Speaker(self._hub.host, self._hub.port)
        try:
            await speaker.open(token)
            speaker.write(act(speaker))
            if code is None:
                await asyncio.sleep(0.01)  # the half that was sent is read
                return speaker.ended
            return await speaker.ended_within(HEARS_WITHIN_S) or "no end"
        except (SpeakerError, OSError) as error:
            return f"not let in: {error}"
        finally:
            speaker.close()

    def _flood(self, _: Speaker) -> bytes:
        session = self._hub.session.id
        lines = (Say(id=9, session=session, text="刷屏", key=f"flood-{next(self._numbers):08d}") for _ in range(FLOOD))
        return b"".join(wire.client_frame(encode(line)) for line in lines)

    def _half(self, _: Speaker) -> bytes:
        whole = wire.client_frame(encode(Leave(id=9, channel=self._channel)))
        return whole[: len(whole) // 2]
