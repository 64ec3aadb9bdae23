"""The log, the heads, the keys and the batch: what every write relies on."""

import asyncio

import pytest
from sqlalchemy import func, select

from server.core.bodies import Line, decode_body
from server.core.channels import Kind, channel
from server.core.model import Channel, Entry, Head, SessionId
from server.core.protocol import Done
from server.core.refusal import Code, Refusal
from server.store import log_queries, tables
from server.store.batch import waves
from server.store.store import Store
from server.store.writes import Committed
from tests.contract.conftest import OpenStore
from tests.contract.store_day import (
    ENDED,
    HOST,
    LIVE,
    SEEKER,
    apply,
    change_state,
    e0,
    loaded,
    look,
    outcome,
    poison,
    q,
    receipt,
    s0,
    s1,
    s2,
    say,
    show,
)

CHAT = channel(Kind.CHAT, s0)


async def log_of(store: Store, of: Channel) -> list[Entry]:
    return await store.read(log_queries.entries, of, 0, 100_000)


async def assert_no_holes(store: Store) -> None:
    def channels(conn):
        return list(conn.execute(select(tables.heads.c.channel)).scalars())

    for name in await store.read(channels):
        entries = await log_of(store, name)
        assert [entry.offset for entry in entries] == list(range(1, len(entries) + 1)), name
        assert (await store.read(log_queries.head, name)).offset == len(entries), name


async def test_the_first_offset_is_one_and_head_is_the_last(store: Store):
    assert (await store.read(log_queries.head, CHAT)).offset == 0
    first = await store.write(say(s0, "一"))
    second = await store.write(say(s0, "二"))
    assert [first.reply, second.reply] == [Done(offset=1), Done(offset=2)]
    assert [publication.entry for c in (first, second) for publication in c.publications] == await log_of(store, CHAT)
    assert (await store.read(log_queries.head, CHAT)) == Head(store.epoch, 2)
    assert await store.read(log_queries.last_entries, CHAT, 1) == (await log_of(store, CHAT))[1:]
    assert await store.read(log_queries.entries, CHAT, 1, 5) == (await log_of(store, CHAT))[1:]


async def test_heads_of_many_channels_agree_with_each(store: Store):
    await store.write(say(s0, "一"))
    asked = [CHAT, channel(Kind.STAGE, s0), channel(Kind.STAGE, s2), Channel("me/nobody")]
    heads = await store.read(log_queries.heads, asked)
    assert heads == {name: await store.read(log_queries.head, name) for name in asked}
    assert [heads[name].offset for name in asked] == [1, 1, 0, 0]
    assert await store.read(log_queries.heads, []) == {}


async def test_publications_are_what_is_logged_byte_for_byte(store: Store):
    committed = await store.write(say(s0, "你好", role="host"))
    (publication,) = committed.publications
    assert publication.epoch == store.epoch
    assert decode_body(publication.entry.body) == Line(author="a1", name="游客", text="你好", role="host")
    assert (await log_of(store, CHAT))[0] == publication.entry


async def test_two_hubs_with_poison_among_them_leave_no_holes(open_store: OpenStore):
    """PROMISES 26: 200 writers, two writing hubs, rollbacks in the middle of it."""
    one = await loaded(await open_store("one"))
    two = await open_store("two")

    async def writer(n: int) -> list[Committed | Refusal]:
        store = (one, two)[n % 2]
        mine = [
            say(s0, f"{n} a"),
            apply(q(n % 4), phone=f"1390000{n:04d}"),
            poison(s0) if n % 10 == 0 else say(s1, f"{n} b"),
            show(s1, q(4 + n % 4)),
            apply(q(n % 4), phone=f"1390000{n:04d}", by=f"p{n}"),
        ]
        return [await outcome(store, write) for write in mine]

    results = await asyncio.gather(*(writer(n) for n in range(200)))
    refused = [r for mine in results for r in mine if isinstance(r, Refusal)]
    assert [r.code for r in refused] == [Code.BAD_MESSAGE] * 20
    await assert_no_holes(one)
    lines = [decode_body(entry.body) for entry in await log_of(one, CHAT)]
    assert sorted(line.text for line in lines if isinstance(line, Line)) == sorted(f"{n} a" for n in range(200))
    acknowledged = {
        (p.channel, p.entry.offset): p.entry.body
        for mine in results
        for r in mine
        if isinstance(r, Committed)
        for p in r.publications
    }
    stored = {(name, e.offset): e.body for name in {name for name, _ in acknowledged} for e in await log_of(two, name)}
    state_changes = {place for place in stored if place not in acknowledged}
    assert {name for name, _ in state_changes} == {channel(Kind.STAGE, s1)}, "the one of going live in the fixture"
    assert all(stored[place] == body for place, body in acknowledged.items())


