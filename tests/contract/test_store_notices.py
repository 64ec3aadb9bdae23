"""Steps that no page received: stored with the step, told once, never at night, never to who took it back."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from server.core.model import ApplicationId, ApplicationStatus, PersonId
from server.core.protocol import Done
from server.core.quiet import BEIJING_MS, DAY_MS, HOUR_MS
from server.store import outgoing_rows, tables
from server.store import writes as w
from server.store.outgoing_rows import RETRY_MS, Due
from server.store.store import Store
from tests.contract.conftest import OpenStore, a_keyring
from tests.contract.store_day import SEEKER, answer, apply, e0, e1, e2, key, loaded, look, q, receipt, withdraw
from tests.contract.test_store_codes import TABLET, ask, name

S = ApplicationStatus
MIDNIGHT = 19_000 * DAY_MS - BEIJING_MS
NOON = MIDNIGHT + 12 * HOUR_MS
AFTER = 120_000
PHONE = "19912340063"


async def applied(store: Store, n: int = 0, **more: Any) -> ApplicationId:
    return receipt(await store.write(apply(q(n), at_ms=NOON - HOUR_MS, phone=PHONE, **more))).application


async def step(store: Store, application: ApplicationId, status: S, at_ms: int = NOON) -> None:
    await store.write(answer(application, (e0, e1, e2), status, at_ms=at_ms))


async def claimed(store: Store, at_ms: int, per_hour: int = 2_000) -> list[Due]:
    return await store.transact(outgoing_rows.claim, a_keyring(), at_ms, per_hour)


async def settled(store: Store, due: Due, at_ms: int, **how: bool) -> None:
    await store.transact(lambda conn: outgoing_rows.settle(conn, due, at_ms, **how))


def saw(application: ApplicationId, steps: int, by: PersonId = SEEKER) -> w.Saw:
    return w.Saw(by=by, key="saw", at_ms=NOON, seen=((application, steps),))


def states(conn) -> list[tuple[str, str]]:
    rows = conn.execute(select(tables.outgoing.c.status, tables.outgoing.c.state).order_by(tables.outgoing.c.n))
    return [tuple(row) for row in rows]


async def confirm(store: Store, by: PersonId = TABLET) -> None:
    await store.write(ask(by, PHONE, at_ms=NOON - HOUR_MS))
    await store.write(name(by, PHONE, at_ms=NOON - HOUR_MS))


async def test_an_hours_messages_are_bounded_and_confirmed_numbers_come_first(store: Store):
    """Anybody can type numbers that are nobody's here; what they cost is not taken from who confirmed theirs."""
    for n in range(3):
        by = PersonId(f"other{n}")
        sent = apply(q(n), at_ms=NOON - HOUR_MS, phone=f"1991234010{n}", by=by)
        await step(store, receipt(await store.write(sent)).application, S.INTERVIEW, NOON - n)
    mine = await applied(store)
    await confirm(store)
    await step(store, mine, S.INTERVIEW)
    assert [one.application for one in await claimed(store, NOON + AFTER, per_hour=1)] == [mine]
    assert await claimed(store, NOON + AFTER + 1, per_hour=1) == []
    assert len(await claimed(store, NOON + AFTER + 2, per_hour=3)) == 2
    assert len(await claimed(store, NOON + AFTER + HOUR_MS + 3, per_hour=3)) == 3, "two are tried again"


async def test_who_typed_a_number_first_keeps_no_news_from_its_owner(store: Store):
    application = await applied(store, by=PersonId("stranger"))
    await applied(store)
    await step(store, application, S.INTERVIEW)
    await store.write(saw(application, 9, by=PersonId("stranger")))
    assert [one.application for one in await claimed(store, NOON + AFTER)] == [application]


