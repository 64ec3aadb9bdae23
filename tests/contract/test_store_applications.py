"""Applications: one row whatever is resent, who is told, who may see what."""

import asyncio
import inspect
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from server.core.bodies import ApplicationCame, ApplicationMoved, ApplicationNew, decode_body
from server.core.channels import Kind, channel
from server.core.model import (
    Applicant,
    ApplicantOrder,
    ApplicationId,
    ApplicationStatus,
    EnterpriseId,
    PersonId,
    PositionId,
    SessionId,
)
from server.core.protocol import Done, Opened
from server.core.refusal import Code, Refusal
from server.store import (
    application_queries,
    application_rows,
    log_queries,
    numbers_queries,
    privacy_queries,
    reply_queries,
    tables,
)
from server.store.application_queries import Page
from server.store.store import Store
from server.store.writes import Committed
from tests.contract.conftest import OpenStore, a_keyring
from tests.contract.store_day import (
    ENDED,
    HR,
    LIVE,
    PROVINCE,
    SEEKER,
    answer,
    apply,
    change_state,
    e0,
    e1,
    loaded,
    look,
    outcome,
    q,
    receipt,
    s0,
    s1,
    s2,
    withdraw,
)

S = ApplicationStatus


async def bodies_of(store: Store, kind: Kind, subject: str):
    entries = await store.read(log_queries.entries, channel(kind, subject), 0, 1_000)
    return [decode_body(entry.body) for entry in entries]


def rows(conn) -> int:
    return conn.execute(select(func.count()).select_from(tables.applications)).scalar_one()


def looks(conn) -> list[tuple[str, str]]:
    return [tuple(row) for row in conn.execute(select(tables.audit.c.by, tables.audit.c.subject))]


async def code_of(store: Store, write) -> Code | None:
    result = await outcome(store, write)
    return result.code if isinstance(result, Refusal) else None


async def test_a_first_application_tells_firm_person_and_desk(store: Store):
    committed = await store.write(apply(q(1)))
    made = receipt(committed)
    assert (made.status, made.already, made.applied_at_ms) == (S.APPLIED, False, 1_000)
    assert made.receipt[:2].isalpha()
    assert made.receipt[2:].isdigit()
    assert len(made.receipt) == 10
    new = ApplicationNew(application=made.application, position=q(1), session=s0)
    assert await bodies_of(store, Kind.FIRM, e1) == [new]
    assert await bodies_of(store, Kind.ME, SEEKER) == [new]
    assert await bodies_of(store, Kind.DESK, s0) == [ApplicationCame(position=q(1), total=1)]
    assert [p.channel for p in committed.publications] == ["firm/e1", "me/seeker", "desk/s0"]
    (mine,), head = await store.read(log_queries.me, SEEKER)
    assert (mine.receipt, mine.position_title, mine.enterprise_name, mine.session) == (
        made.receipt,
        "岗位1",
        "企业1",
        s0,
    )
    assert [step.status for step in mine.steps] == [S.APPLIED]
    assert head.offset == 1


async def test_one_application_in_one_batch_in_many_and_on_two_hubs(open_store: OpenStore):
    """PROMISES 3."""
    one = await loaded(await open_store("one"))
    two = await open_store("two")
    together = await asyncio.gather(*(one.write(apply(q(0))) for _ in range(5)))
    later = [await one.write(apply(q(0))) for _ in range(3)]
    other_device = await two.write(apply(q(0), by=PersonId("tablet")))
    elsewhere = await asyncio.gather(*(hub.write(apply(q(1))) for _ in range(10) for hub in (one, two)))
    first = [receipt(c) for c in (*together, *later)]
    assert {r.application for r in first} == {first[0].application}
    assert [r.already for r in first] == [False] + [True] * 7
    assert [p.channel for p in other_device.publications] == ["me/tablet"], "nobody else hears of it"
    assert {receipt(c).application for c in elsewhere} != {first[0].application}
    assert len({receipt(c).application for c in elsewhere}) == 1
    assert sum(not receipt(c).already for c in elsewhere) == 1
    assert await one.read(rows) == 2
    assert await one.read(numbers_queries.differences) == {}


async def test_totals_count_on_within_a_batch(store: Store):
    await asyncio.gather(*(store.write(apply(q(n % 4), phone=f"1390000{n:04d}")) for n in range(30)))
    totals = [body.total for body in await bodies_of(store, Kind.DESK, s0) if isinstance(body, ApplicationCame)]
    assert totals == list(range(1, 31))