async def test_the_same_key_gives_the_same_reply_and_changes_nothing(store: Store):
    write = say(s0, "一次")
    first = await store.write(write)
    again = await store.write(write)
    assert (again.reply, again.repeated, again.publications) == (first.reply, True, ())
    assert len(await log_of(store, CHAT)) == 1


async def test_the_same_key_at_a_later_time_is_the_same_command(store: Store):
    write = say(s0, "一次")
    first = await store.write(write)
    later = say(s0, "一次", key=write.key, at_ms=99_000)
    assert (await store.write(later)).reply == first.reply


async def test_a_key_with_other_content_is_refused(store: Store):
    write = say(s0, "一")
    await store.write(write)
    for other in (say(s0, "二", key=write.key), show(s0, q(0), key=write.key, by=SEEKER)):
        refused = await outcome(store, other)
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.temporary) == (Code.KEY_REUSED, False)
    assert len(await log_of(store, CHAT)) == 1


async def test_the_same_key_of_another_person_is_another_key(store: Store):
    write = say(s0, "一")
    await store.write(write)
    assert not (await store.write(say(s0, "一", key=write.key, by=HOST))).repeated


async def test_one_batch_with_one_key_many_times(store: Store):
    write = say(s0, "一")
    other = say(s0, "二", key=write.key)
    results = await asyncio.gather(*(outcome(store, x) for x in (write, write, other, write)))
    replies = [r.reply for r in results if isinstance(r, Committed)]
    assert replies == [Done(offset=1)] * 3
    assert [type(r) for r in results] == [Committed, Committed, Refusal, Committed]
    assert isinstance(results[2], Refusal)
    assert results[2].code is Code.KEY_REUSED
    assert len(await log_of(store, CHAT)) == 1


async def test_the_same_key_on_two_hubs_at_once(open_store: OpenStore):
    one = await loaded(await open_store("one"))
    two = await open_store("two")
    writes = [say(s0, f"{n}") for n in range(50)]
    results = await asyncio.gather(*(store.write(write) for write in writes for store in (one, two)))
    assert len(await log_of(one, CHAT)) == 50
    for left, right in zip(results[::2], results[1::2], strict=True):
        assert left.reply == right.reply
        assert left.repeated != right.repeated


async def test_a_refusal_keeps_no_key_and_no_head(store: Store):
    write = say(s2, "太早")
    refused = await outcome(store, write)
    assert isinstance(refused, Refusal)
    assert refused.code is Code.SESSION_NOT_LIVE
    await store.write(change_state(s2, LIVE))
    assert (await store.write(write)).reply == Done(offset=1)

    def heads(conn):
        return conn.execute(select(func.count()).select_from(tables.heads)).scalar_one()

    before, nowhere = await store.read(heads), SessionId("nowhere")
    for made_up in (say(nowhere, "x"), show(nowhere, q(0)), change_state(nowhere, LIVE)):
        refused = await outcome(store, made_up)
        assert isinstance(refused, Refusal)
        assert refused.code is Code.NOT_FOUND
    assert await store.read(heads) <= before + 1, "area/ at most; nothing named after what does not exist"


async def test_a_refusal_does_not_spoil_its_batch(store: Store):
    writes = [say(s0, "1"), say(s2, "not live"), show(s0, q(5)), say(s0, "2"), apply(q(0)), apply(q(11), s2)]
    results = await asyncio.gather(*(outcome(store, write) for write in writes))
    assert [type(r) for r in results] == [Committed, Refusal, Refusal, Committed, Committed, Refusal]
    await assert_no_holes(store)


async def test_poison_takes_nobody_with_it(store: Store):
    writes = [say(s0, f"{n}") for n in range(20)]
    results = await asyncio.gather(*(outcome(store, x) for x in (*writes[:10], poison(s0), *writes[10:])))
    refused = [r for r in results if isinstance(r, Refusal)]
    assert [(r.code, r.temporary) for r in refused] == [(Code.BAD_MESSAGE, False)]
    lines = [decode_body(entry.body) for entry in await log_of(store, CHAT)]
    assert [line.text for line in lines if isinstance(line, Line)] == [f"{n}" for n in range(20)]
    await assert_no_holes(store)


async def test_what_cannot_be_encoded_is_refused_at_the_door(store: Store):
    refused = await outcome(store, say(s0, "\ud800"))
    assert isinstance(refused, Refusal)
    assert refused.code is Code.BAD_MESSAGE


