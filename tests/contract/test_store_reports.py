"""Reports: kept with their second, told to the branch's operators alone, rationed; and assistants who are let go."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from server.core.bodies import Reported, ReportSettled, Revoked, decode_body
from server.core.channels import Kind, channel
from server.core.limits import REPORTS_PER_HOUR
from server.core.model import PersonId, PositionId, ReportOutcome, ReportReason, ReportSubject, Role
from server.core.refusal import Code, Refusal
from server.store import account_queries, log_queries, report_queries
from server.store import writes as w
from server.store.store import Store
from server.store.tables import accounts, audit, grants
from tests.contract.store_day import CITY, HOST, OTHER_CITY, PROVINCE, key, outcome, q, s0, s2, say, show

ANNA = PersonId("anna")
NOWHERE = PositionId("")
CARD, ROOM, LINE = ReportSubject.CARD, ReportSubject.ROOM, ReportSubject.LINE


def report(subject: ReportSubject = CARD, position: PositionId = NOWHERE, **more: Any) -> w.FileReport:
    fields: dict[str, Any] = {
        "by": ANNA,
        "at_ms": 50,
        "session": s0,
        "line": 0,
        "text": "要交押金",
        "regions": (CITY, PROVINCE),
    }
    fields |= {"key": key(), "reason": ReportReason.FEE, **more}
    return w.FileReport(subject=subject, position=position, **fields)


async def code_of(store: Store, write: w.Write) -> Code | None:
    result = await outcome(store, write)
    return result.code if isinstance(result, Refusal) else None


async def bodies_of(store: Store, kind: Kind, subject: str) -> list[Any]:
    return [decode_body(e.body) for e in await store.read(log_queries.entries, channel(kind, subject), 0, 1_000)]


async def test_a_report_keeps_what_stood_there_at_that_second(store: Store):
    await store.write(show(s0, q(1)))
    await store.write(say(s0, "加我日结"))
    for write in (report(CARD, q(1)), report(ROOM), report(LINE, line=1)):
        assert await code_of(store, write) is None
    found, waiting, following = await store.read(report_queries.of_branch, CITY, False, 0, 50)
    assert (len(found), waiting, following) == (3, 3, 0)
    by_subject = {case.subject: case for case in found}
    card = by_subject[CARD]
    assert (card.position, card.position_title, card.position_version) == (q(1), "岗位1", 1)
    assert (card.stage_offset, card.at_ms, card.text, card.session_title) == (2, 50, "要交押金", "会场0")
    assert (by_subject[LINE].line, by_subject[LINE].line_text) == (1, "加我日结")
    assert ANNA not in repr(found)
    for region in (CITY, PROVINCE):
        assert [type(b) for b in await bodies_of(store, Kind.WATCH, region)] == [Reported] * 3
    assert await bodies_of(store, Kind.WATCH, OTHER_CITY) == []
    assert await store.read(report_queries.of_branch, OTHER_CITY, False, 0, 50) == ((), 0, 0)
    for public in (Kind.STAGE, Kind.CHAT, Kind.DESK):
        assert not any(isinstance(body, Reported) for body in await bodies_of(store, public, s0))


async def test_what_cannot_be_reported(store: Store):
    assert await code_of(store, report(CARD, q(4))) is Code.NOT_ON_SHELF
    assert await code_of(store, report(LINE, line=1)) is Code.NOT_FOUND
    assert await code_of(store, report(session="none")) is Code.NOT_FOUND


async def test_the_same_again_is_one_and_many_have_to_wait(store: Store):
    for _ in range(3):
        assert await code_of(store, report(ROOM)) is None
    assert (await store.read(report_queries.of_branch, CITY, False, 0, 50))[1] == 1
    for n in range(REPORTS_PER_HOUR - 1):
        await store.write(say(s0, f"{n}"))
        assert await code_of(store, report(LINE, line=n + 1)) is None
    refused = await outcome(store, report(CARD, q(0)))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.params) == (Code.TOO_MANY, {"retry_ms": 3_600_000})
    assert await code_of(store, report(CARD, q(0), by=HOST)) is None
    assert await code_of(store, report(CARD, q(0), at_ms=3_600_051)) is None


@pytest.mark.parametrize("how", list(ReportOutcome))
async def test_settling_is_told_and_audited(store: Store, how: ReportOutcome):
    await store.write(report(ROOM))
    case = (await store.read(report_queries.of_branch, PROVINCE, True, 0, 50))[0][0]
    settle: dict[str, Any] = {"by": HOST, "at_ms": 60, "regions": (CITY, PROVINCE), "outcome": how, "note": "看过了"}
    assert await code_of(store, w.SettleReport(key=key(), report="none", **settle)) is Code.NOT_FOUND
    assert await code_of(store, w.SettleReport(key=key(), report=case.id, **settle)) is None
    assert (await bodies_of(store, Kind.WATCH, PROVINCE))[-1] == ReportSettled(report=case.id, outcome=how)
    assert await store.read(report_queries.of_branch, PROVINCE, True, 0, 50) == ((), 0, 0)
    settled = (await store.read(report_queries.of_branch, PROVINCE, False, 0, 50))[0][0]
    assert (settled.outcome, settled.note, settled.settled_at_ms) == (how.value, "看过了", 60)
    assert await store.read(report_queries.region_of, case.id) == CITY
    noted = await store.read(lambda conn: conn.execute(select(audit.c.by, audit.c.what)).all())
    assert [tuple(row) for row in noted] == [("host", "settle_report")]


async def test_a_page_after_the_other(store: Store):
    for n in range(3):
        await store.write(report(ROOM, by=PersonId(f"p{n}"), at_ms=100 + n))
    first, waiting, following = await store.read(report_queries.of_branch, CITY, True, 0, 2)
    rest, _, end = await store.read(report_queries.of_branch, CITY, True, following, 2)
    assert [case.at_ms for case in (*first, *rest)] == [102, 101, 100]
    assert (waiting, following, end) == (3, 2, 0)


async def test_an_assistant_is_let_go_at_once(store: Store):
    def hire(conn: Any) -> None:
        row = {"person": ANNA, "name": "anna", "shown_name": "安娜", "password_hash": "x", "changed_at_ms": 1}
        conn.execute(insert(accounts), row)
        roles = [{"person": ANNA, "role": Role.ASSISTANT.value, "scope": scope} for scope in (s0, s2)]
        conn.execute(insert(grants), roles)

    await store.transact(hire)
    assert [one.name for one in await store.read(account_queries.assistants_of, s0)] == ["安娜"]
    dismiss: dict[str, Any] = {"by": HOST, "at_ms": 77, "session": s0, "person": ANNA}
    assert await code_of(store, w.DismissAssistant(key=key(), **dismiss)) is None
    assert await store.read(account_queries.assistants_of, s0) == ()
    assert len(await store.read(account_queries.assistants_of, s2)) == 1
    assert (await bodies_of(store, Kind.HOUSE, PROVINCE))[-1] == Revoked(person=ANNA, before_ms=77)
    assert await store.read(account_queries.revocations) == {ANNA: 77}
    assert await code_of(store, w.DismissAssistant(key=key(), **dismiss)) is Code.NOT_FOUND
