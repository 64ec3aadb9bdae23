"""A crowd on bad networks: every viewer cut at random, again and again, and each ends with every card, in order, once
(promise 5), all with the same sequence (promise 25)."""

import asyncio
import contextlib
import random
import time
from pathlib import Path

import pytest

from clients.python import Arrived, Fresh, connect
from server.core.bodies import CardShown
from server.core.limits import RECOVERY_LIMIT
from tests.faults.link import Fault, FaultLink
from tests.faults.watching import all_watching
from tests.wire.hubs import HOST, Running, go_live, running, token

pytestmark = pytest.mark.faults


class Viewer:
    """One person behind a link of its own, and what that person saw."""

    def __init__(self, name: str, link: FaultLink) -> None:
        self.name = name
        self.link = link
        self.seen: list[tuple[int, str]] = []
        self.fresh = 0

    async def watch(self) -> None:
        async with connect(
            f"ws://127.0.0.1:{self.link.port}/ws", token=token(self.name), origin="", first_within_s=60.0
        ) as session:
            async for item in session.join("stage/S01"):
                match item:
                    case Fresh():
                        self.fresh += 1
                    case Arrived(offset=offset, body=CardShown(card=card)):
                        self.seen.append((offset, card.position.id))

    async def suffer(self, chance: random.Random, until_s: float) -> None:
        """Cut, held, swallowed, half closed; each ends with a reset, as a phone's network does when it comes back."""
        while time.monotonic() < until_s:
            await asyncio.sleep(chance.uniform(0.3, 2.0))
            fault = chance.choice([Fault.PASS, Fault.BLACKHOLE, Fault.HOLD, Fault.DELAY, Fault.REFUSE])
            self.link.fault = fault
            if fault is Fault.PASS:
                end = self.link.half_close if chance.random() < 0.5 else self.link.reset
                end()
            await asyncio.sleep(chance.uniform(0.0, 1.5))
            self.link.fault = Fault.PASS
            if fault in (Fault.BLACKHOLE, Fault.REFUSE):
                self.link.reset()


async def crowd_on_bad_networks(hub: Running, viewers: int, cards: int, per_s: float, seed: int) -> None:
    assert cards < RECOVERY_LIMIT, "more could be missed than a recovery gives"
    chance = random.Random(seed)
    async with contextlib.AsyncExitStack() as stack:
        host = await stack.enter_async_context(hub.line("host", HOST))
        await go_live(host)
        crowd = [
            Viewer(f"g{n}", await stack.enter_async_context(FaultLink("127.0.0.1", hub.port))) for n in range(viewers)
        ]
        await stack.enter_async_context(all_watching(crowd, Viewer.watch))
        until_s = time.monotonic() + cards / per_s
        suffering = [asyncio.create_task(viewer.suffer(random.Random(chance.random()), until_s)) for viewer in crowd]
        for number in range(cards):
            await hub.show(number)
            await asyncio.sleep(1 / per_s)
        await asyncio.gather(*suffering)
        await hub.show(cards)
        expected = [(2 + number, f"P01{number % 8}") for number in range(cards + 1)]
        deadline_s = time.monotonic() + 60
        for viewer in crowd:
            while len(viewer.seen) < len(expected) and time.monotonic() < deadline_s:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    assert hub.hub.counts.recovered > viewers, "nobody was ever cut: the test proves nothing"
    for viewer in crowd:
        assert viewer.seen == expected, (viewer.name, seed)
        assert viewer.fresh == 1, (viewer.name, seed)


async def test_everybody_sees_every_card_in_order_once(tmp_path: Path) -> None:
    async with running(tmp_path) as hub:
        await crowd_on_bad_networks(hub, viewers=40, cards=60, per_s=8.0, seed=20211127)


@pytest.mark.real_numbers
@pytest.mark.timeout(900)
async def test_two_thousand_see_every_card_in_order_once(tmp_path: Path) -> None:
    async with running(tmp_path) as hub:
        await crowd_on_bad_networks(hub, viewers=2_000, cards=120, per_s=1.0, seed=20211127)
