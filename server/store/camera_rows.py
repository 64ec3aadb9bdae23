"""Rows of phones that are a session's camera. Functions of a connection; those that change something are for
`Store.transact` and leave a line in the audit log. No commands: a secret must not lie in a reply that is kept."""

from typing import Final

import msgspec
from sqlalchemy import Connection, delete, insert, select

from server.core.model import PersonId, SessionId
from server.store.tables import audit, camera_passes

PASSES_MOST: Final = 6
"""Of one session; the oldest makes room."""


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """What a digest stands for. `paired`: it is a phone's own; else it is what a QR code says. `made_at_ms`: when the
    host offered it, before and after pairing."""

    session: SessionId
    paired: bool
    made_by: PersonId
    made_at_ms: int
    until_ms: int


def add(conn: Connection, digest: bytes, made: Pass, at_ms: int) -> None:
    """A new one; those that ended go."""
    conn.execute(delete(camera_passes).where(camera_passes.c.until_ms <= at_ms))
    here = camera_passes.c.session == made.session
    newest_first = select(camera_passes.c.digest).where(here).order_by(camera_passes.c.made_at_ms.desc())
    gone = list(conn.execute(newest_first).scalars())[PASSES_MOST - 1 :]
    conn.execute(delete(camera_passes).where(camera_passes.c.digest.in_(gone)))
    conn.execute(insert(camera_passes), {"digest": digest, **msgspec.structs.asdict(made)})
    _note(conn, made.made_by, "pair_camera" if made.paired else "offer_camera", made.session, at_ms)


def find(conn: Connection, digest: bytes, at_ms: int) -> Pass | None:
    """What it stands for, None when it is nothing or has ended."""
    row = conn.execute(select(camera_passes).where(camera_passes.c.digest == digest)).mappings().first()
    if row is None or row["until_ms"] <= at_ms:
        return None
    return msgspec.convert({name: row[name] for name in Pass.__struct_fields__}, Pass)


def pair(conn: Connection, ticket: bytes, phone: bytes, until_ms: int, at_ms: int) -> Pass | None:
    """What the QR code says becomes the phone's own; None when it is nothing, has ended or was used."""
    offered = find(conn, ticket, at_ms)
    if offered is None or offered.paired:
        return None
    if not conn.execute(delete(camera_passes).where(camera_passes.c.digest == ticket)).rowcount:
        return None
    paired = msgspec.structs.replace(offered, paired=True, until_ms=until_ms)
    add(conn, phone, paired, at_ms)
    return paired


def revoke(conn: Connection, session: SessionId, by: PersonId, at_ms: int) -> int:
    """No phone may send that session's picture any more, nor that of its rehearsals; how many there were."""
    here = camera_passes.c.session
    ours = (here == session) | here.startswith(f"{session}~", autoescape=True)
    gone = conn.execute(delete(camera_passes).where(ours)).rowcount
    if gone:
        _note(conn, by, "revoke_cameras", session, at_ms)
    return gone


def _note(conn: Connection, by: PersonId, what: str, session: SessionId, at_ms: int) -> None:
    conn.execute(audit.insert(), {"at_ms": at_ms, "by": by, "what": what, "subject": f"session/{session}"})
