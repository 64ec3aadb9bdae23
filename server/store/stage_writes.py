"""The stage: going live and off, cards shown, taken back and hidden."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from server.core.bodies import AnyBody, CardHidden, CardShown, CardUndone, RoomChanged, StateChanged
from server.core.channels import Kind, channel
from server.core.model import ON_AIR, Card, Channel, Position, PositionId, SessionId, SessionState
from server.core.protocol import Done
from server.core.refusal import Code, Refusal
from server.store.counting import CARDS
from server.store.handling import Context, Count, Effect, Outcome
from server.store.tables import positions, sessions, shelf_slots
from server.store.writes import ChangeState, HideCard, ShowCard, UndoCard, Write

UNDO_LIMIT: Final = 10
"""How many shows in a row can be taken back."""

S = SessionState
_card_decoder: Final = msgspec.msgpack.Decoder(Card)
_undo_decoder: Final = msgspec.msgpack.Decoder(list[Card | None])
_position_decoder: Final = msgspec.msgpack.Decoder(Position)

_STATES: Final = select(sessions.c.id, sessions.c.state).where(sessions.c.id.in_(bindparam("sessions", expanding=True)))
_STAGES: Final = select(
    sessions.c.id,
    sessions.c.state,
    sessions.c.live_at_ms,
    sessions.c.ended_at_ms,
    sessions.c.card,
    sessions.c.undo,
).where(sessions.c.id.in_(bindparam("sessions", expanding=True)))
_SLOTS: Final = (
    select(shelf_slots.c.session, shelf_slots.c.number, positions.c.id, positions.c.closed, positions.c.body)
    .join_from(shelf_slots, positions, positions.c.id == shelf_slots.c.position)
    .where(shelf_slots.c.position.in_(bindparam("positions", expanding=True)), shelf_slots.c.removed.is_(False))
)
_KEEP: Final = (
    update(sessions)
    .where(sessions.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in ("state", "live_at_ms", "ended_at_ms", "card", "undo")})
)


class _Stage(msgspec.Struct):
    """A session's stage while a batch is decided."""

    state: SessionState
    live_at_ms: int | None
    ended_at_ms: int | None
    card: Card | None
    undo: list[Card | None]
    changed: bool = False


class _Slot(msgspec.Struct, frozen=True):
    number: int
    closed: bool
    body: bytes


def states_of(conn: Connection, of: Iterable[SessionId]) -> dict[SessionId, SessionState]:
    """The state of each of these sessions that exists."""
    wanted = sorted(of)
    if not wanted:
        return {}
    return {row.id: SessionState(row.state) for row in conn.execute(_STATES, {"sessions": wanted})}


def off_air(session: SessionId, state: SessionState | None) -> Refusal | None:
    """Why nothing can be said or shown in a session of that state; `None` when it can."""
    if state is None:
        return Refusal(Code.NOT_FOUND, what="session", id=session[:80])
    if state in ON_AIR:
        return None
    if state is S.ENDED:
        return Refusal(Code.SESSION_ENDED, session=session)
    return Refusal(Code.SESSION_NOT_LIVE, session=session, state=state.value)


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The heads that guard these writes."""
    wanted: set[Channel] = set()
    for write in writes:
        match write:
            case ChangeState(session=session):
                wanted |= {channel(kind, session) for kind in (Kind.STAGE, Kind.CHAT, Kind.DESK)}
                wanted.add(channel(Kind.AREA, context.province))
            case ShowCard(session=session) | UndoCard(session=session) | HideCard(session=session):
                wanted.add(channel(Kind.STAGE, session))
    return wanted


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order."""
    stages = _stages(conn, {w.session for w in writes if isinstance(w, ChangeState | ShowCard | UndoCard | HideCard)})
    slots = _slots(conn, {w.position for w in writes if isinstance(w, ShowCard)})
    outcomes: list[Outcome] = []
    for write in writes:
        try:
            outcomes.append(_decide(context, write, stages, slots))
        except Refusal as refusal:
            outcomes.append(refusal)
    changed = [_row(session, stage) for session, stage in sorted(stages.items()) if stage.changed]
    if changed:
        conn.execute(_KEEP, changed)
    return outcomes


