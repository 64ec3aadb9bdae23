"""When the database is away, full, stopped or held by somebody who froze: PROMISES 1, 4, 26, 27 at the store.

Always the same check: what was acknowledged is stored; what was refused is done once with the same key again.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select

from server.core.channels import Kind, channel
from server.core.protocol import Done
from server.core.refusal import Code, Refusal
from server.store import log_queries, numbers_queries, tables
from server.store.engines import normal_url, writing_engine
from server.store.store import Store
from server.store.writes import Apply, Committed
from tests.contract.conftest import OpenStore
from tests.contract.store_day import apply, e0, loaded, outcome, q, receipt, s0, say
from tests.services import PostgresServer

BACK_WITHIN_S = 20.0
"""Generous: what is promised is 2 s, and shown in `docs/promises.md`; a busy machine fails no test."""


def some_applies(n: int, first: int = 0) -> list[Apply]:
    return [apply(q(i % 4), phone=f"139{i:08d}") for i in range(first, first + n)]


def stored_ids(conn) -> set[str]:
    return set(conn.execute(select(tables.applications.c.id)).scalars())


async def resend(store: Store, write: Apply) -> Committed:
    """The same key again until it is answered, as a page does it."""
    async with asyncio.timeout(BACK_WITHIN_S):
        while True:
            result = await outcome(store, write)
            if isinstance(result, Committed):
                return result
            assert (result.code, result.temporary) == (Code.UNAVAILABLE, True)
            await asyncio.sleep(0.05)


async def assert_kept(store: Store, writes: Sequence[Apply], results: Sequence[Committed | Refusal]) -> None:
    refused = [r for r in results if isinstance(r, Refusal)]
    assert {(r.code, r.temporary) for r in refused} <= {(Code.UNAVAILABLE, True)}
    acknowledged = {receipt(r).application for r in results if isinstance(r, Committed)}
    assert acknowledged <= await store.read(stored_ids)
    again = [await resend(store, write) for write in writes]
    for result, later in zip(results, again, strict=True):
        if isinstance(result, Committed):
            assert receipt(later) == receipt(result)
            assert later.repeated
    assert await store.read(stored_ids) == {receipt(r).application for r in again}
    assert len({receipt(r).application for r in again}) == len(writes)
    assert await store.read(numbers_queries.differences) == {}


async def keep_writing(store: Store, writes: Sequence[Apply], pause_s: float) -> list[Committed | Refusal]:
    """All of them, a few at a time, so that some are under way whenever something happens."""

    async def lane(mine: Sequence[Apply]) -> list[Committed | Refusal]:
        results = []
        for write in mine:
            results.append(await outcome(store, write))
            await asyncio.sleep(pause_s)
        return results

    lanes = await asyncio.gather(*(lane(writes[n::8]) for n in range(8)))
    return [lanes[n % 8][n // 8] for n in range(len(writes))]


# ---- a full disk -----------------------------------------------------------------------------------------------------


def allow_pages(conn, more: int) -> None:
    used = conn.exec_driver_sql("PRAGMA page_count").scalar()
    conn.exec_driver_sql(f"PRAGMA max_page_count={used + more}")


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_a_full_disk_refuses_kindly_and_heals(store: Store):
    await store.transact(allow_pages, 12)
    writes = some_applies(400)
    results = await asyncio.gather(*(outcome(store, write) for write in writes))
    assert any(isinstance(r, Committed) for r in results)
    assert any(isinstance(r, Refusal) for r in results)
    assert (await store.read(log_queries.head, channel(Kind.STAGE, s0))).offset == 1, "reads go on"
    await store.transact(allow_pages, 1_000_000)
    await assert_kept(store, writes, results)


# ---- PostgreSQL killed, stopped, gone --------------------------------------------------------------------------------


only_postgres = pytest.mark.parametrize(
    "store_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@only_postgres
async def test_postgres_killed_under_load(store: Store, postgres_server: PostgresServer):
    writes = some_applies(400)
    load = asyncio.create_task(keep_writing(store, writes, 0.02))
    await asyncio.sleep(0.3)
    await asyncio.to_thread(postgres_server.kill)
    for look in (store.read(log_queries.head, channel(Kind.STAGE, s0)), store.write(say(s0, "x"))):
        with pytest.raises(Refusal) as refused:
            await look
        assert (refused.value.code, refused.value.temporary) == (Code.UNAVAILABLE, True)
    await asyncio.to_thread(postgres_server.start)
    results = await load
    assert any(isinstance(r, Committed) for r in results)
    await assert_kept(store, writes, results)


@only_postgres
async def test_postgres_restarted_while_nobody_writes(store: Store, postgres_server: PostgresServer):
    """Every connection of every pool is dead, and nobody is refused for that."""
    await store.read(log_queries.head, channel(Kind.STAGE, s0))
    await asyncio.to_thread(postgres_server.kill)
    await asyncio.to_thread(postgres_server.start)
    assert isinstance(await outcome(store, say(s0, "x")), Committed)
    results = await asyncio.gather(*(store.read(log_queries.head, channel(Kind.CHAT, s0)) for _ in range(20)))
    assert {head.offset for head in results} == {1}


@only_postgres
async def test_postgres_stopped_answers_nothing_and_holds_nobody(
    open_store: OpenStore, postgres_server: PostgresServer
):
    """SIGSTOP: connections stay open, statements never end, no limit of the server's is kept."""
    store = await loaded(await open_store(write_within_s=1.0, read_within_s=1.0))
    writes = some_applies(40)
    before = await asyncio.gather(*(outcome(store, write) for write in writes[:20]))
    postgres_server.stop_signal()
    try:
        began_s = time.monotonic()
        during = await asyncio.gather(*(outcome(store, write) for write in writes[20:]))
        with pytest.raises(Refusal):
            await store.read(log_queries.head, channel(Kind.STAGE, s0))
        assert time.monotonic() - began_s < BACK_WITHIN_S
        assert all(isinstance(r, Refusal) for r in during)
    finally:
        postgres_server.cont()
    await assert_kept(store, writes, [*before, *during])


