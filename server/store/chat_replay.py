"""The chat of a session that is over, by time: the log has no index of times, but times grow with offsets."""

from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from server.core.bodies import Line, LineRemoved, decode_body
from server.core.channels import Kind, channel
from server.core.model import Channel, Entry, SessionId
from server.store import log_queries
from server.store.tables import log

LINES_MOST: Final = 300
"""Lines of one stretch of two minutes: more than anybody reads in it."""
_SHORT_BYTES: Final = 48
"""A removal is shorter than this, and hardly any line is."""

_AT: Final = (
    select(log.c.offset, log.c.at_ms)
    .where(log.c.channel == bindparam("channel"), log.c.offset >= bindparam("from"))
    .order_by(log.c.offset)
    .limit(1)
)
_SHORT: Final = select(log.c.body).where(
    log.c.channel == bindparam("channel"), func.length(log.c.body) <= bindparam("bytes")
)


def removed(conn: Connection, session: SessionId) -> frozenset[int]:
    """Offsets of lines that were taken away."""
    rows = conn.execute(_SHORT, {"channel": channel(Kind.CHAT, session), "bytes": _SHORT_BYTES})
    bodies = (decode_body(row.body) for row in rows if b"line_removed" in row.body)
    return frozenset(body.line for body in bodies if isinstance(body, LineRemoved))


def stretch(conn: Connection, session: SessionId, from_ms: int, to_ms: int) -> list[tuple[int, int, Line]]:
    """Offset, moment and line of what was said between two moments, the first LINES_MOST."""
    of = channel(Kind.CHAT, session)
    found: list[tuple[int, int, Line]] = []
    after = _first(conn, of, from_ms) - 1
    while len(found) < LINES_MOST:
        entries = log_queries.entries(conn, of, after, LINES_MOST)
        found += _lines(entries, from_ms, to_ms)
        if len(entries) < LINES_MOST or entries[-1].at_ms >= to_ms:
            break
        after = entries[-1].offset
    return found[:LINES_MOST]


def _lines(entries: list[Entry], from_ms: int, to_ms: int) -> list[tuple[int, int, Line]]:
    found = []
    for entry in entries:
        if from_ms <= entry.at_ms < to_ms:
            body = decode_body(entry.body)
            if isinstance(body, Line) and not body.caption:
                found.append((entry.offset, entry.at_ms, body))
    return found


def _first(conn: Connection, of: Channel, from_ms: int) -> int:
    """The first offset whose moment is not before that one; a step beyond the end where there is none."""
    low, high = 1, log_queries.head(conn, of).offset + 1
    while low < high:
        middle = (low + high) // 2
        row = conn.execute(_AT, {"channel": of, "from": middle}).first()
        if row is None or row.at_ms >= from_ms:
            high = middle
        else:
            low = row.offset + 1
    return low