async def test_a_step_is_told_after_a_while_and_once(store: Store):
    application = await applied(store)
    await step(store, application, S.INTERVIEW)
    assert not await store.read(outgoing_rows.any_due, NOON + AFTER - 1)
    assert await claimed(store, NOON + AFTER - 1) == []
    assert await store.read(outgoing_rows.any_due, NOON + AFTER)
    (due,) = await claimed(store, NOON + AFTER)
    assert (due.phone, due.step, due.title, due.tries) == (PHONE, S.INTERVIEW, "岗位0", 1)
    assert PHONE not in repr(due)
    assert await claimed(store, NOON + AFTER + 1) == []
    await settled(store, due, NOON + AFTER + 2, sent=True)
    assert await claimed(store, NOON + DAY_MS) == []
    assert await store.read(states) == [("interview", "sent")]


async def test_what_asks_nothing_of_anybody_is_not_told(store: Store):
    application = await applied(store)
    await store.write(look(application, (e0,), at_ms=NOON))
    assert await store.read(states) == []


@pytest.mark.parametrize("by", [SEEKER, TABLET])
async def test_who_saw_it_is_not_told_and_strangers_cannot_say_so(store: Store, by: PersonId):
    application = await applied(store)
    if by == TABLET:
        await confirm(store)
    await step(store, application, S.INTERVIEW)
    await store.write(saw(application, 9, SEEKER if by == TABLET else PersonId("stranger")))
    await store.write(saw(application, 1, by))
    assert await store.read(states) == [("interview", "waiting")]
    assert (await store.write(saw(application, 2, by))).reply == Done()
    assert await store.read(states) == [("interview", "cancelled")]
    assert await claimed(store, NOON + DAY_MS) == []


async def test_only_the_newest_step_is_told(store: Store):
    application = await applied(store)
    for status in (S.CONTACTED, S.INTERVIEW, S.UNSUITABLE):
        await step(store, application, status)
    (due,) = await claimed(store, NOON + AFTER)
    assert due.step is S.UNSUITABLE
    assert [state for _, state in await store.read(states)] == ["cancelled", "cancelled", "waiting"]


async def test_who_withdrew_is_told_nothing(store: Store):
    application = await applied(store)
    await step(store, application, S.INTERVIEW)
    await store.write(withdraw(application, at_ms=NOON + 1))
    assert await claimed(store, NOON + DAY_MS) == []
    assert await store.read(states) == [("interview", "cancelled")]


@pytest.mark.parametrize("how", ["consent", "erase"])
async def test_who_took_back_the_consent_or_everything_is_told_nothing(store: Store, how: str):
    application = await applied(store)
    await step(store, application, S.INTERVIEW)
    fields: dict[str, Any] = {"by": SEEKER, "key": key(), "at_ms": NOON + 1}
    await store.write(w.WithdrawConsent(**fields, enterprise=e0) if how == "consent" else w.EraseMe(**fields))
    assert await claimed(store, NOON + DAY_MS) == []
    assert [state for _, state in await store.read(states)] == ["cancelled"]


async def test_the_night_is_quiet(store: Store):
    application = await applied(store)
    await step(store, application, S.INTERVIEW, MIDNIGHT + 21 * HOUR_MS - AFTER)
    assert await claimed(store, MIDNIGHT + 23 * HOUR_MS) == []
    assert await claimed(store, MIDNIGHT + 32 * HOUR_MS - 1) == []
    assert len(await claimed(store, MIDNIGHT + 32 * HOUR_MS)) == 1


async def test_a_hub_that_comes_back_at_night_waits_for_the_morning(store: Store):
    await step(store, await applied(store), S.INTERVIEW)
    assert await claimed(store, MIDNIGHT + 22 * HOUR_MS) == []
    assert await claimed(store, MIDNIGHT + 31 * HOUR_MS) == []
    assert len(await claimed(store, MIDNIGHT + 32 * HOUR_MS)) == 1