def _decide(
    context: Context,
    write: Write,
    stages: dict[SessionId, _Stage],
    slots: dict[tuple[SessionId, PositionId], _Slot],
) -> Effect:
    assert isinstance(write, ChangeState | ShowCard | UndoCard | HideCard)
    stage = stages.get(write.session)
    if stage is None:
        raise Refusal(Code.NOT_FOUND, what="session", id=write.session[:80])
    if isinstance(write, ChangeState):
        return _change_state(context, write, stage)
    refusal = off_air(write.session, stage.state)
    if refusal is not None:
        raise refusal
    if isinstance(write, ShowCard):
        effect = _show(write, stage, slots.get((write.session, write.position)))
    else:
        effect = _undo(write, stage) if isinstance(write, UndoCard) else _hide(write, stage)
    stage.changed = True
    return effect


def _change_state(context: Context, write: ChangeState, stage: _Stage) -> Effect:
    if stage.state is S.ENDED:
        raise Refusal(Code.SESSION_ENDED, session=write.session)
    if stage.state is write.state is S.LIVE:
        raise Refusal(Code.ALREADY_LIVE, session=write.session)
    may_become = {S.LIVE: (S.SCHEDULED, S.INTERRUPTED), S.INTERRUPTED: (S.LIVE,), S.ENDED: (S.LIVE, S.INTERRUPTED)}
    if stage.state not in may_become.get(write.state, ()):
        raise Refusal(Code.SESSION_NOT_LIVE, session=write.session, state=stage.state.value)
    stage.state, stage.changed = write.state, True
    if write.state is S.LIVE and stage.live_at_ms is None:
        stage.live_at_ms = write.at_ms
    if write.state is S.ENDED:
        stage.ended_at_ms, stage.card, stage.undo = write.at_ms, None, []
    here = channel(Kind.STAGE, write.session)
    return Effect(
        reply=Done(),
        bodies=[
            (here, StateChanged(state=write.state)),
            (channel(Kind.AREA, context.province), RoomChanged(session=write.session, state=write.state)),
        ],
        offset_in=here,
    )


def _show(write: ShowCard, stage: _Stage, slot: _Slot | None) -> Effect:
    if slot is None:
        raise Refusal(Code.NOT_ON_SHELF, position=write.position[:80])
    if slot.closed:
        raise Refusal(Code.POSITION_CLOSED, position=write.position)
    stage.undo = [*stage.undo, stage.card][-UNDO_LIMIT:]
    stage.card = Card(number=slot.number, position=_position_decoder.decode(slot.body))
    return _effect(write.session, CardShown(card=stage.card), +1)


def _undo(write: UndoCard, stage: _Stage) -> Effect:
    if not stage.undo or stage.card is None:
        raise Refusal(Code.NOTHING_TO_UNDO)
    undone, stage.card = stage.card, stage.undo.pop()
    return _effect(write.session, CardUndone(position=undone.position.id, card=stage.card), -1)


def _hide(write: HideCard, stage: _Stage) -> Effect:
    if stage.card is None:
        raise Refusal(Code.NOTHING_SHOWN)
    hidden, stage.card, stage.undo = stage.card, None, []
    return _effect(write.session, CardHidden(position=hidden.position.id), 0)


def _effect(session: SessionId, body: AnyBody, cards: int) -> Effect:
    here = channel(Kind.STAGE, session)
    counts = [Count(session, CARDS, cards)] if cards else []
    return Effect(reply=Done(), bodies=[(here, body)], counts=counts, offset_in=here)


def _stages(conn: Connection, of: set[SessionId]) -> dict[SessionId, _Stage]:
    return {
        row.id: _Stage(
            state=SessionState(row.state),
            live_at_ms=row.live_at_ms,
            ended_at_ms=row.ended_at_ms,
            card=None if row.card is None else _card_decoder.decode(row.card),
            undo=[] if row.undo is None else _undo_decoder.decode(row.undo),
        )
        for row in conn.execute(_STAGES, {"sessions": sorted(of)})
    }


def _slots(conn: Connection, of: set[PositionId]) -> dict[tuple[SessionId, PositionId], _Slot]:
    if not of:
        return {}
    found = conn.execute(_SLOTS, {"positions": sorted(of)})
    return {(row.session, row.id): _Slot(row.number, row.closed, row.body) for row in found}


def _row(session: SessionId, stage: _Stage) -> dict[str, object]:
    return {
        "of": session,
        "state": stage.state.value,
        "live_at_ms": stage.live_at_ms,
        "ended_at_ms": stage.ended_at_ms,
        "card": None if stage.card is None else msgspec.msgpack.encode(stage.card),
        "undo": msgspec.msgpack.encode(stage.undo) if stage.undo else None,
    }
