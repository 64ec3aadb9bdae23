"""Stream keys and restream targets: who made them, what they open. Functions of a connection; those that change
something are for `Store.transact` and leave a line in the audit log.

They are no commands with a kept reply: a reply that holds a secret would lie in the key table for a week.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from server.core.model import ON_AIR, PersonId, SessionId, SessionState
from server.core.refusal import Code, Refusal
from server.store.keyring import Keyring
from server.store.tables import audit, restream_targets, sessions, stream_keys

TARGETS_MOST: Final = 3


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who does it, when."""

    by: PersonId
    at_ms: int


class StreamKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a key."""

    session: SessionId
    stream: str
    digest: bytes
    made_at_ms: int

    def __repr__(self) -> str:
        return f"StreamKey({self.session})"


class RestreamTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A platform the picture goes on to. Never printed: address and key are in it."""

    session: SessionId
    slot: int
    name: str
    url: str
    key: str
    running: bool

    def __repr__(self) -> str:
        return f"RestreamTarget({self.session}, {self.slot})"


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    url: str
    key: str


_sealed = msgspec.msgpack.Decoder(_Sealed)


def stream_key(conn: Connection, session: SessionId) -> StreamKey | None:
    """The session's key, if it has one."""
    return _key(conn, stream_keys.c.session == session)


def key_of_stream(conn: Connection, stream: str) -> StreamKey | None:
    """Whose stream that is."""
    return _key(conn, stream_keys.c.stream == stream)


def keys_made(conn: Connection) -> dict[SessionId, int]:
    """Which sessions have a key, and when it was made."""
    rows = conn.execute(select(stream_keys.c.session, stream_keys.c.made_at_ms))
    return {SessionId(row.session): row.made_at_ms for row in rows}


def picture_of_stream(conn: Connection, stream: str) -> tuple[StreamKey, SessionId] | None:
    """Whose stream that is, and which session's picture it is now: while a session waits and is rehearsed, that of the
    rehearsal, so that the same encoder with the same key serves both."""
    found = key_of_stream(conn, stream)
    if found is None:
        return None
    state = conn.execute(select(sessions.c.state).where(sessions.c.id == found.session)).scalar()
    if state not in {each.value for each in ON_AIR}:
        open_one = select(sessions.c.id).where(
            sessions.c.rehearses == found.session, sessions.c.state == SessionState.REHEARSAL.value
        )
        rehearsal = conn.execute(open_one.order_by(sessions.c.id.desc()).limit(1)).scalar()
        if rehearsal is not None:
            return found, SessionId(rehearsal)
    return found, found.session


def _key(conn: Connection, which: ColumnElement[bool]) -> StreamKey | None:
    row = conn.execute(select(stream_keys).where(which)).first()
    if row is None:
        return None
    return StreamKey(session=row.session, stream=row.stream, digest=row.digest, made_at_ms=row.made_at_ms)


def make_stream_key(conn: Connection, session: SessionId, stream: str, digest: bytes, who: Who) -> None:
    """A new key; the old one opens nothing any more. Raises `Refusal(NOT_FOUND)`."""
    if conn.execute(select(sessions.c.id).where(sessions.c.id == session)).first() is None:
        raise Refusal(Code.NOT_FOUND, what="session", id=session[:80])
    conn.execute(delete(stream_keys).where(stream_keys.c.session == session))
    row = {"session": session, "stream": stream, "digest": digest, "made_by": who.by, "made_at_ms": who.at_ms}
    conn.execute(insert(stream_keys), row)
    _note(conn, who, "make_stream_key", f"session/{session}: {stream}")


def revoke_stream_key(conn: Connection, session: SessionId, who: Who) -> bool:
    """Whether there was one."""
    gone = conn.execute(delete(stream_keys).where(stream_keys.c.session == session)).rowcount > 0
    if gone:
        _note(conn, who, "revoke_stream_key", f"session/{session}")
    return gone