async def test_an_unconfirmed_number_is_told_once_about_an_application_and_once_a_day(store: Store):
    """A stranger's number may have been typed."""
    first, second = await applied(store, 0), await applied(store, 1)
    await step(store, first, S.CONTACTED)
    (due,) = await claimed(store, NOON + AFTER)
    await settled(store, due, NOON + AFTER, sent=True)
    await step(store, first, S.INTERVIEW, NOON + 1)
    await step(store, second, S.CONTACTED, NOON + 1)
    assert await claimed(store, NOON + HOUR_MS) == []
    (due,) = await claimed(store, NOON + DAY_MS + AFTER)
    assert due.application == second
    assert [state for _, state in await store.read(states)].count("cancelled") == 1


async def test_two_due_at_once_to_an_unconfirmed_number_are_one(store: Store):
    await step(store, await applied(store, 0), S.CONTACTED)
    await step(store, await applied(store, 1), S.CONTACTED)
    assert len(await claimed(store, NOON + AFTER)) == 1


async def test_a_confirmed_number_is_told_of_each(store: Store):
    await confirm(store)
    first, second = await applied(store, 0), await applied(store, 1)
    await step(store, first, S.CONTACTED)
    await step(store, second, S.CONTACTED)
    both = await claimed(store, NOON + AFTER)
    assert {due.application for due in both} == {first, second}
    for due in both:
        await settled(store, due, NOON + AFTER, sent=True)
    await step(store, first, S.INTERVIEW, NOON + HOUR_MS)
    assert len(await claimed(store, NOON + HOUR_MS + AFTER)) == 1


async def test_failures_are_tried_again_ever_later_and_given_up(store: Store):
    await step(store, await applied(store), S.INTERVIEW)
    at_ms = NOON + AFTER
    keys = set()
    for pause_ms in (*RETRY_MS, 0):
        (due,) = await claimed(store, at_ms)
        keys.add(due.key)
        await settled(store, due, at_ms, sent=False)
        assert await claimed(store, at_ms + pause_ms - 1) == []
        at_ms += pause_ms
    assert len(keys) == 1
    assert await store.read(states) == [("interview", "failed")]


async def test_a_refused_one_is_not_tried_again(store: Store):
    await step(store, await applied(store), S.INTERVIEW)
    (due,) = await claimed(store, NOON + AFTER)
    await settled(store, due, NOON + AFTER, sent=False, again=False)
    assert await store.read(states) == [("interview", "failed")]


async def test_what_was_seen_while_it_went_out_counts_as_sent(store: Store):
    application = await applied(store)
    await step(store, application, S.INTERVIEW)
    (due,) = await claimed(store, NOON + AFTER)
    await store.write(saw(application, 2))
    await settled(store, due, NOON + AFTER, sent=False)
    assert await store.read(states) == [("interview", "cancelled")]
    await settled(store, due, NOON + AFTER, sent=True)
    assert await store.read(states) == [("interview", "sent")]


async def test_two_hubs_claim_a_message_once(open_store: OpenStore):
    one = await loaded(await open_store("one"))
    two = await open_store("two")
    await confirm(one)
    for n in (0, 1, 2):
        await step(one, await applied(one, n), S.CONTACTED)
    both = await asyncio.gather(*(claimed(store, NOON + AFTER) for store in (one, two) for _ in range(3)))
    assert len([due for some in both for due in some]) == 3


async def test_a_job_is_one_hubs_at_a_time(open_store: OpenStore):
    one = await loaded(await open_store("one"))
    two = await open_store("two")

    async def take(store: Store, holder: str, at_ms: int) -> bool:
        return await store.transact(outgoing_rows.take_lock, "job", holder, at_ms, 1_000)

    at_once = await asyncio.gather(take(one, "h1", NOON), take(two, "h2", NOON))
    assert sorted(at_once) == [False, True]
    first, other = ("h1", "h2") if at_once[0] else ("h2", "h1")
    assert await take(one, first, NOON + 500)
    assert not await take(two, other, NOON + 1_400)
    assert await take(two, other, NOON + 1_500)


def test_keys_of_messages_name_no_number():
    due = Due(application=ApplicationId("a1"), n=2, step=S.INTERVIEW, title="t", phone=PHONE, tries=1)
    assert due.key == "step-a1-2"
    assert key() != due.key