async def test_what_comes_later_stands_behind_what_was_there(store: Store):
    """An id begins with its moment: rows that are made together lie together."""
    writes = [apply(q(0), phone=f"1390000000{n}", at_ms=1_000 * (n + 1)) for n in range(5)]
    ids = [receipt(await store.write(write)).application for write in writes]
    assert ids == sorted(set(ids))


async def test_another_phone_position_or_family_member_is_another_application(store: Store):
    made = [
        receipt(await store.write(write))
        for write in (
            apply(q(0)),
            apply(q(1)),
            apply(q(0), phone="13900000001"),
            apply(q(0), for_whom="妈妈"),
            apply(q(0), for_whom="爸爸"),
        )
    ]
    assert len({r.application for r in made}) == 5
    assert receipt(await store.write(apply(q(0), for_whom="妈妈"))).application == made[3].application


async def test_withdraw_and_apply_again_reuse_the_row(store: Store):
    first = receipt(await store.write(apply(q(0), name="张三")))
    gone = await store.write(withdraw(first.application, at_ms=2_000))
    assert gone.reply == Done(offset=2)
    again = receipt(await store.write(apply(q(0), name="张三丰", at_ms=3_000)))
    assert (again.application, again.receipt) == (first.application, first.receipt)
    assert (again.status, again.already, again.applied_at_ms) == (S.APPLIED, False, 3_000)
    assert await store.read(rows) == 1
    moved = [ApplicationMoved(application=first.application, position=q(0), status=s) for s in (S.WITHDRAWN, S.APPLIED)]
    assert (await bodies_of(store, Kind.FIRM, e0))[1:] == moved
    assert (await bodies_of(store, Kind.ME, SEEKER))[1:] == moved
    assert len(await bodies_of(store, Kind.DESK, s0)) == 1
    opened = (await store.write(look(first.application, (e0,)))).reply
    assert isinstance(opened, Opened)
    assert opened.application.name == "张三丰"
    assert [step.status for step in opened.application.steps] == [S.APPLIED, S.WITHDRAWN, S.APPLIED, S.VIEWED]


async def test_each_sending_keeps_its_moment(store: Store):
    """The first step stands in its table once there is another sending; twice, and within one batch too."""

    async def steps_of_one(application: ApplicationId) -> list[tuple[S, int]]:
        steps = await store.read(application_rows.steps_of, [application])
        return [(step.status, step.at_ms) for step in steps[application]]

    first = receipt(await store.write(apply(q(0), at_ms=1_000))).application
    moments = [(S.APPLIED, 1_000)]
    assert await steps_of_one(first) == moments
    for at_ms in (2_000, 4_000):
        await store.write(withdraw(first, at_ms=at_ms))
        await store.write(apply(q(0), at_ms=at_ms + 1_000))
        moments += [(S.WITHDRAWN, at_ms), (S.APPLIED, at_ms + 1_000)]
        assert await steps_of_one(first) == moments
    other = receipt(await store.write(apply(q(1), at_ms=1_000))).application
    await asyncio.gather(*(store.write(w) for w in (withdraw(other, at_ms=2_000), apply(q(1), at_ms=3_000))))
    assert await steps_of_one(other) == [(S.APPLIED, 1_000), (S.WITHDRAWN, 2_000), (S.APPLIED, 3_000)]


async def test_a_withdrawn_one_asked_for_by_another_device_brings_nothing_back(store: Store):
    """Neither device hears of the other's; the name that was taken back stays so (个人信息保护法 Art. 15)."""
    first = receipt(await store.write(apply(q(0), name="张三")))
    await store.write(withdraw(first.application))
    tablet = PersonId("tablet")
    again = receipt(await store.write(apply(q(0), name="李四", by=tablet)))
    assert (again.application != first.application, again.status) == (True, S.APPLIED)
    assert await bodies_of(store, Kind.ME, tablet) == [
        ApplicationNew(application=again.application, position=q(0), session=s0)
    ]
    assert len(await bodies_of(store, Kind.ME, SEEKER)) == 2, "sent and withdrawn"
    (own,) = await store.read(application_queries.of_person, tablet)
    assert [step.status for step in own.steps] == [S.APPLIED]
    opened = (await store.write(look(first.application, (e0,)))).reply
    assert isinstance(opened, Opened)
    assert opened.application.name == "李四"


async def test_what_is_stored_is_not_refused_later(store: Store):
    """PROMISES 4: a page without its key asks again after the session was cut off."""
    made = receipt(await store.write(apply(q(0))))
    await store.write(change_state(s0, ENDED, cut_off_for="收费"))
    assert receipt(await store.write(apply(q(0)))).application == made.application
    assert await code_of(store, apply(q(1))) is Code.SESSION_CUT_OFF


