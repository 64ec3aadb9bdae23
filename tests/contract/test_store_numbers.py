"""The numbers on the screens equal the log, whatever happened: random days, played in random company."""

import asyncio
import itertools
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from server.core import rules
from server.core.bodies import decode_body
from server.core.channels import Kind, channel
from server.core.model import ApplicationId, ApplicationStatus, EnterpriseId, PersonId, SessionId, SessionState
from server.core.refusal import Code, Refusal
from server.core.stage_fold import StageState, fold_stage
from server.store import application_rows, log_queries, numbers_queries, tables
from server.store.store import Store
from server.store.writes import Committed, Write
from tests.contract.conftest import a_keyring
from tests.contract.store_day import (
    PROVINCE,
    answer,
    apply,
    change_state,
    hide,
    loaded,
    look,
    outcome,
    q,
    receipt,
    s0,
    say,
    show,
    small_catalogue,
    undo,
    withdraw,
)

Deed = tuple[str, int, int, int]
deeds = st.tuples(
    st.sampled_from(
        ["show"] * 4 + ["undo"] * 2 + ["apply"] * 6 + ["answer"] * 6 + ["withdraw", "open", "hide", "say", "state"]
    ),
    st.integers(0, 2),
    st.integers(0, 11),
    st.integers(0, 5),
)
days = st.lists(st.lists(deeds, min_size=5, max_size=20), min_size=5, max_size=10)
TEMPORARY = {Code.UNAVAILABLE}


async def play(store: Store, prefix: str, day: list[list[Deed]]) -> None:
    """Each inner list is done at once, so that it is one batch or several, as it comes."""
    made: list[ApplicationId] = []

    def write_of(deed: Deed) -> Write | None:
        kind, a, b, c = deed
        # Mostly a position of that session's own shelf.
        session, position = SessionId(f"{prefix}s{a}"), q(b if b > 9 else a * 4 + b % 4, prefix)
        person = PersonId(f"{prefix}p{c}")
        if kind == "state":
            return change_state(session, list(SessionState)[1:][c % 3])
        if kind in ("show", "undo", "hide", "say"):
            doing = {"show": lambda: show(session, position), "undo": lambda: undo(session)}
            doing |= {"hide": lambda: hide(session), "say": lambda: say(session, str(c))}
            return doing[kind]()
        if kind == "apply":
            return apply(position, session, phone=f"1390000000{c % 3}", by=person)
        if not made:
            return None
        application = made[b % len(made)]
        everyone = tuple(EnterpriseId(f"{prefix}e{n}") for n in range(4))
        if kind == "withdraw":
            return withdraw(application, by=person)
        if kind == "open":
            return look(application, everyone[:3])
        return answer(application, everyone, list(ApplicationStatus)[2 + c])

    for at_once in day:
        writes = [write for deed in at_once if (write := write_of(deed)) is not None]
        results = await asyncio.gather(*(outcome(store, write) for write in writes))
        assert not {r.code for r in results if isinstance(r, Refusal)} & TEMPORARY
        for write, result in zip(writes, results, strict=True):
            if type(write).__name__ == "Apply" and isinstance(result, Committed):
                made.append(receipt(result).application)


async def check(store: Store, prefix: str) -> None:
    assert await store.read(numbers_queries.differences) == {}
    for session in small_catalogue(prefix).sessions:
        now, card, head = await store.read(log_queries.stage, session.id)
        entries = await store.read(log_queries.entries, channel(Kind.STAGE, session.id), 0, 1_000)
        assert [entry.offset for entry in entries] == list(range(1, head.offset + 1))
        folded = StageState()
        for entry in entries:
            folded = fold_stage(folded, decode_body(entry.body))
        assert (folded.state, folded.card) == (now.state, card)
    await store.read(check_rows, prefix)


def check_rows(conn, prefix: str) -> None:
    """Each row is what its steps say, and belongs to one phone, position and family member."""
    rows = conn.execute(select(tables.applications).where(tables.applications.c.session.startswith(prefix))).all()
    assert len({(row.phone_hmac, row.position, row.for_whom_hmac) for row in rows}) == len(rows)
    steps_of = application_rows.steps_of(conn, (row.id for row in rows))
    for row in rows:
        steps = [step.status for step in steps_of[row.id]]
        assert (len(steps), steps[0], steps[-1]) == (row.steps, ApplicationStatus.APPLIED, row.status)
        assert row.reached_intent == bool(rules.REACHED_INTENT & set(steps))


def test_counters_equal_the_log_after_any_day(store_url: str, tmp_path: Path):
    numbers = itertools.count()

    async def opened() -> Store:
        return await Store.open(
            store_url, keyring=a_keyring(), province=PROVINCE, var_dir=tmp_path / "var", clock_ms=lambda: 1
        )

    async def one_day(store: Store, day: list[list[Deed]]) -> None:
        prefix = f"d{next(numbers)}-"
        await loaded(store, prefix)
        await play(store, prefix, day)
        await check(store, prefix)

    with asyncio.Runner() as runner:
        store = runner.run(opened())

        @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(days)
        def any_day(day):
            runner.run(one_day(store, day))

        try:
            any_day()
            seen = runner.run(store.read(numbers_queries.counters)).values()
            least = (sum(c.cards for c in seen), sum(c.applications for c in seen), sum(c.intents for c in seen))
            assert min(least) > 20, "days on which nothing happens prove nothing"
        finally:
            runner.run(store.close())


async def test_a_counter_that_lies_is_found(store: Store):
    """The recount is worth something only if it sees a wrong number."""
    await store.write(show(s0, q(0)))
    assert await store.read(numbers_queries.differences) == {}

    def lie(conn):
        conn.execute(tables.counters.update().values(value=7))

    await store.transact(lie)
    ((session, (shown, counted)),) = (await store.read(numbers_queries.differences)).items()
    assert (session, shown.cards, counted.cards) == ("s0", 7, 1)