def targets_of(conn: Connection, session: SessionId, keyring: Keyring) -> tuple[RestreamTarget, ...]:
    """The session's, by slot. Raises `SealBroken`."""
    return _targets(conn, restream_targets.c.session == session, keyring)


def running_targets(
    conn: Connection, sessions_here: Sequence[SessionId], keyring: Keyring
) -> tuple[RestreamTarget, ...]:
    """Where pictures of those sessions shall go. Raises `SealBroken`."""
    return _targets(conn, restream_targets.c.running & restream_targets.c.session.in_(sessions_here), keyring)


def _targets(conn: Connection, which: ColumnElement[bool], keyring: Keyring) -> tuple[RestreamTarget, ...]:
    wanted = select(restream_targets).where(which)
    found = []
    for row in conn.execute(wanted.order_by(restream_targets.c.session, restream_targets.c.slot)):
        opened = _sealed.decode(keyring.open(row.sealed, _purpose(row.session, row.slot)))
        found.append(
            RestreamTarget(
                session=row.session,
                slot=row.slot,
                name=row.name,
                url=opened.url,
                key=opened.key,
                running=row.running,
            )
        )
    return tuple(found)


def put_target(conn: Connection, target: RestreamTarget, keyring: Keyring, who: Who) -> None:
    """Add it or put it in the place of what its slot held. Raises `Refusal(NOT_FOUND)`."""
    if conn.execute(select(sessions.c.id).where(sessions.c.id == target.session)).first() is None:
        raise Refusal(Code.NOT_FOUND, what="session", id=target.session[:80])
    purpose = _purpose(target.session, target.slot)
    _delete(conn, target.session, target.slot)
    conn.execute(
        insert(restream_targets),
        {
            "session": target.session,
            "slot": target.slot,
            "name": target.name,
            "sealed": keyring.seal(msgspec.msgpack.encode(_Sealed(target.url, target.key)), purpose),
            "running": target.running,
            "made_by": who.by,
            "made_at_ms": who.at_ms,
        },
    )
    _note(conn, who, "put_restream_target", f"session/{target.session}: {target.slot}")


def run_target(conn: Connection, session: SessionId, slot: int, running: bool, who: Who) -> None:
    """Send to it, or not. Raises `Refusal(NOT_FOUND)`."""
    changed = update(restream_targets).where(restream_targets.c.session == session, restream_targets.c.slot == slot)
    if not conn.execute(changed.values(running=running)).rowcount:
        raise Refusal(Code.NOT_FOUND, what="target", id=str(slot))
    _note(conn, who, "start_restream" if running else "stop_restream", f"session/{session}: {slot}")


def drop_target(conn: Connection, session: SessionId, slot: int, who: Who) -> None:
    """Its address and key are gone."""
    if _delete(conn, session, slot):
        _note(conn, who, "drop_restream_target", f"session/{session}: {slot}")


def _delete(conn: Connection, session: SessionId, slot: int) -> int:
    gone = delete(restream_targets).where(restream_targets.c.session == session, restream_targets.c.slot == slot)
    return conn.execute(gone).rowcount


def _purpose(session: str, slot: int) -> str:
    return f"restream {session} {slot}"


def prune_streaming(conn: Connection, before_ms: int) -> int:
    """Keys and platforms of sessions that ended before that moment go: nobody needs them, and they are secrets."""
    over = select(sessions.c.id).where(sessions.c.ended_at_ms < before_ms)
    gone = conn.execute(delete(stream_keys).where(stream_keys.c.session.in_(over))).rowcount
    return gone + conn.execute(delete(restream_targets).where(restream_targets.c.session.in_(over))).rowcount


def _note(conn: Connection, who: Who, what: str, subject: str) -> None:
    conn.execute(audit.insert(), {"at_ms": who.at_ms, "by": who.by, "what": what, "subject": subject})
