"""What a person may ask about the data held of them, and take back."""

import asyncio

from sqlalchemy import select

from server.core.bodies import ApplicationMoved, decode_body
from server.core.export_rows import mark_of, sheets_of
from server.core.model import ApplicationStatus, LookPurpose, PersonId
from server.core.protocol import Opened
from server.core.refusal import Code, Refusal
from server.store import application_queries, numbers_queries, privacy_queries, reply_queries, tables
from server.store.application_queries import Page
from server.store.export_writes import Exporter, export
from server.store.store import Store
from tests.contract.conftest import a_keyring
from tests.contract.store_day import (
    HR,
    SEEKER,
    answer,
    apply,
    e0,
    e1,
    erase,
    look,
    outcome,
    q,
    receipt,
    withdraw,
    withdraw_consent,
)
from tests.contract.test_store_secrets import raw_bytes
from tests.contract.test_store_senders import OWNER, PHONE, STRANGER, confirm

S = ApplicationStatus
DAY_MS = 24 * 60 * 60 * 1000


async def code_of(store: Store, write) -> Code | None:
    result = await outcome(store, write)
    return result.code if isinstance(result, Refusal) else None


async def list_of(store: Store, firm=e0):
    rows, _, waiting = await store.read(application_queries.of_enterprise, (firm,), firm, Page())
    return rows, waiting


async def test_a_consent_taken_back_hides_the_person_from_one_enterprise_at_once(store: Store):
    here = receipt(await store.write(apply(q(0)))).application
    there = receipt(await store.write(apply(q(1)))).application
    await store.write(look(here, (e0,)))
    done = await store.write(withdraw_consent(e0, at_ms=7_000))
    (firm, me) = done.publications
    assert (firm.channel, me.channel) == ("firm/e0", "me/seeker")
    assert decode_body(firm.entry.body) == ApplicationMoved(
        application=here, position=q(0), status=S.WITHDRAWN, contact_gone=True
    )
    assert await list_of(store) == ((), 0)
    assert await code_of(store, look(here, (e0,))) is Code.NOT_FOUND
    assert await code_of(store, answer(here, (e0,), S.CONTACTED)) is Code.NOT_FOUND
    who = Exporter(by=HR, at_ms=8_000)
    assert (await store.transact(export, (e0,), e0, a_keyring(), who)).applicants == ()
    assert [row.id for row in (await list_of(store, e1))[0]] == [there]
    record = await store.read(privacy_queries.record_of, SEEKER)
    assert {consent.enterprise: consent.withdrawn_at_ms for consent in record.consents} == {e0: 7_000, e1: 0}
    assert await code_of(store, withdraw_consent(e0, by=PersonId("nobody"))) is Code.NOT_FOUND


async def test_applying_again_is_a_new_consent(store: Store):
    made = receipt(await store.write(apply(q(0)))).application
    await store.write(withdraw_consent(e0))
    await store.write(apply(q(0), consent="2", at_ms=9_000))
    ((row,), waiting) = await list_of(store)
    assert (row.id, row.status, waiting) == (made, S.APPLIED, 1)
    (consent,) = (await store.read(privacy_queries.record_of, SEEKER)).consents
    assert (consent.version, consent.at_ms, consent.withdrawn_at_ms) == ("2", 9_000, 0)


async def test_a_stranger_brings_no_name_back_whose_consent_was_taken_back(store: Store):
    """Of somebody at work there, whose application cannot be withdrawn any more."""
    made = receipt(await store.write(apply(q(0)))).application
    for step in (S.CONTACTED, S.HIRED, S.AT_WORK):
        await store.write(answer(made, (e0,), step))
    await store.write(withdraw_consent(e0))
    await store.write(apply(q(0), by=STRANGER, name="某人"))
    ((row,), _) = await list_of(store)
    opened = (await store.write(look(made, (e0,)))).reply
    assert isinstance(opened, Opened)
    assert (row.id, opened.application.name) == (made, "某人")
    (own,) = await store.read(application_queries.of_person, SEEKER)
    assert [step.status for step in own.steps] == [S.APPLIED, S.WITHDRAWN], "what it did itself"


