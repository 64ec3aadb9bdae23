"""A viewer's line goes dead without a word, at the deadlines everybody has (promise 11): the hub lets go of it within
33 s, the client leaves it within 33 s too, and is whole again as soon as bytes move. The small versions, with shorter
deadlines, are in `tests/wire/test_rude.py` and `tests/wire/test_client.py`; the line between hub and Redis is in
`test_redis_faults.py` and `test_redis_away.py`."""

import asyncio
import logging
import time
from pathlib import Path

import pytest

from server.core.limits import BACKOFF_FIRST_S, PING_EVERY_S, PONG_WITHIN_S
from tests.faults.flowing import Flow
from tests.faults.link import Fault, FaultLink
from tests.faults.processes import hub_process

pytestmark = [pytest.mark.faults, pytest.mark.real_numbers]
log = logging.getLogger(__name__)

VIEWERS = 20
NOTICED_S = PING_EVERY_S + PONG_WITHIN_S + 1.5
"""33 s, and what a look at it adds."""
COME_S = NOTICED_S + BACKOFF_FIRST_S
"""A client that has left is seen when it comes again, which it waits a little for."""


@pytest.mark.timeout(200)
@pytest.mark.parametrize("way", ["both", "up", "down"])
async def test_a_line_that_swallows_everything_is_left_by_hub_and_client(tmp_path: Path, way: str) -> None:
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        async with FaultLink("127.0.0.1", hub.port) as link:
            flow = Flow(hub.url)
            await flow.begin(viewers=2)
            await flow.more(VIEWERS, f"http://127.0.0.1:{link.port}")
            lines = link.accepted
            if way != "down":
                link.upward = Fault.BLACKHOLE
            if way != "up":
                link.downward = Fault.BLACKHOLE
            began_s = time.monotonic()
            left_s = come_s = 0.0
            async with flow.flowing(cards_every_s=1.0, applicants=0):
                while not (left_s and come_s):
                    now_s = time.monotonic() - began_s
                    assert now_s <= COME_S, f"{link.accepted - lines} came again, the hub let go after {left_s:.1f} s"
                    # New lines are as dead as the old ones.
                    come_s = come_s or (now_s if link.accepted >= lines + VIEWERS else 0.0)
                    gone = await asyncio.to_thread(hub.number, "daigang_connections") <= 2
                    left_s = left_s or (now_s if gone else 0.0)
                    await asyncio.sleep(0.5)
                log.warning("%s: the hub let go after %.1f s, the clients came again after %.1f s", way, left_s, come_s)
                assert left_s <= NOTICED_S
                link.upward = link.downward = Fault.PASS
                link.reset()
                back_s = time.monotonic()
                await asyncio.sleep(1.0)
            await flow.whole()
            log.warning("whole again %.1f s after bytes moved", time.monotonic() - back_s)
            await flow.end()
