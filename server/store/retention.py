"""How long what is kept is kept at least, as data, and the deleting of what is older.

The minimum is law: live-streaming platforms keep content and transaction records 60 days (互联网直播服务管理规定
Art. 16) and network logs six months (网络安全法 Art. 21); recruitment information and services 3 years
(人力资源市场暂行条例 Art. 32, with 网络招聘服务管理规定 Art. 25). Heads are never deleted: an offset is given once.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, tuple_

from server.core.channels import DELIVERY
from server.core.limits import KEYS_KEPT_DAYS
from server.store.phone_queries import CONFIRMED_FOR_DAYS
from server.store.streaming_rows import prune_streaming
from server.store.tables import audit, confirmed_phones, invitations, keys, log, speakers, waiting_lines

DAY_MS: Final = 24 * 60 * 60 * 1000
MINIMUM_DAYS: Final[Mapping[str, int]] = {
    "session": 60,
    "chat": 60,
    "media": 60,
    "network": 180,
    "audit": 180,
    "application": 1095,
    "position": 1095,
}
"""Retention class to days. `channels.DELIVERY` names the class of each kind of channel."""
INVITATIONS_KEPT_DAYS: Final = 30
"""After they ended: they hold name and number of somebody who may never have come (个人信息保护法 Art. 47)."""
STREAMING_KEPT_DAYS: Final = 7
"""Stream keys and platforms, after their session ended; it may be opened again on its day."""
PIECE_ROWS: Final = 2_000
"""Rows deleted by one call, so that writes never wait long."""


def prune(conn: Connection, now_ms: int, days: Mapping[str, int] | None = None, piece_rows: int = PIECE_ROWS) -> int:
    """Delete log entries, keys and audit lines that are older than their class asks; at most `piece_rows` of each.

    Returns how many went; call again until it is 0. `days` may ask for more than the minimum, never for less
    (`ValueError`).
    """
    kept = {**MINIMUM_DAYS, **(days or {})}
    short = [name for name, least in MINIMUM_DAYS.items() if kept[name] < least]
    if short:
        raise ValueError(f"kept for less than the law asks: {', '.join(short)}")
    return (
        _prune_logs(conn, now_ms, kept, piece_rows)
        + _prune_keys(conn, now_ms - KEYS_KEPT_DAYS * DAY_MS, piece_rows)
        + _prune_confirmations(conn, now_ms - CONFIRMED_FOR_DAYS * DAY_MS, piece_rows)
        + _prune_invitations(conn, now_ms - INVITATIONS_KEPT_DAYS * DAY_MS, piece_rows)
        + _prune_talk(conn, now_ms - kept["chat"] * DAY_MS, piece_rows)
        + prune_streaming(conn, now_ms - STREAMING_KEPT_DAYS * DAY_MS)
        + _prune_audit(conn, now_ms - kept["audit"] * DAY_MS, piece_rows)
    )


def _prune_logs(conn: Connection, now_ms: int, days: Mapping[str, int], at_most: int) -> int:
    old: list[ColumnElement[bool]] = [
        and_(
            log.c.channel >= f"{kind.value}/",
            log.c.channel < f"{kind.value}0",
            log.c.at_ms < now_ms - days[delivery.retention] * DAY_MS,
        )
        for kind, delivery in DELIVERY.items()
        if delivery.logged
    ]
    piece = select(log.c.channel, log.c.offset).where(or_(*old)).limit(at_most)
    return conn.execute(delete(log).where(tuple_(log.c.channel, log.c.offset).in_(piece))).rowcount


def _prune_keys(conn: Connection, before_ms: int, at_most: int) -> int:
    piece = select(keys.c.scoped).where(keys.c.at_ms < before_ms).limit(at_most)
    return conn.execute(delete(keys).where(keys.c.scoped.in_(piece))).rowcount


def _prune_confirmations(conn: Connection, before_ms: int, at_most: int) -> int:
    """Numbers are given to somebody else: what a code proved ends after a year, and is asked for again."""
    old = select(confirmed_phones.c.person, confirmed_phones.c.phone_hmac)
    piece = old.where(confirmed_phones.c.at_ms < before_ms).limit(at_most)
    pair = tuple_(confirmed_phones.c.person, confirmed_phones.c.phone_hmac)
    return conn.execute(delete(confirmed_phones).where(pair.in_(piece))).rowcount


def _prune_invitations(conn: Connection, before_ms: int, at_most: int) -> int:
    piece = select(invitations.c.id).where(invitations.c.expires_at_ms < before_ms).limit(at_most)
    return conn.execute(delete(invitations).where(invitations.c.id.in_(piece))).rowcount


def _prune_talk(conn: Connection, before_ms: int, at_most: int) -> int:
    """Who said what, and the lines that waited, go with the chat itself (互联网直播服务管理规定 Art. 16)."""
    lines = select(waiting_lines.c.id).where(waiting_lines.c.at_ms < before_ms).limit(at_most)
    who = select(speakers.c.session, speakers.c.author).where(speakers.c.last_at_ms < before_ms).limit(at_most)
    gone = conn.execute(delete(waiting_lines).where(waiting_lines.c.id.in_(lines))).rowcount
    return gone + conn.execute(delete(speakers).where(tuple_(speakers.c.session, speakers.c.author).in_(who))).rowcount


def _prune_audit(conn: Connection, before_ms: int, at_most: int) -> int:
    piece = select(audit.c.n).where(audit.c.at_ms < before_ms).limit(at_most)
    return conn.execute(delete(audit).where(audit.c.n.in_(piece))).rowcount
