"""Who sent an application, and what an unconfirmed number may and may not do to what another device sent."""

import asyncio

import msgspec
from sqlalchemy import select, text

from server.core.bodies import ApplicationChanged, ApplicationMoved, decode_body
from server.core.channels import Kind, channel
from server.core.model import ApplicationStatus, CallOutcome, NightShift, PersonId, Position, Review
from server.core.protocol import Opened
from server.core.refusal import Code, Refusal
from server.store import application_queries, log_queries, tables
from server.store.application_bounds import BLUR, DEVICES_MOST, FAMILY_MOST
from server.store.application_queries import Page
from server.store.engines import normal_url, writing_engine
from server.store.migrations import upgrade
from server.store.position_rows import position_row, version_row
from server.store.store import Store
from tests.contract.conftest import a_keyring
from tests.contract.store_day import (
    CITY,
    SEEKER,
    answer,
    apply,
    e0,
    e1,
    look,
    outcome,
    q,
    receipt,
    s0,
    s1,
    tell_more,
    withdraw,
)

S = ApplicationStatus
PHONE = "19912340063"
OWNER, STRANGER = PersonId("owner"), PersonId("stranger")


def confirm(conn, person: PersonId, phone: str = PHONE) -> None:
    """As a right code does it."""
    row = {"person": person, "phone_hmac": a_keyring().phone_hmac(phone), "at_ms": 1}
    conn.execute(tables.confirmed_phones.insert(), [row])


async def code_of(store: Store, write) -> Code | None:
    result = await outcome(store, write)
    return result.code if isinstance(result, Refusal) else None


async def mine(store: Store, person: PersonId):
    (one,) = await store.read(application_queries.of_person, person)
    return one


async def statuses(store: Store, person: PersonId) -> list[ApplicationStatus]:
    return [step.status for step in (await mine(store, person)).steps]


async def shown_to_firm(store: Store, page: Page | None = None):
    rows, _, waiting = await store.read(application_queries.of_enterprise, (e0,), e0, page or Page(limit=10))
    return rows, waiting


async def test_a_second_device_gets_a_receipt_of_its_own_and_no_step_of_the_first(store: Store):
    """As if nobody had been there: the enterprise has one application, with both receipts."""
    first = receipt(await store.write(apply(q(0))))
    await store.write(answer(first.application, (e0,), S.INTERVIEW, note="明天9点东门"))
    second = receipt(await store.write(apply(q(0), by=STRANGER, at_ms=5_000)))
    assert second.application != first.application
    assert (second.status, second.applied_at_ms, second.already) == (S.APPLIED, 5_000, False)
    again = receipt(await store.write(apply(q(0), by=STRANGER, at_ms=6_000)))
    assert (again.application, again.receipt, again.already) == (second.application, second.receipt, True)
    ((row,), _) = await shown_to_firm(store)
    assert (row.receipt, row.about.receipts) == (first.receipt, (second.receipt,))
    own = await mine(store, STRANGER)
    assert (own.id, own.receipt, own.confirmed) == (second.application, second.receipt, False)
    assert [(step.status, step.note) for step in own.steps] == [(S.APPLIED, "")]
    assert await statuses(store, SEEKER) == [S.APPLIED, S.INTERVIEW]
    moved = await store.write(answer(first.application, (e0,), S.INTENT))
    assert {p.channel for p in moved.publications} == {"firm/e0", "me/seeker"}


async def test_who_typed_the_number_first_loses_sight_of_it_when_its_owner_confirms(store: Store):
    made = receipt(await store.write(apply(q(0), by=STRANGER, name="张冠李戴"))).application
    await store.write(apply(q(0), by=OWNER, name="李四"))
    await store.transact(confirm, OWNER)
    await store.write(answer(made, (e0,), S.CONTACTED, note="请回电"))
    assert await statuses(store, OWNER) == [S.APPLIED, S.CONTACTED]
    assert await statuses(store, STRANGER) == [S.APPLIED]
    assert await code_of(store, withdraw(made, by=STRANGER)) is None, "its own sending it may take back"
    assert (await mine(store, OWNER)).status is S.CONTACTED
    assert await statuses(store, STRANGER) == [S.APPLIED, S.WITHDRAWN]
    assert await code_of(store, withdraw(made, by=STRANGER)) is Code.STEP_NOT_ALLOWED
    assert await code_of(store, withdraw(made, by=OWNER)) is None
    assert (await shown_to_firm(store))[0][0].status is S.WITHDRAWN


