"""Positions between their workbook and the shelf: import, review, edits, 招满."""

import msgspec

from server.core.bodies import (
    CardHidden,
    CardUpdated,
    PositionsChanged,
    ShelfChanged,
    decode_body,
)
from server.core.channels import Kind, channel
from server.core.model import Enterprise, EnterpriseId, Flag, PersonId, Position, PositionId, Review, SessionId
from server.core.protocol import Changed
from server.core.refusal import Code, Refusal
from server.core.stage_fold import StageState, fold_stage
from server.store import catalogue_queries, log_queries, review_queries
from server.store import tables as t
from server.store import writes as w
from server.store.store import Store
from tests.contract.store_day import CITY, OTHER_CITY, apply, e0, key, loaded, outcome, q, s0, s1, s2, show, undo

OPERATOR = PersonId("operator")
FIRM = Enterprise(id=EnterpriseId("e-new"), name="新企业", region=CITY)
replace = msgspec.structs.replace


def position(n: int, **more) -> Position:
    facts = {"enterprise": FIRM.id, "title": f"焊工{n}", "region": CITY, "openings": 5, "enterprise_name": FIRM.name}
    return Position(id=PositionId(f"p{n}"), **{**facts, **more})


def imported(*rows: Position | w.ImportedRow, session: SessionId | None = s0, at_ms: int = 2_000) -> w.ImportPositions:
    made = [w.ImportedRow(position=r, review=Review.WAITING) if isinstance(r, Position) else r for r in rows]
    return w.ImportPositions(
        by=OPERATOR, key=key(), at_ms=at_ms, enterprises=(FIRM,), rows=tuple(made), session=session
    )


def reviewed(*ids: PositionId, review=Review.APPROVED, seen_ms: int = 3_000, **more) -> w.ReviewPositions:
    places = tuple((id, CITY) for id in ids)
    return w.ReviewPositions(
        by=OPERATOR, key=key(), at_ms=3_000, **{"positions": places, "review": review, "seen_ms": seen_ms, **more}
    )


def edited(position: Position, operator: bool = False, flags: tuple[Flag, ...] = (), at_ms: int = 4_000):
    return w.EditPosition(by=PersonId("hr"), key=key(), at_ms=at_ms, position=position, flags=flags, operator=operator)


def closed(id: PositionId, closed: bool = True) -> w.ClosePosition:
    return w.ClosePosition(by=PersonId("hr"), key=key(), at_ms=4_000, position=id, closed=closed)


def bodies(committed: w.Committed, kind: Kind) -> list[object]:
    return [decode_body(p.entry.body) for p in committed.publications if p.channel.startswith(f"{kind.value}/")]


def changed(committed: w.Committed) -> tuple[tuple[str, ...], int]:
    assert isinstance(committed.reply, Changed)
    return committed.reply.positions, committed.reply.left


async def shelf(store: Store, session: SessionId = s0, on_day: str = "") -> dict[int, Position]:
    return {slot.number: slot.position for slot in await store.read(catalogue_queries.shelf, session, on_day)}


async def code_of(store: Store, write: w.Write) -> Code | None:
    result = await outcome(store, write)
    return result.code if isinstance(result, Refusal) else None


async def file_of(store: Store, id: PositionId):
    found = await store.read(review_queries.file, id)
    assert found is not None
    return found[0]


async def versions(store: Store, id: str) -> list[int]:
    query = t.position_versions.select().where(t.position_versions.c.position == id)
    return sorted(row.version for row in await store.read(lambda conn: conn.execute(query).all()))


async def test_what_is_imported_waits_and_is_shown_once_it_is_approved(store: Store):
    before = await shelf(store)
    done = await store.write(imported(position(1), position(2)))
    assert changed(done) == (("p1", "p2"), 0)
    assert bodies(done, Kind.STAGE) == []
    assert await shelf(store) == before
    assert await store.read(catalogue_queries.positions_of, FIRM.id) == ()
    assert await code_of(store, show(s0, PositionId("p1"))) is Code.NOT_ON_SHELF
    approved = await store.write(reviewed(PositionId("p1"), PositionId("p2")))
    assert bodies(approved, Kind.STAGE) == [ShelfChanged(revision=2)]
    assert bodies(approved, Kind.FIRM) == [PositionsChanged()]
    after = await shelf(store)
    assert [after[5].id, after[6].id] == ["p1", "p2"]
    assert len(await store.read(catalogue_queries.positions_of, FIRM.id)) == 2
    assert await code_of(store, show(s0, PositionId("p1"))) is None


