"""Reading logs: heads, entries, and what a newcomer must know of a channel as of its head."""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, literal, select

from server.core.channels import Kind, channel
from server.core.model import (
    Card,
    Channel,
    Entry,
    Epoch,
    Head,
    MyApplication,
    PersonId,
    Picture,
    RegionCode,
    Session,
    SessionId,
    TalkRule,
)
from server.core.refusal import Code, Refusal
from server.core.stage_fold import StageState
from server.store import application_queries, catalogue_queries
from server.store.tables import heads as head_rows
from server.store.tables import log, meta, sessions

_card_decoder: Final = msgspec.msgpack.Decoder(Card)
_picture_decoder: Final = msgspec.msgpack.Decoder(Picture)
_talk_decoder: Final = msgspec.msgpack.Decoder(TalkRule)
_STANDING: Final = select(sessions.c.card, sessions.c.notice, sessions.c.picture, sessions.c.talk).where(
    sessions.c.id == bindparam("session")
)
_EPOCH: Final = select(meta.c.value).where(meta.c.name == "epoch").scalar_subquery()
_TOP: Final = select(head_rows.c.top).where(head_rows.c.channel == bindparam("channel")).scalar_subquery()
_HEAD: Final = select(_EPOCH, _TOP)
_HEADS: Final = select(literal(""), _EPOCH, literal(0)).union_all(
    select(head_rows.c.channel, literal(""), head_rows.c.top).where(
        head_rows.c.channel.in_(bindparam("channels", expanding=True))
    )
)
_ENTRIES: Final = (
    select(log.c.offset, log.c.at_ms, log.c.body)
    .where(log.c.channel == bindparam("channel"), log.c.offset > bindparam("after"))
    .order_by(log.c.offset)
    .limit(bindparam("at_most"))
)
_LAST: Final = (
    select(log.c.offset, log.c.at_ms, log.c.body)
    .where(log.c.channel == bindparam("channel"))
    .order_by(log.c.offset.desc())
    .limit(bindparam("at_most"))
)


def head(conn: Connection, channel: Channel) -> Head:
    """The end of the channel's log; offset 0 for a channel nothing was ever written to."""
    epoch, top = conn.execute(_HEAD, {"channel": channel}).one()
    return Head(Epoch(epoch), top or 0)


def heads(conn: Connection, channels: Iterable[Channel]) -> dict[Channel, Head]:
    """The heads of all these channels, in one statement."""
    wanted = list(channels)
    rows = conn.execute(_HEADS, {"channels": wanted}).all()
    epoch = next(Epoch(row[1]) for row in rows if not row[0])
    tops = {row[0]: row[2] for row in rows if row[0]}
    return {name: Head(epoch, tops.get(name, 0)) for name in wanted}


def entries(conn: Connection, channel: Channel, after: int, limit: int) -> list[Entry]:
    """The entries that follow an offset, at most `limit`. Where retention has passed, the first one's offset is
    greater than `after + 1`: the reader sees the hole."""
    rows = conn.execute(_ENTRIES, {"channel": channel, "after": after, "at_most": limit})
    return [Entry(*row) for row in rows]


def last_entries(conn: Connection, channel: Channel, n: int) -> list[Entry]:
    """The last `n` entries, oldest first."""
    rows = conn.execute(_LAST, {"channel": channel, "at_most": n}).all()
    return [Entry(*row) for row in reversed(rows)]


def stage(conn: Connection, session: SessionId) -> tuple[Session, Card | None, Head]:
    """The session, the card that stands, and the offset as of which both are so. Raises `Refusal(NOT_FOUND)`."""
    found = catalogue_queries.session(conn, session)
    card = conn.execute(select(sessions.c.card).where(sessions.c.id == session)).scalar()
    return found, None if card is None else _card_decoder.decode(card), head(conn, channel(Kind.STAGE, session))


def standing(conn: Connection, session: SessionId) -> tuple[Session, StageState, Head]:
    """The session, all that stands on its stage, and the offset as of which both are so. Raises
    `Refusal(NOT_FOUND)`."""
    found = catalogue_queries.session(conn, session)
    row = conn.execute(_STANDING, {"session": session}).one()
    state = StageState(
        state=found.state,
        card=None if row.card is None else _card_decoder.decode(row.card),
        shelf_revision=found.shelf_revision,
        cut_off=found.cut_off,
        notice=row.notice,
        picture=Picture() if row.picture is None else _picture_decoder.decode(row.picture),
        talk=talk_of(row.talk),
    )
    return found, state, head(conn, channel(Kind.STAGE, session))


def talk_of(column: bytes | None) -> TalkRule:
    """The chat rule in that column; none was set, so the default."""
    return TalkRule() if column is None else _talk_decoder.decode(column)


def me(conn: Connection, person: PersonId) -> tuple[tuple[MyApplication, ...], Head]:
    """The person's applications, newest first, and the offset as of which they are so."""
    return application_queries.of_person(conn, person), head(conn, channel(Kind.ME, person))


def area(conn: Connection, region: RegionCode) -> tuple[tuple[Session, ...], Head]:
    """The sessions of the branch, and the offset of its channel as of which they are so. Raises
    `Refusal(NOT_FOUND)`."""
    if not catalogue_queries.is_region(conn, region):
        raise Refusal(Code.NOT_FOUND, what="region", id=region[:80])
    return catalogue_queries.sessions(conn, region), head(conn, channel(Kind.AREA, region))
