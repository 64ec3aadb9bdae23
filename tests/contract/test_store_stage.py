"""The stage: a session's life, its cards, and the snapshot that equals the fold of its log."""

import pytest
from sqlalchemy import select

from server.core.bodies import (
    CardHidden,
    CardShown,
    CardUndone,
    CutOffFor,
    RoomChanged,
    decode_body,
)
from server.core.channels import Kind, channel
from server.core.limits import REOPEN_WITHIN_S
from server.core.model import (
    Card,
    Picture,
    PictureKind,
    RegionCode,
    SessionId,
    SessionState,
    TalkMode,
    TalkRule,
    is_rehearsal,
    rehearsed,
)
from server.core.protocol import RehearsalIs
from server.core.refusal import Code, Refusal
from server.core.stage_fold import StageState, fold_stage
from server.store import catalogue_queries, log_queries, numbers_queries
from server.store.store import Store
from server.store.tables import audit
from tests.contract.store_day import (
    CITY,
    ENDED,
    INTERRUPTED,
    LIVE,
    PROVINCE,
    apply,
    change_state,
    hide,
    outcome,
    picture,
    pin,
    q,
    rehearse,
    s0,
    s1,
    s2,
    say,
    show,
    talk,
    undo,
)


async def code_of(store: Store, write) -> Code | None:
    result = await outcome(store, write)
    return result.code if isinstance(result, Refusal) else None


async def bodies_of(store: Store, kind: Kind, subject: str):
    return [decode_body(e.body) for e in await store.read(log_queries.entries, channel(kind, subject), 0, 1_000)]


async def standing(store: Store) -> Card | None:
    _, card, _ = await store.read(log_queries.stage, s0)
    return card


async def test_a_sessions_life(store: Store):
    assert await code_of(store, change_state(s2, ENDED)) is Code.SESSION_NOT_LIVE
    assert await code_of(store, change_state(s2, INTERRUPTED)) is Code.SESSION_NOT_LIVE
    assert await code_of(store, change_state(s2, LIVE, at_ms=5)) is None
    assert await code_of(store, change_state(s2, LIVE)) is Code.ALREADY_LIVE
    assert await code_of(store, change_state(s2, INTERRUPTED)) is None
    assert await code_of(store, change_state(s2, LIVE, at_ms=6)) is None
    assert await code_of(store, change_state(s2, ENDED, at_ms=9)) is None
    assert await code_of(store, change_state(s2, LIVE)) is Code.SESSION_ENDED
    session = await store.read(catalogue_queries.session, s2)
    assert (session.state, session.live_at_ms, session.ended_at_ms) == (ENDED, 5, 9)
    for region in (PROVINCE, session.region):  # operators of a city follow their own branch
        told = [b for b in await bodies_of(store, Kind.AREA, region) if isinstance(b, RoomChanged) and b.session == s2]
        assert [body.state for body in told] == [LIVE, INTERRUPTED, LIVE, ENDED], region


async def test_a_card_is_shown_as_it_is_with_its_number(store: Store):
    committed = await store.write(show(s0, q(2)))
    body = decode_body(committed.publications[0].entry.body)
    assert isinstance(body, CardShown)
    assert (body.card.number, body.card.position.title) == (3, "岗位2")
    assert await standing(store) == body.card


async def test_undo_brings_back_what_stood_before_up_to_ten(store: Store):
    for n in range(12):
        await store.write(show(s0, q(n % 4)))
    for n in range(10, 1, -1):
        committed = await store.write(undo(s0))
        body = decode_body(committed.publications[0].entry.body)
        assert isinstance(body, CardUndone)
        assert body.card is not None
        assert (body.position, body.card.position.id) == (q((n + 1) % 4), q(n % 4))
    await store.write(undo(s0))
    assert await code_of(store, undo(s0)) is Code.NOTHING_TO_UNDO
    assert (await store.read(numbers_queries.counters))[s0].cards == 2
    assert await store.read(numbers_queries.differences) == {}


async def test_undoing_the_first_leaves_none(store: Store):
    await store.write(show(s0, q(0)))
    await store.write(undo(s0))
    assert await standing(store) is None
    assert (await bodies_of(store, Kind.STAGE, s0))[-1] == CardUndone(position=q(0), card=None)


