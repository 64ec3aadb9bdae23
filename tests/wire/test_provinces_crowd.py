"""Promises 14 and 15 at their own size: 2,000 viewers at home, then 2,000 in another province behind a link of 30 ms; a
card a second, then twenty at once. Nobody misses anything or has it twice; how late is measured by `bench`, in the
shapes `burst` and `burst-elsewhere`."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.link import Fault
from tests.wire.houses import HouseUnderTest, do
from tests.wire.provinces import HERE, THERE, Pair

pytestmark = [pytest.mark.real_numbers, pytest.mark.timeout(240)]

VIEWERS = 2_000
CARDS, BURST = 10, 20


@contextlib.asynccontextmanager
async def crowd(house: HouseUnderTest, var: Path, room: str, seconds: int) -> AsyncIterator[list[str]]:
    """That many viewers in a process of their own; what it printed stands in the list when they have gone."""
    place = f"127.0.0.1:{house.port}"
    argv = ["--address", place, "--var", str(var), "--viewers", str(VIEWERS), "--rooms", room]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.viewers", *argv, "--seconds", str(seconds), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    printed: list[str] = []
    try:
        async with asyncio.timeout(60):
            assert f"{VIEWERS} in, 0 not" in (await process.stdout.readline()).decode()
        yield printed
        async with asyncio.timeout(seconds + 30):
            printed += (await process.stdout.read()).decode().splitlines()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()


async def cards(house: HouseUnderTest, count: int, pause_s: float) -> None:
    """Shown by the host of S01, one after another, or all at once."""
    showing = []
    for number in range(count):
        one = asyncio.create_task(
            do(house, house.tokens["host"], "show_card", session="S01", position=f"P01{number % 8}")
        )
        showing.append(one)
        await asyncio.sleep(pause_s)
    for said in await asyncio.gather(*showing):
        assert said["t"] == "done", said


def whole(printed: list[str], entries: int) -> None:
    """Nobody missed anything or had it twice."""
    text = "\n".join(printed)
    assert f"{entries * VIEWERS} deliveries" in text, text
    assert "missing 0, repeated 0, lost viewers none" in text, text


@pytest.mark.parametrize("where", ["at home", "far"])
async def test_two_thousand_see_a_card(where: str, tmp_path: Path, pair: Pair) -> None:
    pair.link.delay_s, pair.link.fault = 0.03, Fault.DELAY
    await do(pair.there, pair.there.tokens["host"], "go_live", session="S01")
    await asyncio.sleep(2.0)  # its snapshot is there
    far = where == "far"
    house, var = (pair.here, tmp_path / HERE) if far else (pair.there, tmp_path / THERE)
    room = f"S01@{THERE}" if far else "S01"
    async with crowd(house, var, room, CARDS + 5) as printed:
        await cards(pair.there, CARDS, 1.0)
    whole(printed, CARDS)
    async with crowd(house, var, room, 8) as printed:
        await asyncio.sleep(4.0)  # what one host may ask at once
        await cards(pair.there, BURST, 0.0)
    whole(printed, BURST)
