"""The stage: a session's life, its cards, and the snapshot that equals the fold of its log."""

import pytest

from server.core.bodies import (
    CardHidden,
    CardShown,
    CardUndone,
    RoomChanged,
    StageState,
    decode_body,
    fold_stage,
)
from server.core.channels import Kind, channel
from server.core.model import Card, RegionCode, SessionId
from server.core.refusal import Code, Refusal
from server.store import catalogue_queries, log_queries, numbers_queries
from server.store.store import Store
from tests.contract.store_day import (
    CITY,
    ENDED,
    INTERRUPTED,
    LIVE,
    PROVINCE,
    change_state,
    hide,
    outcome,
    q,
    s0,
    s1,
    s2,
    say,
    show,
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
    told = [b for b in await bodies_of(store, Kind.AREA, PROVINCE) if isinstance(b, RoomChanged) and b.session == s2]
    assert [body.state for body in told] == [LIVE, INTERRUPTED, LIVE, ENDED]


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
    for write in (show(s0, q(0)), show(s0, q(1)), undo(s0), show(s0, q(2)), hide(s0), show(s0, q(3))):
        await store.write(write)
        session, card, head = await store.read(log_queries.stage, s0)
        bodies = await bodies_of(store, Kind.STAGE, s0)
        folded = StageState()
        for body in bodies:
            folded = fold_stage(folded, body)
        assert folded == StageState(state=session.state, card=card, shelf_revision=session.shelf_revision)
        assert head.offset == len(bodies)
    await store.write(change_state(s0, ENDED))
    assert await standing(store) is None


async def test_an_area_is_its_branch(store: Store):
    sessions, head = await store.read(log_queries.area, PROVINCE)
    assert {session.id for session in sessions} == {s0, s1, s2}
    assert head.offset == 2, "two sessions went live"
    sessions, head = await store.read(log_queries.area, CITY)
    assert {session.id for session in sessions} == {s0, s1}
    assert head.offset == 0
    with pytest.raises(Refusal) as refused:
        await store.read(log_queries.area, RegionCode("999999"))
    assert refused.value.code is Code.NOT_FOUND