async def test_an_import_of_one_branch_touches_nothing_of_another(store: Store):
    """Else an operator makes another county's enterprise their own by its public code, invites themselves as its HR,
    and reads its applicants; or rewrites what another branch has approved."""
    await store.write(imported(position(1)))
    await store.write(reviewed(PositionId("p1")))
    moved = replace(FIRM, name="改名", region=OTHER_CITY)
    rows = tuple(
        w.ImportedRow(position=p, review=Review.WAITING)
        for p in (position(1, base_yuan=1, region=OTHER_CITY), position(2, region=OTHER_CITY))
    )
    elsewhere = imported(at_ms=5_000, session=s2)
    elsewhere = replace(elsewhere, enterprises=(moved,), rows=rows, branch=OTHER_CITY)
    assert changed(await store.write(elsewhere)) == (("p2",), 1)
    enterprise = await store.read(catalogue_queries.enterprise, FIRM.id)
    assert (enterprise.name, enterprise.region) == (FIRM.name, CITY)
    found = await store.read(review_queries.file, PositionId("p1"))
    assert found is not None
    file, _ = found
    assert (file.position, file.review) == (position(1), Review.APPROVED)
    own = replace(elsewhere, key=key(), rows=(), branch=CITY)
    await store.write(own)
    enterprise = await store.read(catalogue_queries.enterprise, FIRM.id)
    assert (enterprise.name, enterprise.region) == ("改名", CITY), "its own branch corrects it, and moves it not"


async def test_a_second_import_changes_nothing_and_half_a_change_only_what_changed(store: Store):
    await store.write(imported(position(1), position(2)))
    await store.write(reviewed(PositionId("p1")))
    again = await store.write(imported(position(1), position(2), at_ms=5_000))
    assert (changed(again), again.publications) == (((), 2), ())
    raised = await store.write(imported(position(1, base_yuan=4_000), position(2), session=s2, at_ms=6_000))
    # Off air it would wait again; s0 is on air, so viewers see the new pay at once.
    assert changed(raised) == (("p1",), 1)
    assert (await shelf(store))[5].base_yuan == 4_000
    assert (await file_of(store, PositionId("p1"))).position.version == 2
    assert await versions(store, "p1") == [1, 2]


async def test_a_draft_never_takes_the_place_of_what_is_complete(store: Store):
    draft = w.ImportedRow(position=position(1, openings=0), review=Review.DRAFT, flags=(Flag(why="openings_missing"),))
    await store.write(imported(draft))
    assert await code_of(store, reviewed(PositionId("p1"))) is Code.POSITION_FAULTY
    await store.write(imported(position(1), at_ms=5_000))
    assert (await file_of(store, PositionId("p1"))).review is Review.WAITING
    assert changed(await store.write(imported(draft, at_ms=6_000))) == ((), 1)
    assert (await file_of(store, PositionId("p1"))).review is Review.WAITING


async def test_a_flag_for_a_reviewers_judgement_can_be_passed(store: Store):
    draft = w.ImportedRow(position=position(1), review=Review.DRAFT, flags=(Flag(why="fee", text="服装费"),))
    await store.write(imported(draft))
    assert changed(await store.write(reviewed(PositionId("p1"), waiting_only=True))) == ((), 1)
    assert changed(await store.write(reviewed(PositionId("p1"))))[0] == ("p1",)


async def test_nobody_approves_what_nobody_has_seen_or_what_lies_elsewhere(store: Store):
    await store.write(imported(position(1), position(2), position(3, region=OTHER_CITY)))
    await store.write(edited(position(1, base_yuan=1)))
    assert await code_of(store, reviewed(PositionId("p1"), seen_ms=3_000)) is Code.POSITION_CHANGED
    both = reviewed(PositionId("p1"), PositionId("p2"), PositionId("p3"))
    assert changed(await store.write(both)) == (("p2",), 2)
    assert await code_of(store, reviewed(PositionId("p3"))) is Code.NOT_FOUND
    assert await code_of(store, reviewed(PositionId("none"))) is Code.NOT_FOUND


