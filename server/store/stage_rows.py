"""What stands on stages while a batch is decided: read set-based, changed in memory, written set-based.

Whoever changes a stage holds the head of its `stage/` channel, who changes a session's state also those of `chat/` and
`desk/`, so that two hubs never decide about one session at once.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from server.core.model import Card, Picture, PositionId, Review, SessionId, SessionState, TalkRule
from server.store.asking import ask_many
from server.store.many import execute_many
from server.store.tables import positions, sessions, shelf_slots

_card_decoder: Final = msgspec.msgpack.Decoder(Card)
_undo_decoder: Final = msgspec.msgpack.Decoder(list[Card | None])

_KEPT: Final = (
    "state",
    "live_at_ms",
    "ended_at_ms",
    "cut_off",
    "card",
    "undo",
    "notice",
    "picture",
    "talk",
)
_STAGES: Final = select(sessions.c.id, *(sessions.c[name] for name in _KEPT)).where(
    sessions.c.id.in_(bindparam("sessions", expanding=True))
)
_SLOTS: Final = (
    select(
        shelf_slots.c.session,
        shelf_slots.c.number,
        positions.c.id,
        positions.c.closed,
        positions.c.shown_until,
        positions.c.body,
    )
    .join_from(shelf_slots, positions, positions.c.id == shelf_slots.c.position)
    .where(
        shelf_slots.c.position.in_(bindparam("positions", expanding=True)),
        shelf_slots.c.removed.is_(False),
        positions.c.review == Review.APPROVED.value,
    )
)
_KEEP: Final = (
    update(sessions).where(sessions.c.id == bindparam("of")).values({name: bindparam(name) for name in _KEPT})
)


class Stage(msgspec.Struct):
    """A session's stage while a batch is decided. `picture` and `talk` stay as they lie in the row."""

    state: SessionState
    live_at_ms: int | None
    ended_at_ms: int | None
    cut_off: bool
    card: Card | None
    undo: list[Card | None]
    notice: str
    picture: bytes | None
    talk: bytes | None
    changed: bool = False

    def set_picture(self, picture: Picture) -> None:
        self.picture = msgspec.msgpack.encode(picture)

    def set_talk(self, talk: TalkRule) -> None:
        self.talk = msgspec.msgpack.encode(talk)


class Slot(msgspec.Struct, frozen=True):
    """An approved position on a shelf, as a card needs it. `body` is the msgpack of the position."""

    number: int
    closed: bool
    shown_until: str
    body: bytes


def read_stages(conn: Connection, of: Iterable[SessionId]) -> dict[SessionId, Stage]:
    """The stages of those of the sessions that exist."""
    wanted = sorted(of)
    if not wanted:
        return {}
    return {
        row.id: Stage(
            state=SessionState(row.state),
            live_at_ms=row.live_at_ms,
            ended_at_ms=row.ended_at_ms,
            cut_off=bool(row.cut_off),
            card=None if row.card is None else _card_decoder.decode(row.card),
            undo=[] if row.undo is None else _undo_decoder.decode(row.undo),
            notice=row.notice,
            picture=row.picture,
            talk=row.talk,
        )
        for row in ask_many(conn, _STAGES, {"sessions": wanted})
    }


def read_slots(conn: Connection, of: Iterable[PositionId]) -> dict[tuple[SessionId, PositionId], Slot]:
    """Where these positions stand, on every shelf that has them."""
    wanted = sorted(of)
    if not wanted:
        return {}
    found = ask_many(conn, _SLOTS, {"positions": wanted})
    return {(row.session, row.id): Slot(row.number, bool(row.closed), row.shown_until, row.body) for row in found}


def keep_stages(conn: Connection, stages: dict[SessionId, Stage]) -> None:
    """Write the stages that changed."""
    execute_many(conn, _KEEP, [_row(session, stage) for session, stage in sorted(stages.items()) if stage.changed])


def _row(session: SessionId, stage: Stage) -> dict[str, object]:
    return {
        **{name: getattr(stage, name) for name in _KEPT},
        "of": session,
        "state": stage.state.value,
        "card": None if stage.card is None else msgspec.msgpack.encode(stage.card),
        "undo": msgspec.msgpack.encode(stage.undo) if stage.undo else None,
    }
