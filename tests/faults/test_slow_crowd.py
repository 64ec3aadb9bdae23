"""Beside 2,000 viewers (promises 12 and 13 with their own numbers) 50 never read again, 50 get a trickle, and 50 stop
for a while: those who stop are let go, nobody else misses, doubles or waits for anything, the hub's memory stays within
their outboxes, and whoever reads again has every card, in order, once. Delays are logged, not asserted."""

import asyncio
import logging
import time
from pathlib import Path

import pytest

from tests.faults.flowing import Flow
from tests.faults.link import Fault, FaultLink
from tests.faults.processes import hub_process
from tests.wire.hubs import eventually
from tests.wire.sleepers import asleep

pytestmark = pytest.mark.faults

log = logging.getLogger(__name__)
SLOW = 50
OUTBOX_BYTES = 256 * 1024 + 64 * 1024


@pytest.mark.parametrize("viewers", [pytest.param(2_000, marks=[pytest.mark.real_numbers, pytest.mark.timeout(600)])])
async def test_fifty_that_sleep_delay_nobody_and_fifty_that_wake_have_everything(tmp_path: Path, viewers: int) -> None:
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        flow = Flow(hub.url)
        async with FaultLink("127.0.0.1", hub.port) as dozing, FaultLink("127.0.0.1", hub.port) as trickling:
            await flow.begin(viewers=viewers)
            await flow.more(SLOW, f"http://127.0.0.1:{dozing.port}")
            await flow.more(SLOW, f"http://127.0.0.1:{trickling.port}")
            async with flow.flowing(cards_every_s=0.25, applicants=2):
                await asyncio.sleep(10.0)
                log.warning("without them: %s", flow.figures())
                before = hub.number("process_resident_memory_bytes")
                trickling.downward = Fault.THROTTLE
                dozing.fault = Fault.HOLD
                tickets = [await flow.doors.guest() for _ in range(SLOW)]
                sleepers = [await asleep(hub.port, one.token, "stage/S01", origin=hub.url) for one in tickets]
                # By bytes that do not move, or by a pong that does not come (33 s), whichever is noticed first.
                async with asyncio.timeout(120):
                    while hub.number("daigang_connections") > viewers + SLOW:  # noqa: ASYNC110
                        await asyncio.sleep(1.0)
                slow = hub.number("daigang_left_slow_total")
                log.warning("with them: %s; %d let go as slow", flow.figures(), slow)
                grown = hub.number("process_resident_memory_bytes") - before
                dozing.fault = Fault.PASS
                dozing.reset()
                woke_s = time.monotonic()
                async with asyncio.timeout(60):
                    while hub.number("daigang_connections") < viewers + 2 * SLOW:  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
                log.warning("all who woke are back %.1f s later", time.monotonic() - woke_s)
            await flow.whole(60.0)
            log.warning("memory grew by %d kB", grown // 1024)
            assert grown < 2 * SLOW * OUTBOX_BYTES + 64 * 1024 * 1024
            for sleeper in sleepers:
                sleeper.close()
            await flow.end()
        await eventually(lambda: hub.number("daigang_connections") == 0.0, 60.0)