async def test_the_owner_corrects_the_name_a_stranger_typed(store: Store):
    made = receipt(await store.write(apply(q(0), by=STRANGER, name="张冠李戴"))).application
    await store.transact(confirm, OWNER)
    again = await store.write(apply(q(0), by=OWNER, name="李四"))
    assert receipt(again).application == made
    assert [decode_body(p.entry.body) for p in again.publications] == [
        ApplicationChanged(application=made, position=q(0))
    ]
    opened = (await store.write(look(made, (e0,)))).reply
    assert isinstance(opened, Opened)
    assert (opened.application.name, opened.application.about.phone_confirmed) == ("李四", True)


async def test_an_application_goes_when_nobodys_sending_is_left(store: Store):
    made = receipt(await store.write(apply(q(0)))).application
    beside = receipt(await store.write(apply(q(0), by=STRANGER))).application
    first = await store.write(withdraw(made))
    assert {p.channel for p in first.publications} == {"me/seeker"}
    assert (await shown_to_firm(store))[0][0].status is S.APPLIED
    assert await code_of(store, withdraw(made, by=STRANGER)) is Code.NOT_FOUND, "it knows its own by another id"
    second = await store.write(withdraw(beside, by=STRANGER))
    assert {p.channel for p in second.publications} == {"firm/e0", "me/stranger"}
    assert (await shown_to_firm(store))[0][0].status is S.WITHDRAWN


async def test_a_stranger_is_not_told_by_a_refusal_that_a_number_applied(store: Store):
    """Else whoever knows a number asks about position after position, and leaves no trace."""
    await store.write(apply(q(0)))
    outdated = await code_of(store, apply(q(0), by=STRANGER, version=99))
    assert outdated is await code_of(store, apply(q(1), by=STRANGER, version=99)) is Code.POSITION_CHANGED
    first = await code_of(store, apply(q(0), by=STRANGER, confirmed_only=True))
    assert first is await code_of(store, apply(q(1), by=STRANGER, confirmed_only=True)) is Code.PHONE_UNCONFIRMED
    assert await code_of(store, apply(q(0), version=99, confirmed_only=True)) is None, "whoever sent it has the receipt"


async def test_nobody_piles_up_rows_under_a_number(store: Store):
    """Every step of an application reads and locks what its senders need: guests are free, so they are bounded."""
    guests = [PersonId(f"guest{n}") for n in range(DEVICES_MOST + BLUR)]
    codes = [await code_of(store, apply(q(0), by=guest)) for guest in guests]
    assert codes[:DEVICES_MOST] == [None] * DEVICES_MOST
    assert codes[-1] is Code.PHONE_UNCONFIRMED
    assert await code_of(store, apply(q(0), by=guests[0])) is None, "who sent it has its receipt"
    relatives = [await code_of(store, apply(q(1), for_whom=f"亲戚{n}")) for n in range(FAMILY_MOST + BLUR)]
    assert relatives[:FAMILY_MOST] == [None] * FAMILY_MOST
    assert relatives[-1] is Code.PHONE_UNCONFIRMED
    assert await code_of(store, apply(q(1))) is None, "for oneself, whatever others typed"
    await store.transact(confirm, OWNER)
    assert await code_of(store, apply(q(0), by=OWNER)) is None
    assert await code_of(store, apply(q(1), by=OWNER, for_whom="母亲")) is None


