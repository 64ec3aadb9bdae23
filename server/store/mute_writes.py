"""Mutes: they follow the phone, so that another browser of the same person is silent too, and can be undone."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, or_, select, update

from server.core.bodies import Muted, Unmuted
from server.core.channels import Kind, channel
from server.core.model import Channel, MuteLength
from server.core.protocol import Done
from server.core.refusal import Code, Refusal
from server.store.auditing import note
from server.store.handling import Context, Effect, Outcome, decide_each
from server.store.phone_queries import phones_of
from server.store.tables import mutes
from server.store.talk_rows import by_person, operators_among, rooms_of, scopes_of, speakers_of
from server.store.writes import Mute, Unmute, Write

_ID_BYTES: Final = 8
_LIFT: Final = (
    update(mutes)
    .where(
        mutes.c.scope.in_(bindparam("scopes", expanding=True)),
        mutes.c.author == bindparam("of_author"),
        mutes.c.session == bindparam("of_session"),
        mutes.c.lifted_at_ms == 0,
    )
    .values(lifted_at_ms=bindparam("at"))
)
_STANDING_BY: Final = select(mutes.c.by).where(
    mutes.c.scope.in_(bindparam("scopes", expanding=True)),
    mutes.c.author == bindparam("of_author"),
    mutes.c.session == bindparam("of_session"),
    mutes.c.lifted_at_ms == 0,
    or_(mutes.c.until_ms == 0, mutes.c.until_ms > bindparam("at")),
)


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """Told on the desk; the head of the chat keeps a line and a mute in one order."""
    kinds = (Kind.CHAT, Kind.DESK)
    return {channel(kind, w.session) for w in writes if isinstance(w, Mute | Unmute) for kind in kinds}


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order. Mutes are rare: one after another is fine."""
    return decide_each(
        writes, lambda write: _mute(conn, context, write) if isinstance(write, Mute) else _unmute(conn, write)
    )


def _mute(conn: Connection, context: Context, write: Mute) -> Effect:
    room = rooms_of(conn, [write.session]).get(write.session)
    speaker = speakers_of(conn, [(write.session, write.author)]).get((write.session, write.author))
    if room is None or speaker is None:
        raise Refusal(Code.NOT_FOUND, what="author", id=write.author[:80])
    session, fair = scopes_of(write.session, room.fair)
    phones = phones_of(conn, [speaker.person]).get(speaker.person, frozenset())
    row: dict[str, Any] = {
        "id": context.random_bytes(_ID_BYTES).hex(),
        "scope": fair if write.length is MuteLength.FAIR else session,
        "session": write.session,
        "author": write.author,
        "name": speaker.name,
        "length": write.length.value,
        "until_ms": write.until_ms,
        "reason": write.reason,
        "by": write.by,
        "at_ms": write.at_ms,
        "lifted_at_ms": 0,
    }
    conn.execute(mutes.insert(), [{**row, "who": who} for who in (by_person(speaker.person), *sorted(phones))])
    _note(conn, write, "mute", write.length.value)
    body = Muted(
        author=write.author,
        length=write.length,
        until_ms=write.until_ms,
        reason=write.reason,
        by_operator=bool(operators_among(conn, [write.by])),
    )
    return Effect(reply=Done(), bodies=[(channel(Kind.DESK, write.session), body)])


def _unmute(conn: Connection, write: Write) -> Effect:
    assert isinstance(write, Unmute)
    room = rooms_of(conn, [write.session]).get(write.session)
    lifted = 0
    if room is not None:
        scopes = list(scopes_of(write.session, room.fair))
        wanted = {"scopes": scopes, "of_author": write.author, "of_session": write.session, "at": write.at_ms}
        by = set(conn.execute(_STANDING_BY, wanted).scalars())
        # What an operator of the branch forbade, the room does not allow again.
        if operators_among(conn, by) and not operators_among(conn, [write.by]):
            raise Refusal(Code.FORBIDDEN, needs="operator")
        lifted = conn.execute(_LIFT, wanted).rowcount
    if not lifted:
        raise Refusal(Code.NOT_FOUND, what="mute", id=write.author[:80])
    _note(conn, write, "unmute", "")
    return Effect(reply=Done(), bodies=[(channel(Kind.DESK, write.session), Unmuted(author=write.author))])


def _note(conn: Connection, write: Mute | Unmute, what: str, how: str) -> None:
    subject = f"session/{write.session}: {write.author} {how}".strip()
    note(conn, write, what, subject)