async def test_hiding_starts_undo_anew(store: Store):
    assert await code_of(store, hide(s0)) is Code.NOTHING_SHOWN
    await store.write(show(s0, q(0)))
    await store.write(hide(s0))
    assert (await bodies_of(store, Kind.STAGE, s0))[-1] == CardHidden(position=q(0))
    assert await code_of(store, undo(s0)) is Code.NOTHING_TO_UNDO
    assert await standing(store) is None


async def test_what_cannot_be_shown(store: Store):
    assert await code_of(store, show(s2, q(8))) is Code.SESSION_NOT_LIVE
    await store.write(change_state(s2, LIVE))
    assert await code_of(store, show(s2, q(11))) is Code.POSITION_CLOSED
    assert await code_of(store, show(s2, q(0))) is Code.NOT_ON_SHELF
    assert await code_of(store, show(SessionId("none"), q(0))) is Code.NOT_FOUND
    await store.write(change_state(s2, ENDED))
    for write in (show(s2, q(8)), undo(s2), hide(s2), say(s2, "x")):
        assert await code_of(store, write) is Code.SESSION_ENDED


async def test_an_interrupted_session_goes_on(store: Store):
    await store.write(change_state(s1, INTERRUPTED))
    assert await code_of(store, show(s1, q(4))) is None
    assert await code_of(store, say(s1, "还在吗")) is None


async def test_the_snapshot_is_the_fold_of_the_log(store: Store):
    for write in (
        show(s0, q(0)),
        show(s0, q(1)),
        undo(s0),
        pin(s0, "九点抽讲 12 号"),
        show(s0, q(2)),
        picture(s0, Picture(kind=PictureKind.ELSEWHERE, url="https://v.douyin.com/1")),
        hide(s0),
        talk(s0, TalkRule(mode=TalkMode.OFF, slow_s=10)),
        change_state(s0, INTERRUPTED),
        pin(s0, ""),
        show(s0, q(3)),
        change_state(s0, ENDED, cut_off_for="收费"),
    ):
        await store.write(write)
        session, card, head = await store.read(log_queries.stage, s0)
        bodies = await bodies_of(store, Kind.STAGE, s0)
        folded = StageState()
        for body in bodies:
            folded = fold_stage(folded, body)
        assert folded == (await store.read(log_queries.standing, s0))[1]
        assert (folded.card, folded.state) == (card, session.state)
        assert head.offset == len(bodies)
    assert await standing(store) is None


async def test_an_area_is_its_branch(store: Store):
    sessions, head = await store.read(log_queries.area, PROVINCE)
    assert {session.id for session in sessions} == {s0, s1, s2}
    assert head.offset == 2, "two sessions went live"
    sessions, head = await store.read(log_queries.area, CITY)
    assert {session.id for session in sessions} == {s0, s1}
    assert head.offset == 2, "both lie there, and whoever follows the city alone is told"
    with pytest.raises(Refusal) as refused:
        await store.read(log_queries.area, RegionCode("999999"))
    assert refused.value.code is Code.NOT_FOUND


async def test_an_ended_session_can_be_reopened_for_a_quarter_of_an_hour(store: Store):
    within_ms = REOPEN_WITHIN_S * 1000
    assert await code_of(store, change_state(s0, LIVE, reopen=True)) is Code.ALREADY_LIVE
    assert await code_of(store, change_state(s2, LIVE, reopen=True)) is Code.SESSION_NOT_LIVE
    await store.write(change_state(s0, ENDED, at_ms=10_000))
    assert await code_of(store, change_state(s0, LIVE, reopen=True, at_ms=10_000 + within_ms)) is None
    session = await store.read(catalogue_queries.session, s0)
    assert (session.state, session.live_at_ms, session.ended_at_ms) == (LIVE, 1_000, None)
    assert await code_of(store, show(s0, q(1))) is None
    await store.write(change_state(s0, ENDED, at_ms=20_000))
    late = await outcome(store, change_state(s0, LIVE, reopen=True, at_ms=20_001 + within_ms))
    assert isinstance(late, Refusal)
    assert (late.code, late.params) == (Code.REOPEN_TOO_LATE, {"minutes": 15})


async def test_only_a_paused_session_goes_on(store: Store):
    assert await code_of(store, change_state(s0, LIVE, from_pause=True)) is Code.ALREADY_LIVE
    assert await code_of(store, change_state(s2, LIVE, from_pause=True)) is Code.SESSION_NOT_LIVE
    await store.write(change_state(s0, INTERRUPTED))
    assert await code_of(store, change_state(s0, LIVE, from_pause=True)) is None