async def test_a_stranger_brings_no_name_back_that_was_taken_back(store: Store):
    made = receipt(await store.write(apply(q(0), name="张三"))).application
    await store.write(tell_more(made, night_shift=NightShift.YES, start_in_days=3))
    await store.write(answer(made, (e0,), S.INTERVIEW, note="明天9点东门"))
    await store.write(withdraw(made))
    again = receipt(await store.write(apply(q(0), by=STRANGER, name="某人", at_ms=9_000)))
    assert (again.application != made, again.already) == (True, False)
    opened = (await store.write(look(made, (e0,)))).reply
    assert isinstance(opened, Opened)
    assert (opened.application.name, opened.application.about.start_in_days) == ("某人", None)
    await store.write(answer(made, (e0,), S.CONTACTED, note="请回电"))
    for person in (SEEKER, STRANGER):
        assert {step.note for step in (await mine(store, person)).steps} == {""}, "each sees its own doings alone"
    await store.transact(confirm, STRANGER)
    assert S.CONTACTED in await statuses(store, STRANGER)


async def test_the_owner_withdraws_for_all_and_also_what_was_sent_elsewhere_only(store: Store):
    made = receipt(await store.write(apply(q(0), by=STRANGER))).application
    await store.transact(confirm, OWNER)
    assert (await mine(store, OWNER)).id == made, "the number is the owner's, whoever typed it"
    assert await code_of(store, withdraw(made, by=OWNER)) is None
    assert (await mine(store, STRANGER)).status is S.WITHDRAWN


async def test_the_same_position_on_two_shelves_is_one_application(store: Store):
    """PROMISES 3, across sessions."""
    slot = {"session": s1, "position": q(0), "number": 90, "removed": False}
    await store.transact(lambda conn: conn.execute(tables.shelf_slots.insert(), slot))
    first = receipt(await store.write(apply(q(0), s0)))
    elsewhere = receipt(await store.write(apply(q(0), s1, by=STRANGER)))
    assert elsewhere.application != first.application
    ((row,), _) = await shown_to_firm(store)
    assert (row.id, row.about.receipts) == (first.application, (elsewhere.receipt,))
    assert (await mine(store, STRANGER)).session == s1, "each device knows the session it came through"


async def test_only_who_sees_it_answers_the_questions(store: Store):
    made = receipt(await store.write(apply(q(0)))).application
    beside = receipt(await store.write(apply(q(0), by=STRANGER))).application
    told = await store.write(tell_more(made, night_shift=NightShift.YES, start_in_days=3))
    assert {p.channel for p in told.publications} == {"firm/e0"}
    assert await code_of(store, tell_more(made, by=STRANGER, night_shift=NightShift.NO)) is Code.NOT_FOUND
    own = await store.write(tell_more(beside, by=STRANGER, night_shift=NightShift.NO))
    assert own.publications == (), "the enterprise does not read it"
    assert (await mine(store, STRANGER)).about.night_shift is NightShift.NO
    ((row,), _) = await shown_to_firm(store)
    assert (row.about.night_shift, row.about.start_in_days) == (NightShift.YES, 3)
    assert (await mine(store, SEEKER)).about.start_in_days == 3


async def test_the_first_look_claims_and_every_look_says_why(store: Store):
    made = receipt(await store.write(apply(q(0)))).application
    colleague = PersonId("hr2")
    await store.write(look(made, (e0,), by_name="人事一"))
    second = (await store.write(look(made, (e0,), by=colleague, by_name="人事二"))).reply
    assert isinstance(second, Opened)
    assert second.application.claim is not None
    assert (second.application.claim.by, second.application.claim.mine) == ("人事一", False)
    ((row,), _) = await shown_to_firm(store, Page(by=PersonId("hr")))
    assert row.claim is not None
    assert (row.claim.by, row.claim.mine, row.phone) == ("人事一", True, "199****0063")
    lines = await store.read(lambda conn: conn.execute(select(tables.audit.c.by, tables.audit.c.why)).all())
    assert [tuple(line) for line in lines] == [("hr", "contact"), ("hr2", "contact")]


