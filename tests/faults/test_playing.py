"""`daigang run --demo --play`: the day plays in a child process, and no child outlives its house."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from server.core.model import ON_AIR
from tests.faults.processes import hub_process

pytestmark = [pytest.mark.faults, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]

WITHIN_S = 60.0


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def eventually(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < end_s
        await asyncio.sleep(0.1)


async def test_the_day_plays_by_itself_and_ends_with_its_house(tmp_path: Path):
    with hub_process(tmp_path, arguments=("--demo", "--play", "600x")) as hub:
        await hub.start()
        await eventually(lambda: bool(children_of(hub.pid)))
        (child,) = children_of(hub.pid)
        assert os.getpriority(os.PRIO_PROCESS, child) >= 0
        on_air: set[str] = set()
        end_s = time.monotonic() + WITHIN_S
        while len(on_air) < 49:
            assert time.monotonic() < end_s, hub.log()[-2000:]
            on_air = {page.session.id for page in (await hub.doors.fair()).sessions if page.session.state in ON_AIR}
            await asyncio.sleep(0.1)
        hub.kill()
        await eventually(lambda: not is_there(child))
        assert (tmp_path / "play" / "simulate.json").stat().st_mode & 0o777 == 0o600
        assert not (tmp_path / "daigang.db").exists()  # the day has a house of its own
