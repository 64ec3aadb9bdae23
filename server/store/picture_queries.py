"""Where the pictures of sessions are said to be."""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from server.core.model import Picture, PictureKind, SessionId
from server.store.tables import sessions

_decoder: Final = msgspec.msgpack.Decoder(Picture)
_SAID: Final = select(sessions.c.id, sessions.c.picture).where(
    sessions.c.id.in_(bindparam("ids", expanding=True)), sessions.c.picture.is_not(None)
)


def not_here(conn: Connection, ids: Iterable[SessionId]) -> frozenset[SessionId]:
    """Those of them whose picture is elsewhere, or that have none by intent."""
    rows = conn.execute(_SAID, {"ids": list(ids)})
    return frozenset(SessionId(row.id) for row in rows if _decoder.decode(row.picture).kind is not PictureKind.HERE)
