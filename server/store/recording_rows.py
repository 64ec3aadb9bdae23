"""What was decided about recordings: hidden from viewers, or to be deleted as soon as the law allows it."""

from typing import Final

import msgspec
from sqlalchemy import Connection, Select, select

from server.core.model import PersonId, SessionId
from server.core.refusal import Code, Refusal
from server.store.engines import insert_new
from server.store.retention import DAY_MS, MINIMUM_DAYS
from server.store.tables import audit, hidden_recordings, sessions

LEAST_MS: Final = MINIMUM_DAYS["media"] * DAY_MS
"""Before that no recording is deleted, whoever asks (互联网直播服务管理规定 Art. 16)."""
HIDE: Final = "hide_recording"
SHOW: Final = "show_recording"
ASK_DELETE: Final = "ask_delete_recording"
DELETED: Final = "delete_recording"
HOUSE: Final = "house"


class Hidden(msgspec.Struct, frozen=True, kw_only=True):
    """A recording viewers do not see. `delete`: it goes as soon as it may."""

    session: SessionId
    at_ms: int
    delete: bool


class Deciding(msgspec.Struct, frozen=True, kw_only=True):
    """Who decides, when."""

    by: PersonId
    at_ms: int


_ALL: Final[Select[tuple[str, int, bool]]] = select(
    hidden_recordings.c.session, hidden_recordings.c.at_ms, hidden_recordings.c.wants_deletion
)


def hidden(conn: Connection) -> dict[SessionId, Hidden]:
    """All of them; there are few."""
    return {
        SessionId(row.session): Hidden(session=SessionId(row.session), at_ms=row.at_ms, delete=bool(row.wants_deletion))
        for row in conn.execute(_ALL)
    }


def is_hidden(conn: Connection, session: SessionId) -> bool:
    """Whether viewers may not see it."""
    wanted = select(hidden_recordings.c.at_ms).where(hidden_recordings.c.session == session)
    return conn.execute(wanted).first() is not None


def hide(conn: Connection, session: SessionId, who: Deciding, *, delete: bool) -> None:
    """From now on nobody sees it; with `delete` it goes as soon as it may, and stays hidden for good. Raises
    `Refusal(NOT_FOUND)`."""
    _require(conn, session)
    row = {"session": session, "at_ms": who.at_ms, "by": who.by, "wants_deletion": delete}
    conn.execute(insert_new(conn.dialect.name, hidden_recordings), row)
    if delete:
        changed = hidden_recordings.update().where(hidden_recordings.c.session == session)
        conn.execute(changed.values(wants_deletion=True))
    _note(conn, who, ASK_DELETE if delete else HIDE, session)


def show(conn: Connection, session: SessionId, who: Deciding) -> None:
    """Viewers see it again. Raises `Refusal(NOT_FOUND)`."""
    _require(conn, session)
    conn.execute(hidden_recordings.delete().where(hidden_recordings.c.session == session))
    _note(conn, who, SHOW, session)


def note_deleted(conn: Connection, session: SessionId, words: str, at_ms: int) -> None:
    """The proof of a deletion; `words` name generations, bytes and digest."""
    row = {"at_ms": at_ms, "by": HOUSE, "what": DELETED, "subject": session, "why": words}
    conn.execute(audit.insert(), row)


def deletions(conn: Connection, at_most: int) -> list[tuple[int, str, str]]:
    """When, which session, and the words of the last ones, the newest first."""
    wanted = select(audit.c.at_ms, audit.c.subject, audit.c.why).where(audit.c.what == DELETED)
    return [tuple(row) for row in conn.execute(wanted.order_by(audit.c.n.desc()).limit(at_most))]


def _require(conn: Connection, session: SessionId) -> None:
    if conn.execute(select(sessions.c.id).where(sessions.c.id == session)).first() is None:
        raise Refusal(Code.NOT_FOUND, what="session", id=session[:80])


def _note(conn: Connection, who: Deciding, what: str, session: SessionId) -> None:
    conn.execute(audit.insert(), {"at_ms": who.at_ms, "by": who.by, "what": what, "subject": session})
