"""The store is away for 20 s under a hub of its own, with a fair going on (promise 27 with its own numbers): PostgreSQL
killed, the disk full. Nobody is sent away, writes are refused for now and succeed later with the same key, and every
receipt is a row. In every run `test_hub_outage.py` looks at each reply in a smaller outage.

How long it takes to be whole again is logged (-o log_cli=true)."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.flowing import Flow
from tests.faults.full_disk import fill, make_room, small_disk
from tests.faults.processes import hub_process
from tests.services import PostgresServer

pytestmark = [pytest.mark.faults, pytest.mark.real_numbers]
log = logging.getLogger(__name__)

AWAY_S = 20.0
BACK_WITHIN_S = 2.0
"""Promise 27: from the store's return to the next receipt. A person who was refused asks again within half a second."""


@contextlib.asynccontextmanager
async def killed(postgres: PostgresServer) -> AsyncIterator[None]:
    await asyncio.to_thread(postgres.kill)
    try:
        yield
    finally:
        await asyncio.to_thread(postgres.start)


@contextlib.asynccontextmanager
async def full(place: Path) -> AsyncIterator[None]:
    await asyncio.to_thread(fill, place)
    try:
        yield
    finally:
        make_room(place)


async def through(flow: Flow, store_url: str, outage: contextlib.AbstractAsyncContextManager[None]) -> None:
    """A fair with that in the middle."""
    await flow.begin(viewers=100)
    async with flow.flowing(cards_every_s=0.2, applicants=6, apply_every_s=0.2):
        await asyncio.sleep(5.0)
        log.warning("before: %s", flow.figures())
        async with outage:
            await asyncio.sleep(AWAY_S / 2)
            flow.figures()
            before = len(flow.receipts)
            await asyncio.sleep(AWAY_S / 2)
            meanwhile = len(flow.receipts) - before
        back_s = time.monotonic()
        there = len(flow.receipts)
        while len(flow.receipts) == there:
            assert time.monotonic() < back_s + 30.0, "it does not heal"
            await asyncio.sleep(0.02)
        healed_s = time.monotonic() - back_s
        log.warning("%d receipts while it was away; the next %.1f s after its return", meanwhile, healed_s)
        await asyncio.sleep(5.0)
    await flow.whole()
    assert meanwhile == 0, "a receipt without a store"
    assert flow.refused, "nothing was refused: the store was not away"
    assert {refused.split()[0] for refused in flow.refused} == {"unavailable"}
    assert set(flow.stored(store_url)) == set(flow.receipts)
    assert healed_s <= BACK_WITHIN_S
    await flow.end()


@pytest.mark.postgres
@pytest.mark.timeout(200)
async def test_postgres_is_killed_for_twenty_seconds(
    tmp_path: Path, postgres_url: str, postgres_server: PostgresServer
) -> None:
    with hub_process(tmp_path / "var", {"DAIGANG_STORE_URL": postgres_url}) as hub:
        await hub.start()
        await through(Flow(hub.url), postgres_url, killed(postgres_server))
        assert "Traceback" not in hub.log()


@pytest.mark.timeout(200)
async def test_the_disk_is_full_for_twenty_seconds(tmp_path: Path) -> None:
    var = tmp_path / "var"
    with small_disk(var, "64m"), hub_process(var) as hub:
        try:
            await hub.start()
            await through(Flow(hub.url), f"sqlite:///{var}/daigang.db", full(var))
            assert "Traceback" not in hub.log()
        finally:
            hub.kill()