async def test_a_refused_position_leaves_every_stage_and_keeps_its_number(store: Store):
    await store.write(show(s0, q(1)))
    await store.write(show(s0, q(0)))
    refused = await store.write(reviewed(q(0), review=Review.REFUSED, reason="请写清楚薪资"))
    assert bodies(refused, Kind.STAGE) == [ShelfChanged(revision=2), CardHidden(position=q(0))]
    assert 1 not in await shelf(store)
    assert (await store.read(log_queries.stage, s0))[1] is None
    assert (await file_of(store, q(0))).reason == "请写清楚薪资"
    back = await store.write(reviewed(q(0)))
    assert bodies(back, Kind.STAGE) == [ShelfChanged(revision=3)]
    assert (await shelf(store))[1].id == q(0)


async def test_approval_can_be_undone(store: Store):
    await store.write(imported(position(1)))
    await store.write(reviewed(PositionId("p1")))
    await store.write(reviewed(PositionId("p1"), review=Review.WAITING))
    assert 5 not in await shelf(store)
    await store.write(imported(position(2)))
    await store.write(reviewed(PositionId("p2"), PositionId("p1")))
    after = await shelf(store)
    assert (after[5].id, after[6].id) == ("p1", "p2")


async def test_an_edit_on_air_is_a_new_version_that_everybody_sees(store: Store):
    await store.write(show(s0, q(0)))
    there = (await shelf(store))[1]
    done = await store.write(edited(replace(there, base_yuan=4_200)))
    now = (await shelf(store))[1]
    assert (now.version, now.base_yuan) == (2, 4_200)
    card = (await store.read(log_queries.stage, s0))[1]
    assert card is not None
    assert card.position == now
    assert bodies(done, Kind.STAGE) == [ShelfChanged(revision=2), CardUpdated(card=card)]
    assert await versions(store, q(0)) == [1, 2]
    assert await code_of(store, edited(replace(there, base_yuan=9))) is Code.POSITION_CHANGED
    faulty = edited(replace(now, place="加微信"), flags=(Flag(why="contact"),))
    assert await code_of(store, faulty) is Code.POSITION_FAULTY


async def test_an_undo_brings_back_what_was_edited_meanwhile(store: Store):
    await store.write(show(s0, q(0)))
    await store.write(show(s0, q(1)))
    await store.write(edited(replace((await shelf(store))[1], openings=1)))
    await store.write(undo(s0))
    card = (await store.read(log_queries.stage, s0))[1]
    assert card is not None
    assert (card.position.id, card.position.openings) == (q(0), 1)


async def test_the_snapshot_equals_the_fold_after_edits_and_refusals(store: Store):
    await store.write(show(s0, q(0)))
    await store.write(edited(replace((await shelf(store))[1], base_yuan=1)))
    await store.write(closed(q(0)))
    await store.write(show(s0, q(1)))
    await store.write(reviewed(q(1), review=Review.REFUSED))
    entries = await store.read(log_queries.entries, channel(Kind.STAGE, s0), 0, 1_000)
    folded = StageState()
    for entry in entries:
        folded = fold_stage(folded, decode_body(entry.body))
    session, card, _ = await store.read(log_queries.stage, s0)
    assert (folded.state, folded.card, folded.shelf_revision) == (session.state, card, session.shelf_revision)


async def test_off_air_an_enterprises_edit_waits_again_and_an_operators_does_not(store: Store):
    there = (await shelf(store, s2))[1]
    await store.write(edited(replace(there, openings=9)))
    assert (await shelf(store, s2))[1].openings == 9  # fewer or more openings is nothing to look at
    there = (await shelf(store, s2))[1]
    await store.write(edited(replace(there, base_yuan=5_000), operator=True))
    there = (await shelf(store, s2))[1]
    assert there.base_yuan == 5_000
    await store.write(edited(replace(there, base_yuan=6_000)))
    assert 1 not in await shelf(store, s2)
    assert (await file_of(store, there.id)).review is Review.WAITING