async def test_a_position_outlives_its_session(store: Store):
    await store.write(change_state(s0, ENDED))
    assert await code_of(store, apply(q(1))) is None


async def test_what_cannot_be_applied_for(store: Store):
    await store.write(change_state(s2, LIVE))
    assert await code_of(store, apply(q(11), s2)) is Code.POSITION_CLOSED
    assert await code_of(store, apply(q(4), s0)) is Code.NOT_ON_SHELF
    assert await code_of(store, apply(PositionId("none"), s0)) is Code.NOT_FOUND
    assert await code_of(store, apply(q(0), SessionId("none"))) is Code.NOT_FOUND
    assert await store.read(rows) == 0


async def test_a_session_that_never_was_on_air_takes_none(store: Store):
    assert await code_of(store, apply(q(8), s2)) is Code.SESSION_NOT_LIVE


async def test_only_ones_own_can_be_withdrawn_and_once(store: Store):
    made = receipt(await store.write(apply(q(0)))).application
    assert await code_of(store, withdraw(made, by=PersonId("somebody"))) is Code.NOT_FOUND
    assert await code_of(store, withdraw(ApplicationId("none"))) is Code.NOT_FOUND
    assert await code_of(store, withdraw(made)) is None
    assert await code_of(store, withdraw(made)) is Code.STEP_NOT_ALLOWED


async def test_opening_shows_all_and_is_written_down_every_time(store: Store):
    made = receipt(await store.write(apply(q(0), for_whom="妈妈"))).application
    write = look(made, (e1, e0))
    for _ in range(2):
        opened = (await store.write(write)).reply
        assert isinstance(opened, Opened)
        shown = opened.application
        assert (shown.name, shown.phone, shown.for_whom) == ("张三丰", "19912340063", "妈妈")
        assert (shown.revealed, shown.status, shown.position_title) == (True, S.VIEWED, "岗位0")
    assert await store.read(looks) == [(HR, made)] * 2
    moved = [b for b in await bodies_of(store, Kind.ME, SEEKER) if isinstance(b, ApplicationMoved)]
    assert [body.status for body in moved] == [S.VIEWED], "the step is taken once"