async def test_what_was_cut_off_stays_off_and_is_answered_for(store: Store):
    await store.write(change_state(s0, ENDED, cut_off_for="岗位收费"))
    assert (await store.read(catalogue_queries.session, s0)).cut_off
    assert await code_of(store, change_state(s0, LIVE, reopen=True)) is Code.SESSION_CUT_OFF
    assert (await bodies_of(store, Kind.DESK, s0))[-1] == CutOffFor(reason="岗位收费")
    public = [*await bodies_of(store, Kind.STAGE, s0), *await bodies_of(store, Kind.AREA, PROVINCE)]
    assert "收费" not in repr(public)

    def noted(conn):
        return conn.execute(select(audit.c.by, audit.c.what, audit.c.subject)).all()

    assert [tuple(row) for row in await store.read(noted)] == [("host", "cut_off", "session/s0: 岗位收费")]


async def test_who_ends_before_the_cut_off_gains_nothing_by_it(store: Store):
    await store.write(change_state(s0, ENDED))
    assert await code_of(store, change_state(s0, ENDED, cut_off_for="岗位收费")) is None
    assert (await store.read(catalogue_queries.session, s0)).cut_off
    assert await code_of(store, change_state(s0, LIVE, reopen=True)) is Code.SESSION_CUT_OFF
    assert await code_of(store, rehearse(s0)) is Code.SESSION_CUT_OFF, "nor does it go on by a rehearsal's link"
    assert await code_of(store, change_state(s0, ENDED, cut_off_for="再来")) is Code.SESSION_ENDED


async def rehearsal_of(store: Store, session: SessionId, **more) -> SessionId:
    reply = (await store.write(rehearse(session, **more))).reply
    assert isinstance(reply, RehearsalIs)
    return reply.session


async def test_a_rehearsal_is_a_session_nobody_counts(store: Store):
    there = await rehearsal_of(store, s2)
    assert is_rehearsal(there)
    assert rehearsed(there) == s2
    assert await rehearsal_of(store, s2) == there, "one that is open is given again"
    assert (await store.read(catalogue_queries.session, there)).state is SessionState.REHEARSAL
    assert [slot.position.id for slot in await store.read(catalogue_queries.shelf, there)] == [q(8), q(9), q(10), q(11)]
    assert await code_of(store, show(there, q(9))) is None
    assert await code_of(store, show(there, q(0))) is Code.NOT_ON_SHELF
    assert await code_of(store, say(there, "一二三")) is None
    assert await code_of(store, apply(q(9), there)) is Code.REHEARSAL
    card = (await store.read(log_queries.standing, there))[1].card
    assert card is not None
    assert card.number == 2

    assert there not in {session.id for session in await store.read(catalogue_queries.sessions)}
    assert there not in await store.read(numbers_queries.counters)
    assert await store.read(numbers_queries.differences) == {}
    told = {body.session for body in await bodies_of(store, Kind.AREA, PROVINCE)}
    assert there not in told
    assert s2 not in told
    assert await bodies_of(store, Kind.STAGE, s2) == []

    assert await code_of(store, change_state(there, LIVE)) is Code.SESSION_NOT_LIVE
    assert await code_of(store, change_state(there, ENDED)) is None
    assert await code_of(store, show(there, q(9))) is Code.SESSION_ENDED
    assert await code_of(store, apply(q(9), there)) is Code.REHEARSAL
    assert await code_of(store, change_state(there, LIVE, reopen=True)) is Code.SESSION_NOT_LIVE
    assert await rehearsal_of(store, s2) != there
    assert await code_of(store, rehearse(there)) is Code.NOT_FOUND
    assert await code_of(store, rehearse(SessionId("none"))) is Code.NOT_FOUND


async def test_a_rehearsal_started_again_with_its_key_is_the_same(store: Store):
    assert await rehearsal_of(store, s2, key="the-same-key") == await rehearsal_of(store, s2, key="the-same-key")


async def test_a_notice_stands_until_it_is_taken_away(store: Store):
    assert await code_of(store, pin(s2, "")) is Code.NOTHING_PINNED
    assert await code_of(store, pin(s2, "九点开播")) is None, "before anybody is on air"
    assert (await store.read(log_queries.standing, s2))[1].notice == "九点开播"
    assert await code_of(store, pin(s2, "")) is None
    assert (await store.read(log_queries.standing, s2))[1].notice == ""
