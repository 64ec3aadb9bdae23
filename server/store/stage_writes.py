"""The stage: a session's life, cards shown, taken back and hidden, the notice, the picture, the chat rule."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from server.core.bodies import (
    AnyBody,
    CardHidden,
    CardShown,
    CardUndone,
    NoticeCleared,
    NoticePinned,
    PictureSet,
    RoomChanged,
    TalkRuled,
)
from server.core.channels import Kind, channel
from server.core.days import day_of
from server.core.model import Answer, Card, Channel, Position, PositionId, SessionId, is_rehearsal, rehearsed
from server.core.protocol import Done
from server.core.refusal import Code, Refusal
from server.store.areas import areas_of
from server.store.counting import CARDS
from server.store.handling import Context, Count, Effect, Outcome
from server.store.session_life import audit_cut_offs, change_state, new_rehearsal, off_air, start_rehearsals
from server.store.stage_rows import Slot, Stage, keep_stages, read_slots, read_stages
from server.store.talk_queries import answers_of
from server.store.writes import (
    ChangeState,
    HideCard,
    PinNotice,
    SetPicture,
    SetTalk,
    ShowCard,
    StartRehearsal,
    UndoCard,
    Write,
)

UNDO_LIMIT: Final = 10
"""How many shows in a row can be taken back."""

OnStage = ChangeState | ShowCard | UndoCard | HideCard | PinNotice | SetPicture | SetTalk
Slots = dict[tuple[SessionId, PositionId], Slot]
Answers = dict[PositionId, tuple[Answer, ...]]
_position_decoder: Final = msgspec.msgpack.Decoder(Position)


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The heads that guard these writes."""
    wanted: set[Channel] = set()
    changing = {write.session for write in writes if isinstance(write, ChangeState)}
    wanted.update(name for areas in areas_of(conn, changing).values() for name in areas)
    for write in writes:
        match write:
            case ChangeState(session=session):
                wanted |= {channel(kind, session) for kind in (Kind.STAGE, Kind.CHAT, Kind.DESK)}
                wanted.add(channel(Kind.AREA, context.province))
            case StartRehearsal(session=session):
                wanted |= {channel(Kind.STAGE, session), channel(Kind.STAGE, new_rehearsal(context, write))}
            case SetTalk(session=session):
                wanted |= {channel(kind, session) for kind in (Kind.STAGE, Kind.CHAT)}
            case ShowCard() | UndoCard() | HideCard() | PinNotice() | SetPicture():
                wanted.add(channel(Kind.STAGE, write.session))
    return wanted


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order; rehearsals, which touch nothing that is there, first."""
    rehearsals = [write for write in writes if isinstance(write, StartRehearsal)]
    started = iter(start_rehearsals(conn, context, rehearsals))
    stages = read_stages(conn, {write.session for write in writes if isinstance(write, OnStage)})
    shown = {w.position for w in writes if isinstance(w, ShowCard)}
    slots, answers = read_slots(conn, shown), answers_of(conn, shown)
    areas = areas_of(conn, {write.session for write in writes if isinstance(write, ChangeState)})
    outcomes: list[Outcome] = []
    cut_off: list[ChangeState] = []
    for write in writes:
        if isinstance(write, StartRehearsal):
            outcomes.append(next(started))
            continue
        try:
            effect = _decide(context, write, stages, slots, answers)
        except Refusal as refusal:
            outcomes.append(refusal)
            continue
        outcomes.append(effect)
        if isinstance(write, ChangeState):
            changed = RoomChanged(session=write.session, state=write.state)
            told = {name for name, _ in effect.bodies}
            effect.bodies += [(name, changed) for name in areas.get(write.session, ()) if name not in told]
            cut_off.append(write)
    keep_stages(conn, stages)
    audit_cut_offs(conn, cut_off)
    return outcomes


def _decide(context: Context, write: Write, stages: dict[SessionId, Stage], slots: Slots, answers: Answers) -> Effect:
    assert isinstance(write, OnStage)
    stage = stages.get(write.session)
    if stage is None:
        raise Refusal(Code.NOT_FOUND, what="session", id=write.session[:80])
    match write:
        case ChangeState():
            return change_state(context, write, stage)
        case PinNotice():
            effect = _pin(write, stage)
        case SetPicture(picture=picture):
            stage.set_picture(picture)
            effect = _effect(write.session, PictureSet(picture=picture), 0)
        case SetTalk(talk=talk):
            stage.set_talk(talk)
            effect = _effect(write.session, TalkRuled(talk=talk), 0)
        case _:
            effect = _about_cards(write, stage, slots, answers)
    stage.changed = True
    return effect


def _about_cards(write: ShowCard | UndoCard | HideCard, stage: Stage, slots: Slots, answers: Answers) -> Effect:
    refusal = off_air(write.session, stage.state)
    if refusal is not None:
        raise refusal
    if isinstance(write, ShowCard):
        return _show(write, stage, slots.get((rehearsed(write.session), write.position)), answers)
    return _undo(write, stage) if isinstance(write, UndoCard) else _hide(write, stage)


def _pin(write: PinNotice, stage: Stage) -> Effect:
    """Before, during and after a broadcast alike: 「9 点开播」 is pinned before anybody is on air."""
    if not write.text and not stage.notice:
        raise Refusal(Code.NOTHING_PINNED)
    stage.notice = write.text
    return _effect(write.session, NoticePinned(text=write.text) if write.text else NoticeCleared(), 0)


def _show(write: ShowCard, stage: Stage, slot: Slot | None, answers: Answers) -> Effect:
    if slot is None:
        raise Refusal(Code.NOT_ON_SHELF, position=write.position[:80])
    if slot.closed or (slot.shown_until and slot.shown_until < day_of(write.at_ms)):
        raise Refusal(Code.POSITION_CLOSED, position=write.position)
    stage.undo = [*stage.undo, stage.card][-UNDO_LIMIT:]
    position = _position_decoder.decode(slot.body)
    stage.card = Card(number=slot.number, position=position, answers=answers.get(write.position, ()))
    return _effect(write.session, CardShown(card=stage.card), +1)


def _undo(write: UndoCard, stage: Stage) -> Effect:
    if not stage.undo or stage.card is None:
        raise Refusal(Code.NOTHING_TO_UNDO)
    undone, stage.card = stage.card, stage.undo.pop()
    return _effect(write.session, CardUndone(position=undone.position.id, card=stage.card), -1)


def _hide(write: HideCard, stage: Stage) -> Effect:
    if stage.card is None:
        raise Refusal(Code.NOTHING_SHOWN)
    hidden, stage.card, stage.undo = stage.card, None, []
    return _effect(write.session, CardHidden(position=hidden.position.id), 0)


def _effect(session: SessionId, body: AnyBody, cards: int) -> Effect:
    """A rehearsal is counted nowhere."""
    here = channel(Kind.STAGE, session)
    counts = [Count(session, CARDS, cards)] if cards and not is_rehearsal(session) else []
    return Effect(reply=Done(), bodies=[(here, body)], counts=counts, offset_in=here)