async def test_a_withdrawn_one_is_not_opened_any_more(store: Store):
    made = receipt(await store.write(apply(q(0)))).application
    await store.write(withdraw(made))
    assert await code_of(store, look(made, (e0,))) is Code.STEP_NOT_ALLOWED


async def test_answers_carry_what_belongs_to_them(store: Store):
    made = receipt(await store.write(apply(q(0)))).application
    await store.write(answer(made, (e0,), S.CONTACTED, outcome=CallOutcome.NO_ANSWER, specialist_of=(e0,)))
    await store.write(answer(made, (e0,), S.INTERVIEW, interview_at_ms=9_000, place="东门"))
    await store.write(answer(made, (e0,), S.INTERVIEW, outcome=CallOutcome.REACHED))
    steps = (await mine(store, SEEKER)).steps[1:]
    assert [(s.outcome, s.interview_at_ms, s.place, s.by_specialist) for s in steps] == [
        (CallOutcome.NO_ANSWER, 0, "", True),
        (CallOutcome.NONE, 9_000, "东门", False),
        (CallOutcome.REACHED, 0, "", False),
    ]


async def test_filters_are_asked_of_the_store(store: Store):
    for n in range(4):
        made = receipt(await store.write(apply(q(0), phone=f"1390000000{n}", by=PersonId(f"p{n}")))).application
        if n % 2:
            await store.write(answer(made, (e0,), S.CONTACTED))
    rows, waiting = await shown_to_firm(store, Page(statuses=(S.CONTACTED,)))
    assert ([row.status for row in rows], waiting) == ([S.CONTACTED] * 2, 2)
    assert len((await shown_to_firm(store, Page(position=q(0))))[0]) == 4
    assert (await shown_to_firm(store, Page(position=q(1))))[0] == ()


async def test_what_no_reviewer_approved_takes_no_application(store: Store):
    def unapprove(conn):
        conn.execute(tables.positions.update().where(tables.positions.c.id == q(0)).values(review=Review.WAITING.value))

    await store.transact(unapprove)
    assert await code_of(store, apply(q(0))) is Code.POSITION_CLOSED


async def test_a_house_may_ask_for_the_code_first(store: Store):
    assert await code_of(store, apply(q(0), by=OWNER, confirmed_only=True)) is Code.PHONE_UNCONFIRMED
    await store.transact(confirm, OWNER)
    assert await code_of(store, apply(q(0), by=OWNER, confirmed_only=True)) is None


async def test_sendings_and_applications_of_one_batch_follow_one_another(store: Store):
    """Three devices in one transaction, and withdrawing in the next."""
    both = await asyncio.gather(
        store.write(apply(q(0))), store.write(apply(q(0), by=STRANGER)), store.write(apply(q(0), by=OWNER))
    )
    made = [receipt(one).application for one in both]
    assert len(set(made)) == 3
    people = zip(made, (SEEKER, STRANGER, OWNER), strict=True)
    await asyncio.gather(*(store.write(withdraw(one, by=who)) for one, who in people))
    assert (await shown_to_firm(store))[0][0].status is S.WITHDRAWN
    entries = await store.read(log_queries.entries, channel(Kind.FIRM, e0), 0, 10)
    moved = [body for entry in entries if isinstance(body := decode_body(entry.body), ApplicationMoved)]
    assert [body.status for body in moved] == [S.WITHDRAWN]
    assert await store.read(application_queries.of_enterprise, (e1,), e1, Page()) == ((), "", 0)


