"""The store is away under viewers (promise 27): what was pushed stays, who joins an open room gets in, writes are
refused kindly, nobody is disconnected, and it heals. Presence goes on meanwhile, and is honest (promise 28)."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from clients.python import connect
from server.core.model import Since
from server.core.protocol import (
    Apply,
    Done,
    Message,
    Pulse,
    Push,
    Receipt,
    Refused,
    Restart,
    SessionPulse,
    ShowCard,
    StageSnapshot,
)
from server.core.refusal import Code
from server.hub.settings import HubSettings
from server.store import log_queries
from tests.faults.processes import HubProcess, hub_process
from tests.services import PostgresServer, RedisServer
from tests.wire.hubs import CONSENT, HOST, Line, Running, go_live, key, running, say

pytestmark = pytest.mark.faults

HEALED_WITHIN_S = 20.0
"""Generous: a busy machine fails no test."""


def allow_pages(conn: Connection, more: int) -> None:
    used = conn.exec_driver_sql("PRAGMA page_count").scalar()
    assert isinstance(used, int)
    conn.exec_driver_sql(f"PRAGMA max_page_count={used + more}")


class Outage:
    """Of one kind of store; `begin` and `end` it."""

    def __init__(self, hub: Running, postgres: PostgresServer | None) -> None:
        self._hub = hub
        self._postgres = postgres
        self._line = ""

    async def begin(self) -> None:
        if self._postgres is not None:
            await asyncio.to_thread(self._postgres.kill)
            return
        await self._hub.store.transact(allow_pages, 0)
        self._line = "满" * 190

    async def end(self) -> None:
        if self._postgres is not None:
            await asyncio.to_thread(self._postgres.start)
        else:
            await self._hub.store.transact(allow_pages, 1_000_000)

    async def until_it_refuses(self, line: Line) -> None:
        """A full disk has some room left in its last pages."""
        for n in range(200):
            reply = await say(line, f"{n} {self._line}")
            if isinstance(reply, Refused) and reply.code is Code.UNAVAILABLE:
                return
            await asyncio.sleep(0.25)  # the ration of one connection
        raise AssertionError("the store never refused")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def where(request: pytest.FixtureRequest) -> tuple[str | None, PostgresServer | None]:
    if request.param == "sqlite":
        return None, None
    return request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_server")


def apply(n: int) -> Apply:
    return Apply(
        session="S01",
        position=f"P01{n % 8}",
        name="张师傅",
        phone=f"199{n:08d}",
        consent=CONSENT,
        age_confirmed=True,
        key=f"apply-{n:08d}",
    )


def kindly(reply: Message) -> bool:
    return isinstance(reply, Refused) and reply.code is Code.UNAVAILABLE and reply.temporary


async def test_the_store_is_away_and_nobody_is_sent_away(
    tmp_path: Path, where: tuple[str | None, PostgresServer | None]
) -> None:
    url, postgres = where
    # A line of a test answers a ping only while it is read; filling a disk at a viewer's pace takes longer than that.
    patient = HubSettings(pong_within_s=120.0)
    async with (
        running(tmp_path, url=url, settings=patient) as hub,
        hub.line("host", HOST) as host,
        hub.line("g1") as member,
        hub.line("g2") as late,
        hub.line("g3") as talker,
        hub.line("g4") as fresh,
    ):
        outage = Outage(hub, postgres)
        await go_live(host)
        for channel in ("stage/S01", "chat/S01", "pulse/S01"):
            await member.join(channel)
        await hub.show(1)
        epoch = hub.store.epoch
        await outage.begin()
        try:
            await outage.until_it_refuses(talker)
            back = await late.join("stage/S01", Since(epoch, 1))
            assert back.recovered
            assert [entry.offset for entry in back.entries] == [2]
            snapshot = (await fresh.join("stage/S01")).snapshot
            assert isinstance(snapshot, StageSnapshot)
            assert snapshot.card is not None
            await fresh.join("chat/S01")
            card = ShowCard(session="S01", position="P013", key=key())
            shown, applied = await host.call(card), await member.call(apply(1))
            if postgres is not None:
                assert kindly(shown)
                assert kindly(applied)
            # Presence goes on: the three that are in the room now are counted and pushed.
            seen = await member.until(lambda m: isinstance(m, Pulse) and online_in(m) == 3)
        finally:
            await outage.end()
        receipt = await again(member, apply(1))
        assert isinstance(receipt, Receipt)
        assert isinstance(await again(host, card), Done)
        offsets = [m.offset for m in seen if isinstance(m, Push) and m.channel == "stage/S01"]
        if 3 not in offsets:  # a full disk may have had room for one more card
            offsets += await member.offsets("stage/S01", 3, HEALED_WITHIN_S)
        assert offsets == [2, 3]
        head = await hub.store.read(log_queries.head, "stage/S01")  # type: ignore[arg-type]
        assert head.offset == 3
        assert hub.hub.counts.connections == 5
        assert hub.hub.counts.restarts == 0
        assert not [m for line in (member, late, fresh) for m in line.waiting if isinstance(m, Restart)]


def online_in(pulse: Pulse) -> int:
    return pulse.body.numbers.online if isinstance(pulse.body, SessionPulse) else -1


async def again(line: Line, command: Apply | ShowCard) -> Message:
    """The same key again until it is done, as a page does it; pushes stay waiting."""
    async with asyncio.timeout(HEALED_WITHIN_S):
        while True:
            reply = await line.call(command)
            if not isinstance(reply, Refused):
                return reply
            assert reply.temporary, reply
            await asyncio.sleep(0.4)


@pytest.mark.postgres
async def test_a_database_that_hangs_holds_up_neither_presence_nor_cards_nor_pongs(
    tmp_path: Path, postgres_url: str, postgres_server: PostgresServer
) -> None:
    """SIGSTOP: nothing is refused for seconds, it just does not answer."""
    async with running(tmp_path, url=postgres_url) as hub, hub.line("host", HOST) as host, hub.line("g1") as member:
        await go_live(host)
        await member.join("stage/S01")
        await member.join("pulse/S01")
        async with hub.line("g2") as other:
            postgres_server.stop_signal()
            try:
                await other.join("stage/S01")
                await member.until(lambda m: isinstance(m, Pulse) and online_in(m) == 2)
                showing = asyncio.create_task(hub.do(ShowCard(session="S01", position="P011", key=key())))
                await asyncio.sleep(1.0)
            finally:
                postgres_server.cont()
            await showing
            async with asyncio.timeout(HEALED_WITHIN_S):
                while isinstance(await hub.do(ShowCard(session="S01", position="P012", key=key())), Refused):
                    pass
            seen = await other.until(lambda m: isinstance(m, Push), HEALED_WITHIN_S)
            assert seen[-1].offset == 2  # type: ignore[union-attr]
            assert hub.hub.counts.connections == 3


# ---- presence --------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def watching(hub: HubProcess, count: int) -> AsyncIterator[None]:
    """So many guests in the first session of that hub."""
    async with contextlib.AsyncExitStack() as stack:
        readers = []
        for _ in range(count):
            guest = await hub.doors.guest()
            session = await stack.enter_async_context(connect(hub.ws_url, token=guest.token))
            member = session.join("stage/S01")
            readers.append(asyncio.create_task(anext(aiter(member))))
        await asyncio.wait_for(asyncio.gather(*readers), 20)
        yield


async def online_becomes(hub: HubProcess, wanted: int, within_s: float) -> None:
    """Never more than ever were there, never negative; right in the end."""
    deadline_s = time.monotonic() + within_s
    while (online := (await hub.doors.session("S01")).numbers.online) != wanted:
        assert 0 <= online <= 7, online
        assert time.monotonic() < deadline_s, online
        await asyncio.sleep(0.25)


@pytest.mark.timeout(200)
async def test_presence_is_honest_after_a_hub_was_killed(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> None:
    environ = {"DAIGANG_STORE_URL": postgres_url, "DAIGANG_REDIS_URL": redis_server.url}
    with (
        hub_process(tmp_path / "var", environ, "one") as one,
        hub_process(tmp_path / "var", environ, "other") as other,
    ):
        await one.start()
        await other.start()
        async with watching(one, 3):
            async with watching(other, 4):
                await online_becomes(one, 7, 20.0)
                await online_becomes(other, 7, 20.0)
                other.kill()
                await online_becomes(one, 3, 35.0)
            await other.start()
            async with watching(other, 2):
                await online_becomes(one, 5, 20.0)
                assert await other.terminate() == 0
                await online_becomes(one, 3, 20.0)