@only_postgres
async def test_a_store_closes_while_postgres_is_stopped(open_store: OpenStore, postgres_server: PostgresServer):
    store = await loaded(await open_store(write_within_s=1.0, read_within_s=1.0))
    postgres_server.stop_signal()
    try:
        with pytest.raises(Refusal):
            await store.read(log_queries.head, channel(Kind.STAGE, s0))
        with pytest.raises(Refusal):
            await store.write(say(s0, "x"))
        async with asyncio.timeout(BACK_WITHIN_S):
            await store.close()
    finally:
        postgres_server.cont()


@only_postgres
async def test_a_hub_frozen_inside_a_transaction_lets_go(store: Store, store_url: str):
    """PROMISES 26: what a stopped hub holds, the server takes from it after a second."""
    frozen = writing_engine(normal_url(store_url))
    try:
        conn = frozen.connect()
        conn.begin()
        firm = channel(Kind.FIRM, e0)
        conn.execute(select(tables.heads).where(tables.heads.c.channel == firm).with_for_update()).all()
        committed = await resend(store, apply(q(0)))
        assert [p.entry.offset for p in committed.publications if p.channel == firm] == [1]
        with pytest.raises(Exception, match="idle-in-transaction"):
            conn.execute(select(1))
        conn.invalidate()
        conn.close()
    finally:
        frozen.dispose()


@only_postgres
async def test_a_server_that_is_not_there(open_store: OpenStore, postgres_server: PostgresServer):
    postgres_server.kill()
    with pytest.raises(Refusal) as refused:
        await open_store()
    assert (refused.value.code, refused.value.temporary) == (Code.UNAVAILABLE, True)


# ---- not before the commit -------------------------------------------------------------------------------------------


async def test_an_answer_comes_after_the_commit(store: Store, open_store: OpenStore):
    """What one hub acknowledges, another hub reads at once: asked 200 times, at the moment of the answer."""
    other = await open_store("other")

    async def one(write: Apply) -> bool:
        committed = await store.write(write)
        return receipt(committed).application in await other.read(stored_ids)

    assert all(await asyncio.gather(*(one(write) for write in some_applies(200))))


TRAPPED_MS = 666


def set_trap(conn) -> None:
    """From here on, a transaction that logs anything at TRAPPED_MS fails when it commits, and not before."""
    conn.exec_driver_sql("CREATE TABLE trap (x TEXT REFERENCES meta (name) DEFERRABLE INITIALLY DEFERRED)")
    spring = f"WHEN (NEW.at_ms = {TRAPPED_MS})"
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(
            f"CREATE TRIGGER spring AFTER INSERT ON log {spring} BEGIN INSERT INTO trap VALUES ('none'); END"
        )
    else:
        conn.exec_driver_sql(
            "CREATE FUNCTION snap() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO trap VALUES ('none'); RETURN NEW; END $$"
        )
        conn.exec_driver_sql(f"CREATE TRIGGER spring AFTER INSERT ON log FOR EACH ROW {spring} EXECUTE FUNCTION snap()")


async def test_a_commit_that_fails_is_not_acknowledged(store: Store):
    """PROMISES 4: every statement succeeded, the commit did not."""
    await store.transact(set_trap)
    writes = [say(s0, f"{n}", at_ms=TRAPPED_MS if n == 5 else 1_000) for n in range(10)]
    results = await asyncio.gather(*(outcome(store, write) for write in writes))
    assert [isinstance(r, Refusal) for r in results] == [n == 5 for n in range(10)]
    entries = await store.read(log_queries.entries, channel(Kind.CHAT, s0), 0, 100)
    assert [entry.offset for entry in entries] == list(range(1, 10))
    assert entries == [p.entry for r in results if isinstance(r, Committed) for p in r.publications]


async def held(store: Store, until: Callable[[], bool]) -> None:
    def wait(conn) -> None:
        end_s = time.monotonic() + BACK_WITHIN_S
        while not until() and time.monotonic() < end_s:
            time.sleep(0.01)

    await store.transact(wait)


async def test_a_write_that_waits_too_long_is_refused_and_not_done_later(open_store: OpenStore):
    """It was refused before it was begun: then it is not done behind its caller's back either."""
    store = await loaded(await open_store(write_within_s=0.3))
    done = False
    holding = asyncio.create_task(held(store, lambda: done))
    await asyncio.sleep(0.05)
    write = say(s0, "late")
    refused = await outcome(store, write)
    done = True
    await holding
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.temporary) == (Code.UNAVAILABLE, True)
    assert (await store.write(say(s0, "next"))).reply == Done(offset=1)
    assert not (await store.write(write)).repeated


async def test_two_processes_may_share_one_sqlite_file(open_store: OpenStore):
    """An import beside a running hub: the second writer waits for the first, neither loses anything."""
    one = await loaded(await open_store("var"))
    two = await open_store("var")
    writes = some_applies(100)
    results = await asyncio.gather(*(outcome((one, two)[n % 2], write) for n, write in enumerate(writes)))
    assert all(isinstance(r, Committed) for r in results)
    await assert_kept(one, writes, results)