async def test_the_list_is_masked_newest_first_in_pages(store: Store):
    for n in range(7):
        await store.write(apply(q(0), phone=f"1390000000{n}", at_ms=1_000 + n // 2, by=PersonId(f"p{n}")))
    seen: list[Applicant] = []
    before = ""
    for _ in range(10):
        page, before, waiting = await store.read(
            application_queries.of_enterprise, (e0,), e0, Page(before=before, limit=3)
        )
        seen += page
        assert waiting == 7
        if not before:
            break
    assert len({row.id for row in seen}) == len(seen) == 7
    assert [row.applied_at_ms for row in seen] == sorted((row.applied_at_ms for row in seen), reverse=True)
    assert {row.name for row in seen} == {"张**"}
    assert {row.phone for row in seen} == {f"139****000{n}" for n in range(7)}
    assert not any(row.revealed for row in seen)
    with pytest.raises(Refusal):
        await store.read(application_queries.of_enterprise, (e0,), e0, Page(before="nonsense", limit=3))


async def test_who_waits_longest_comes_first_when_asked(store: Store):
    for n in range(7):
        await store.write(apply(q(0), phone=f"1390000000{n}", at_ms=1_000 + n // 2, by=PersonId(f"p{n}")))
    seen: list[Applicant] = []
    before = ""
    for _ in range(4):
        asked = Page(before=before, limit=3, order=ApplicantOrder.LONGEST)
        page, before, _ = await store.read(application_queries.of_enterprise, (e0,), e0, asked)
        seen += page
        if not before:
            break
    assert len({row.id for row in seen}) == len(seen) == 7
    assert [row.applied_at_ms for row in seen] == sorted(row.applied_at_ms for row in seen)


async def test_answers_step_by_step_and_intent_counts_once(store: Store):
    made = receipt(await store.write(apply(q(0)))).application
    assert await code_of(store, answer(made, (e0,), S.HIRED)) is Code.STEP_NOT_ALLOWED
    for status in (S.CONTACTED, S.INTERVIEW, S.INTENT, S.UNSUITABLE, S.INTENT, S.HIRED, S.AT_WORK):
        assert await code_of(store, answer(made, (e0,), status, note=status.value)) is None, status
    counters = (await store.read(numbers_queries.counters))[s0]
    assert (counters.applications, counters.intents) == (1, 1)
    (mine,) = await store.read(application_queries.of_person, SEEKER)
    assert [step.note for step in mine.steps][1:] == [step.status for step in mine.steps][1:]
    _, _, waiting = await store.read(application_queries.of_enterprise, (e0,), e0, Page(before="", limit=10))
    assert waiting == 0


async def test_another_enterprise_sees_and_does_nothing(store: Store):
    made = receipt(await store.write(apply(q(0)))).application
    assert await code_of(store, look(made, (e1,))) is Code.NOT_FOUND
    assert await code_of(store, look(made, ())) is Code.NOT_FOUND
    assert await code_of(store, answer(made, (e1,), S.CONTACTED)) is Code.NOT_FOUND
    with pytest.raises(Refusal) as refused:
        await store.read(application_queries.of_enterprise, (e1,), e0, Page(before="", limit=10))
    assert refused.value.code is Code.FORBIDDEN
    assert (await store.read(application_queries.of_enterprise, (e1,), e1, Page(before="", limit=10)))[0] == ()
    assert await store.read(looks) == []
    assert await bodies_of(store, Kind.FIRM, e1) == []


def test_nobody_sees_a_foreign_row(store_url: str, tmp_path: Path):
    """PROMISES 18, at the store: whoever asks whatever, ids guessed right, gets rows of their scope or a refusal."""

    async def day() -> tuple[Store, dict[ApplicationId, EnterpriseId]]:
        store = await loaded(
            await Store.open(
                store_url, keyring=a_keyring(), province=PROVINCE, var_dir=tmp_path / "var", clock_ms=lambda: 1
            )
        )
        owner = {}
        for n in range(8):
            made = receipt(await store.write(apply(q(n % 4), phone=f"1390000{n:04d}", by=PersonId(f"p{n}"))))
            owner[made.application] = EnterpriseId(f"e{n % 4}")
        return store, owner

    with asyncio.Runner() as runner:
        store, owner = runner.run(day())
        ids = sorted(owner)

        async def ask(scope: tuple[EnterpriseId, ...], person: PersonId, target: ApplicationId, firm: EnterpriseId):
            with nullcontext() if firm in scope else pytest.raises(Refusal):
                page, _, _ = await store.read(application_queries.of_enterprise, scope, firm, Page(limit=100))
                assert {row.enterprise for row in page} == {firm}
            for write in (look(target, scope), answer(target, scope, S.CONTACTED)):
                result = await outcome(store, write)
                assert isinstance(result, Committed) <= (owner[target] in scope)
                if isinstance(result, Committed) and isinstance(result.reply, Opened):
                    assert result.reply.application.enterprise in scope
            mine = await store.read(application_queries.of_person, person)
            result = await outcome(store, withdraw(target, by=person))
            assert isinstance(result, Committed) <= (target in {row.id for row in mine})
            if isinstance(result, Committed):
                number = person[1:]
                position = q(int(number) % 4)
                await store.write(apply(position, phone=f"1390000{int(number):04d}", by=person))

        firms = st.sampled_from([EnterpriseId(f"e{n}") for n in range(4)])
        scopes = st.lists(firms, max_size=3, unique=True).map(tuple)
        persons = st.sampled_from([PersonId(f"p{n}") for n in range(8)] + [PersonId("p99")])

        @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(scopes, persons, st.sampled_from(ids), firms)
        def guess(scope, person, target, firm):
            runner.run(ask(scope, person, target, firm))

        try:
            guess()
        finally:
            runner.run(store.close())


def test_every_query_of_somebodys_rows_takes_a_scope():
    """A new query about applications must say whose: its second parameter is the person or the scope."""
    of_applications = [
        function
        for module in (application_queries, privacy_queries, reply_queries)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        # keys; sums over everybody; a time; who of the persons given has any at all
        and name not in ("keyring_of", "replies_of", "note_visit", "known_among")
        and next(iter(inspect.signature(function).parameters)) == "conn"
    ]
    assert {list(inspect.signature(f).parameters)[1] for f in of_applications} <= {"person", "scope"}
    assert len(of_applications) >= 5


async def test_positions_on_two_shelves_are_one_application(store: Store, open_store: OpenStore):
    """The same position applied for in another session is the same application, and counts where it was made."""
    made = receipt(await store.write(apply(q(0), s0)))
    assert await code_of(store, apply(q(0), s1)) is None, "already there: the receipt again"
    assert receipt(await store.write(apply(q(0), s1))).application == made.application
    counters = await store.read(numbers_queries.counters)
    assert counters[s0].applications == 1
    assert s1 not in counters or counters[s1].applications == 0


async def test_where_an_application_came_from_stays_with_it(store: Store):
    await store.write(apply(q(0), source="poster-1"))

    def source(conn) -> str:
        return conn.execute(select(tables.applications.c.source)).scalar_one()

    assert await store.read(source) == "poster-1"