async def test_without_the_number_confirmed_a_device_takes_back_its_own_consent_only(store: Store):
    made = receipt(await store.write(apply(q(0)))).application
    await store.write(apply(q(0), by=STRANGER))
    await store.write(withdraw_consent(e0, by=STRANGER))
    assert [row.status for row in (await list_of(store))[0]] == [S.APPLIED]
    await store.transact(confirm, OWNER)
    await store.write(withdraw_consent(e0, by=OWNER))
    assert await list_of(store) == ((), 0)
    assert await code_of(store, withdraw(made)) is Code.STEP_NOT_ALLOWED


async def test_all_that_is_held_is_said_to_who_may_see_it(store: Store):
    made = receipt(await store.write(apply(q(0), for_whom="妈妈"))).application
    await store.write(apply(q(0), for_whom="妈妈", by=STRANGER))
    await store.write(look(made, (e0,), at_ms=5_000))
    await store.write(look(made, (e0,), at_ms=6_000, purpose=LookPurpose.FOLLOW_UP))
    await store.transact(export, (e0,), e0, a_keyring(), Exporter(by=HR, at_ms=7_000))
    record = await store.read(privacy_queries.record_of, SEEKER)
    assert [(held.name, held.phone, held.for_whom) for held in record.held] == [("张三丰", PHONE, "妈妈")]
    assert [(look.at_ms, look.why) for look in record.looks] == [
        (7_000, "export"),
        (6_000, "follow_up"),
        (5_000, "contact"),
    ]
    other = await store.read(privacy_queries.record_of, STRANGER)
    assert [held.application for held in other.held] == [one.id for one in other.applications]
    assert [one.id for one in other.applications] != [made]
    assert other.looks == ()
    assert [consent.at_ms for consent in other.consents] == [1_000]


async def test_erasing_leaves_the_service_and_no_person(store: Store):
    """With the number confirmed: also what other devices sent with it; nothing of it is found in any table."""
    made = receipt(await store.write(apply(q(0), name="慕容雪", for_whom="欧阳母亲"))).application
    await store.write(answer(made, (e0,), S.INTERVIEW, note="慕容女士请带证件", place="东门"))
    await store.write(apply(q(1), by=STRANGER, name="慕容雪"))
    await store.transact(confirm, OWNER)
    await store.write(erase(by=OWNER, at_ms=9_000))
    raw = await store.read(raw_bytes)
    hmac = a_keyring().phone_hmac(PHONE)
    for secret in ("慕容", "欧阳", PHONE):
        assert secret.encode() not in raw
    assert hmac not in raw
    for who in (OWNER, SEEKER, STRANGER):
        assert await store.read(application_queries.of_person, who) == ()
    assert await list_of(store) == ((), 0)
    rows = await store.read(
        lambda conn: conn.execute(
            select(
                tables.applications.c.position,
                tables.applications.c.status,
                tables.applications.c.steps,
                tables.applications.c.erased_at_ms,
            ).order_by(tables.applications.c.position)
        ).all()
    )
    assert [tuple(row) for row in rows] == [(q(0), "withdrawn", 3, 9_000), (q(1), "withdrawn", 2, 9_000)]
    assert await store.read(numbers_queries.differences) == {}
    again = receipt(await store.write(apply(q(0), name="慕容雪", for_whom="欧阳母亲")))
    assert again.application != made, "a new application, not the old one"


async def test_erasing_without_the_number_concerns_this_device_alone(store: Store):
    shared = receipt(await store.write(apply(q(0)))).application
    beside = receipt(await store.write(apply(q(0), by=STRANGER))).application
    alone = receipt(await store.write(apply(q(1)))).application
    await store.write(erase())
    assert await store.read(application_queries.of_person, SEEKER) == ()
    assert [row.id for row in (await list_of(store))[0]] == [shared]
    assert await list_of(store, e1) == ((), 0)
    (own,) = await store.read(application_queries.of_person, STRANGER)
    assert own.id == beside
    sealed = await store.read(
        lambda conn: conn.execute(
            select(tables.applications.c.sealed).where(tables.applications.c.id == alone)
        ).scalar_one()
    )
    assert sealed == b""