async def test_order_of_arrival_is_kept_across_kinds(store: Store):
    """In one batch: a card after going live sees it live, a line after the end sees it ended, an application after it
    was cut off that."""
    writes = [
        say(s2, "too early"),
        change_state(s2, LIVE),
        say(s2, "in time"),
        show(s2, q(8)),
        apply(q(8), s2),
        change_state(s2, ENDED, cut_off_for="收费"),
        say(s2, "too late"),
        apply(q(9), s2),
        show(s2, q(9)),
    ]
    results = await asyncio.gather(*(outcome(store, write) for write in writes))
    codes = [r.code if isinstance(r, Refusal) else None for r in results]
    ended = Code.SESSION_ENDED
    assert codes == [Code.SESSION_NOT_LIVE, None, None, None, None, None, ended, Code.SESSION_CUT_OFF, ended]


def test_waves_keep_what_depends_on_each_other_in_order():
    quiet = [say(s0, "a"), apply(q(0)), show(s0, q(0)), say(s1, "b"), apply(q(1))]
    assert waves(quiet) == [[0, 1, 2, 3, 4]], "nothing depends on anything: each subject is handled once"
    busy = [say(s0, "a"), change_state(s0, ENDED), say(s0, "b"), say(s1, "c"), change_state(s1, ENDED), apply(q(0))]
    assert waves(busy) == [[0], [1], [2, 3, 5], [4]]
    assert waves([]) == []


async def test_a_waiter_that_goes_away_loses_its_answer_only(store: Store):
    tasks = [asyncio.create_task(store.write(say(s0, f"{n}"))) for n in range(30)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(r, asyncio.CancelledError) for r in results[::2])
    assert all(isinstance(r, Committed) for r in results[1::2])
    assert len(await log_of(store, CHAT)) == 30
    await assert_no_holes(store)


async def test_a_full_queue_refuses_kindly(open_store: OpenStore):
    store = await loaded(await open_store(queue_limit=10))
    results = await asyncio.gather(*(outcome(store, say(s0, f"{n}")) for n in range(100)))
    refused = [r for r in results if isinstance(r, Refusal)]
    assert len(refused) >= 50
    assert {(r.code, r.temporary) for r in refused} == {(Code.UNAVAILABLE, True)}
    assert len(await log_of(store, CHAT)) == 100 - len(refused)


async def test_closing_writes_what_waits_and_refuses_what_comes(open_store: OpenStore):
    store = await loaded(await open_store())
    tasks = [asyncio.create_task(store.write(say(s0, f"{n}"))) for n in range(200)]
    await asyncio.sleep(0)
    await store.close()
    assert all(isinstance(r, Committed) for r in await asyncio.gather(*tasks))
    for late in (outcome(store, say(s0, "x")), outcome_of_read(store)):
        refused = await late
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.temporary) == (Code.UNAVAILABLE, True)


async def outcome_of_read(store: Store):
    try:
        return await store.read(log_queries.head, CHAT)
    except Refusal as refusal:
        return refusal


async def test_a_read_sees_one_moment(store: Store):
    """Two statements of one query, with a write between them."""
    wrote = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def write() -> None:
        await store.write(say(s0, "between"))
        wrote.set()

    def twice(conn):
        before = log_queries.head(conn, CHAT)
        asyncio.run_coroutine_threadsafe(write(), loop).result(10)
        return before, log_queries.head(conn, CHAT), log_queries.entries(conn, CHAT, 0, 10)

    before, after, entries = await store.read(twice)
    assert wrote.is_set()
    assert (before.offset, after.offset, entries) == (0, 0, [])
    assert (await store.read(log_queries.head, CHAT)).offset == 1


async def test_a_reader_cannot_write(store: Store):
    def write(conn):
        conn.execute(tables.heads.insert(), {"channel": "me/x", "top": 1})

    with pytest.raises(Refusal):
        await store.read(write)
    assert (await store.read(log_queries.head, Channel("me/x"))).offset == 0


async def test_a_read_that_takes_too_long_is_refused_and_ended(open_store: OpenStore):
    store = await loaded(await open_store(read_within_s=0.5, readers=1))
    slow = {
        "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1e12) SELECT max(x) FROM n",
        "postgresql": "SELECT pg_sleep(60)",
    }

    def endless(conn):
        return conn.exec_driver_sql(slow[conn.dialect.name]).scalar()

    with pytest.raises(Refusal) as refused:
        await store.read(endless)
    assert (refused.value.code, refused.value.temporary) == (Code.UNAVAILABLE, True)
    async with asyncio.timeout(10):
        while isinstance(await outcome_of_read(store), Refusal):  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.05)


async def test_opening_personal_data_keeps_no_reply(store: Store):
    """The key table must never hold a name or a number: an open is done again."""
    made = receipt(await store.write(apply(q(0))))
    write = look(made.application, (e0,))
    first, second = await store.write(write), await store.write(write)
    assert (first.repeated, second.repeated) == (False, False)

    def of_hr(conn):
        return conn.execute(select(tables.keys.c.scoped).where(tables.keys.c.scoped.endswith("/hr"))).all()

    assert await store.read(of_hr) == []