async def test_pay_place_or_shift_that_changed_is_asked_about_again(store: Store):
    """The position was at version 1 when it was seen and stands at 3: what was edited in between decides."""
    seen = Position(id=q(0), enterprise=e0, title="岗位0", region=CITY, openings=3, shift="长白班")

    def edit(conn, now: Position) -> None:
        conn.execute(tables.position_versions.delete())
        conn.execute(tables.position_versions.insert(), [version_row(seen, PersonId("hr"), 1)])
        row = position_row(now, Review.APPROVED, 2)
        conn.execute(tables.positions.update().where(tables.positions.c.id == q(0)).values(row))

    await store.transact(edit, msgspec.structs.replace(seen, version=3, shift="两班倒"))
    refused = await outcome(store, apply(q(0), version=1))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.params) == (Code.POSITION_CHANGED, {"version": 3})
    assert await code_of(store, apply(q(0), version=2)) is Code.POSITION_CHANGED, "nobody knows what 2 said"
    await store.transact(edit, msgspec.structs.replace(seen, version=3, openings=9))
    assert await code_of(store, apply(q(0), version=1)) is None
    assert (await shown_to_firm(store))[0][0].about.version == 1
    await store.transact(edit, msgspec.structs.replace(seen, version=4, shift="两班倒"))
    assert await code_of(store, apply(q(0), version=1)) is None, "what is stored is not refused later"


def test_applications_of_the_first_release_keep_their_person(store_url: str):
    """Migration 0004: whoever an application belonged to is the one who sent it. Migration 0010: every device keeps the
    id and the receipt it was given, the first also what it typed."""
    engine = writing_engine(normal_url(store_url))
    try:
        upgrade(engine, "0001")
        with engine.begin() as conn:
            on_sqlite = conn.dialect.name == "sqlite"
            for statement in first_release(*(("X'80'", "0") if on_sqlite else ("'\\x80'", "false"))):
                conn.execute(text(statement))
        upgrade(engine, "0009")
        with engine.begin() as conn:
            conn.execute(text("INSERT INTO application_senders VALUES ('a1', 'p9', 8, '2026-11', NULL, NULL)"))
        upgrade(engine)
        with engine.connect() as conn:
            senders = conn.execute(select(tables.application_senders).order_by("application", "person")).all()
            replied = conn.execute(select(tables.applications.c.replied_at_ms).order_by("id")).scalars().all()
    finally:
        engine.dispose()
    assert [(row.application, row.person, row.at_ms, row.consent, row.withdrawn_at_ms) for row in senders] == [
        ("a1", "p1", 5, "2026-11", None),
        ("a1", "p9", 8, "2026-11", None),
        ("a2", "p2", 6, "2026-11", 9),
    ]
    given = [(row.shown_id, row.receipt, row.session, row.sealed is None) for row in senders]
    assert given == [("a1", "r1", "s", False), ("a1", "r1", "s", True), ("a2", "r2", "s", False)]
    assert replied == [7, None]


_VALUES = "'r{n}', 's', 'q{n}', 'e', 'p{n}', {hmac}, {hmac}, {hmac}, '2026-11', '{status}', 2, {no}, {at}, {to}"


def first_release(hmac: str, no: str) -> list[str]:
    """The rows of a small fair of the first release, in its own columns."""
    rows = [
        "INSERT INTO regions (code, name, level, place) VALUES ('22', 'x', 'province', 0)",
        f"INSERT INTO fairs VALUES ('f', 'x', '2021-11-27', '22', {no})",
        "INSERT INTO venues VALUES ('v', 'f', 'x', '22')",
        f"INSERT INTO enterprises VALUES ('e', 'x', '22', '', '', NULL, {no})",
        "INSERT INTO sessions (id, venue, fair, region, title, state, shelf_revision)"
        " VALUES ('s', 'v', 'f', '22', 'x', 'live', 1)",
    ]
    for n, status, at, to in ((1, "contacted", 5, 7), (2, "withdrawn", 6, 9)):
        values = _VALUES.format(n=n, status=status, at=at, to=to, hmac=hmac, no=no)
        rows += [
            f"INSERT INTO positions VALUES ('q{n}', 'e', '22', 'x', {no}, {hmac}, 1)",
            f"INSERT INTO applications VALUES ('a{n}', {values})",
            f"INSERT INTO application_steps VALUES ('a{n}', 1, 'applied', {at}, '')",
            f"INSERT INTO application_steps VALUES ('a{n}', 2, '{status}', {to}, '')",
        ]
    return rows
