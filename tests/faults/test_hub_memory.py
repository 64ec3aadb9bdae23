"""Promise 29 at a hub process of its own: what thousands leave behind in its memory and its open files, read from
outside. The visits are those of `test_hub_restart.py`, which looks at tasks and rooms within one process."""

import asyncio
import contextlib
import logging
import re
import time
import urllib.request
from pathlib import Path

import pytest

from server.core.protocol import GoLive, ShowCard
from server.core.refusal import Refusal
from tests.faults.processes import HubProcess, hub_process, known_keys
from tests.faults.test_hub_restart import ROUND_EVERY_S, SOAK_S, cached_bytes, churned
from tests.wire.hubs import HOST, token

pytestmark = pytest.mark.faults
log = logging.getLogger(__name__)

NOBODY = {"daigang_connections": 0.0, "daigang_strangers": 0.0}


class Visited:
    """A real hub as `churned` wants it: a port, and cards that are shown."""

    def __init__(self, process: HubProcess, positions: list[str]) -> None:
        self.port = process.port
        self._process = process
        self._positions = positions
        self._shown = 0

    async def show(self, _: int, /) -> None:
        self._shown += 1
        position = self._positions[self._shown % len(self._positions)]
        card = ShowCard(session="S01", position=position, key=f"show-{self._shown:07}")
        with contextlib.suppress(Refusal):  # faster than five a second
            await self._process.doors.call(card, token("host", HOST))

    def numbers(self) -> dict[str, float]:
        """Of `/metrics`, which has neither names nor labels here."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self._process.url}/metrics", timeout=10) as answer:
            return {name: float(value) for name, value in re.findall(r"(?m)^(\w+) (\S+)$", answer.read().decode())}

    async def left_alone(self) -> dict[str, float]:
        """The numbers, once everybody is gone."""
        async with asyncio.timeout(90):
            while True:
                numbers = await asyncio.to_thread(self.numbers)
                if numbers.items() >= NOBODY.items():
                    return numbers
                await asyncio.sleep(0.5)


@pytest.mark.real_numbers
@pytest.mark.timeout(2_400)
async def test_memory_and_files_are_what_they_were(tmp_path: Path) -> None:
    var = tmp_path / "var"
    known_keys(var)
    with hub_process(var) as process:
        await process.start()
        await process.doors.call(GoLive(session="S01", key="go-live-1"), token("host", HOST))
        page = await process.doors.session("S01")
        slots = (await process.doors.shelf("S01", page.session.shelf_revision)).slots
        hub = Visited(process, [slot.position.id for slot in slots])
        measured: list[tuple[int, int]] = []
        begins_s = time.monotonic()
        while time.monotonic() < begins_s + SOAK_S:
            await asyncio.sleep(max(0.0, begins_s + len(measured) * ROUND_EVERY_S - time.monotonic()))
            await churned(hub, 400, at_once=60, seed=len(measured))
            now = await hub.left_alone()
            memory = int(now["process_resident_memory_bytes"]) - cached_bytes(var / "daigang.db")
            measured.append((int(now["process_open_fds"]), memory))
        log.warning("%d rounds; files, bytes: %s", len(measured), measured[:: max(1, len(measured) // 12)])
        settled = measured[len(measured) // 3 :]
        assert settled[-1][0] <= settled[0][0] + 5
        assert settled[-1][1] <= settled[0][1] * 1.05, "memory grows"
        assert "Traceback" not in process.log()