async def test_a_number_erased_and_applied_with_in_one_batch(store: Store):
    """The wiped row makes room for the new one within one transaction."""
    first = receipt(await store.write(apply(q(0)))).application
    _, again = await asyncio.gather(store.write(erase()), store.write(apply(q(0))))
    assert receipt(again).application != first


async def test_only_who_is_followed_is_exported_and_each_is_written_down(store: Store):
    opened = receipt(await store.write(apply(q(0), name="=HYPERLINK()"))).application
    await store.write(apply(q(0), phone="13900000001"))
    await store.write(look(opened, (e0,), by_name="人事"))
    found = await store.transact(export, (e0,), e0, a_keyring(), Exporter(by=HR, at_ms=60_000))
    assert [one.phone for one in found.applicants] == [PHONE]
    assert PHONE not in repr(found)
    sheets = sheets_of("csv", mark_of(found.enterprise_name, "人事", 60_000), found.applicants)
    (row,) = sheets.rows
    assert row[0] == "'=HYPERLINK()"
    assert row[-1] == sheets.mark
    assert "1970-01-01 08:01" in sheets.mark
    lines = await store.read(
        lambda conn: conn.execute(
            select(tables.audit.c.what, tables.audit.c.subject).where(tables.audit.c.why == "export")
        ).all()
    )
    assert [tuple(line) for line in lines] == [("export", e0), ("export_application", opened)]


async def test_a_file_that_does_not_hold_all_says_so(store: Store):
    for n in range(5):
        made = receipt(await store.write(apply(q(0), phone=f"1390000000{n}", at_ms=1_000 + n))).application
        await store.write(look(made, (e0,), by_name="人事"))
    for at_most, left_out in ((3, 2), (5, 0), (9, 0)):
        who = Exporter(by=HR, at_ms=60_000, at_most=at_most)
        found = await store.transact(export, (e0,), e0, a_keyring(), who)
        assert (len(found.applicants), found.left_out) == (min(at_most, 5), left_out)
        sheets = sheets_of("csv", "mark", found.applicants, found.left_out)
        assert ("另有 2 人没有列入" in sheets.mark) is (left_out > 0)
    assert found.applicants[0].applied_at_ms == 1_004, "the newest are in it"


async def test_replies_are_counted_from_the_applications(store: Store):
    answered = receipt(await store.write(apply(q(0), at_ms=1_000))).application
    await store.write(look(answered, (e0,), at_ms=2_000))
    assert await store.read(reply_queries.replies_of, (e0,), 3_000) == {}, "to have looked is no answer; not due yet"
    await store.write(answer(answered, (e0,), S.CONTACTED, at_ms=4_000))
    await store.write(answer(answered, (e0,), S.INTERVIEW, at_ms=9_000))
    late = receipt(await store.write(apply(q(0), phone="13900000001", by=STRANGER, at_ms=5_000))).application
    replies = (await store.read(reply_queries.replies_of, (e0,), 6_000 + DAY_MS))[e0]
    assert (replies.received, replies.answered, replies.mean_ms) == (2, 1, 3_000)
    await store.write(withdraw(late, by=STRANGER))
    replies = (await store.read(reply_queries.replies_of, (e0,), 6_000 + DAY_MS))[e0]
    assert (replies.received, replies.answered) == (1, 1), "who withdrew before an answer is nobody's fault"


async def test_a_specialists_enterprises_those_never_here_first_then_by_waiting(store: Store):
    await store.write(apply(q(0), at_ms=5_000))
    await store.write(apply(q(1), at_ms=2_000))
    await store.transact(reply_queries.note_visit, e1, 3_000)
    firms = await store.read(reply_queries.firms_of, (e0, e1), 9_000)
    assert [(firm.enterprise, firm.waiting, firm.oldest_at_ms, firm.signed_in_at_ms) for firm in firms] == [
        (e0, 1, 5_000, 0),
        (e1, 1, 2_000, 3_000),
    ]
    assert await store.read(reply_queries.firms_of, (), 9_000) == ()