async def test_a_closed_position_takes_no_applications_and_everybody_sees_it(store: Store):
    await store.write(show(s0, q(0)))
    done = await store.write(closed(q(0)))
    updated = [body for body in bodies(done, Kind.STAGE) if isinstance(body, CardUpdated)]
    assert [body.card.position.closed for body in updated] == [True]
    assert await code_of(store, apply(q(0))) is Code.POSITION_CLOSED
    assert await code_of(store, show(s0, q(0))) is Code.POSITION_CLOSED
    assert (await shelf(store))[1].closed
    assert changed(await store.write(closed(q(0)))) == ((), 1)
    await store.write(closed(q(0), closed=False))
    assert await code_of(store, apply(q(0))) is None
    assert (await shelf(store))[1].version == 1


async def test_real_positions_end_with_their_validity_and_made_up_ones_do_not(store: Store):
    real = position(1, valid_until="2026-03-31")
    played = position(2, valid_until="2021-12-31", synthetic=True)
    await store.write(imported(real, played))
    await store.write(reviewed(real.id, played.id))
    assert set(await shelf(store, on_day="2026-03-31")) >= {5, 6}
    assert 5 not in await shelf(store, on_day="2026-04-01")
    assert 6 in await shelf(store, on_day="2026-04-01")
    assert await store.read(catalogue_queries.positions_of, FIRM.id, "2026-04-01") == (played,)
    late = 1_775_001_600_000  # 2026-04-01 08:00 in China
    assert await code_of(store, show(s0, real.id, at_ms=late)) is Code.POSITION_CLOSED
    assert await code_of(store, show(s0, played.id, at_ms=late)) is None


async def test_reviewers_see_what_waits_in_their_branch_flagged_first(store: Store):
    flagged = w.ImportedRow(position=position(3), review=Review.DRAFT, flags=(Flag(why="sex_and_age", text="限男"),))
    await store.write(imported(position(1), position(2, region=OTHER_CITY), flagged))
    (firm,), after, sums = await store.read(review_queries.firms, CITY, 0, 10)
    assert (firm.enterprise, firm.waiting, firm.drafts, firm.flagged) == (FIRM.id, 1, 1, 1)
    assert (after, sums) == (0, (1, 1))
    files, _ = await store.read(review_queries.files, FIRM.id, (), (CITY,), 0, 10)
    assert [file.position.id for file in files] == ["p3", "p1"]
    assert files[0].flags[0].text == "限男"
    page, after = await store.read(review_queries.files, FIRM.id, (Review.WAITING,), None, 0, 1)
    assert (len(page), after) == (1, 1)
    waiting = await store.read(review_queries.waiting_of, FIRM.id, (CITY,), 2_000, 10)
    assert waiting == ((PositionId("p1"), CITY),)
    assert await store.read(review_queries.waiting_of, FIRM.id, (CITY,), 1_999, 10) == ()


async def test_every_decision_is_in_the_audit_log(store: Store):
    await store.write(imported(position(1)))
    await store.write(reviewed(PositionId("p1")))
    await store.write(reviewed(PositionId("p1"), review=Review.REFUSED))
    await store.write(closed(q(0)))
    rows = await store.read(lambda conn: conn.execute(t.audit.select().order_by(t.audit.c.n)).all())
    assert [(row.by, row.what, row.subject) for row in rows] == [
        ("operator", "approve_position", "p1"),
        ("operator", "refuse_position", "p1"),
        ("hr", "close_position", "q0"),
    ]


async def test_another_enterprises_workbook_cannot_take_a_position(store: Store):
    stolen = replace(position(1), id=q(0))
    assert changed(await store.write(imported(stolen))) == ((), 1)
    assert (await shelf(store))[1].enterprise == e0


async def test_an_import_for_a_session_that_is_not_there_writes_nothing(store: Store):
    assert await code_of(store, imported(position(1), session=SessionId("s9"))) is Code.NOT_FOUND
    assert await store.read(review_queries.file, PositionId("p1")) is None


async def test_a_shelf_on_which_it_was_before_the_wish(store: Store):
    await loaded(store, "z", live=False)
    await store.write(imported(position(1)))
    await store.write(reviewed(PositionId("p1")))
    again = await store.write(imported(position(1), session=s1, at_ms=9_000))
    assert bodies(again, Kind.STAGE) == [ShelfChanged(revision=2)]
    assert (await shelf(store, s1))[5].id == "p1"
