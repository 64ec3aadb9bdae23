"""How enterprises answer, from the applications' own rows: nothing anybody could set."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from server.core.limits import REPLY_DUE_MS
from server.core.model import ApplicationId, ApplicationStatus, EnterpriseId, Firm, Replies
from server.store.application_answering import WAITING
from server.store.application_offers import rows_of
from server.store.engines import upsert
from server.store.tables import applications, enterprises, firm_visits

_answered: Final = applications.c.replied_at_ms.is_not(None)
_due: Final = and_(
    applications.c.status != ApplicationStatus.WITHDRAWN.value,
    applications.c.erased_at_ms.is_(None),
    applications.c.applied_at_ms <= bindparam("due_ms"),
)
_REPLIES: Final = (
    select(
        applications.c.enterprise,
        func.count().label("received"),
        func.count(applications.c.replied_at_ms).label("answered"),
        func.sum(applications.c.replied_at_ms - applications.c.applied_at_ms).label("sum_ms"),
    )
    .where(applications.c.enterprise.in_(bindparam("wanted", expanding=True)), or_(_answered, _due))
    .group_by(applications.c.enterprise)
)
_WAITING: Final = (
    select(
        applications.c.enterprise, func.count().label("waiting"), func.min(applications.c.applied_at_ms).label("oldest")
    )
    .where(
        applications.c.enterprise.in_(bindparam("wanted", expanding=True)),
        applications.c.consent_withdrawn_at_ms.is_(None),
        applications.c.status.in_([status.value for status in WAITING]),
    )
    .group_by(applications.c.enterprise)
)
_WAITING_IDS: Final = (
    select(applications.c.id)
    .where(
        applications.c.enterprise == bindparam("enterprise"),
        applications.c.consent_withdrawn_at_ms.is_(None),
        applications.c.status.in_([status.value for status in WAITING]),
    )
    .order_by(applications.c.applied_at_ms, applications.c.id)
    .limit(bindparam("at_most"))
)
_NAMES: Final = (
    select(enterprises.c.id, enterprises.c.name, firm_visits.c.at_ms)
    .outerjoin_from(enterprises, firm_visits, firm_visits.c.enterprise == enterprises.c.id)
    .where(enterprises.c.id.in_(bindparam("wanted", expanding=True)))
)


def replies_of(conn: Connection, of: Collection[EnterpriseId], now_ms: int) -> dict[EnterpriseId, Replies]:
    """How each of these enterprises answers; those nobody ever applied to are left out. Sums over all applicants, no
    one's row."""
    wanted = sorted(set(of))
    rows = conn.execute(_REPLIES, {"wanted": wanted, "due_ms": now_ms - REPLY_DUE_MS}) if wanted else ()
    return {
        row.enterprise: Replies(
            received=row.received,
            answered=row.answered,
            mean_ms=int(row.sum_ms) // row.answered if row.answered else 0,
        )
        for row in rows
    }


def firms_of(conn: Connection, scope: Collection[EnterpriseId], now_ms: int) -> tuple[Firm, ...]:
    """我的企业: those whose own people were never here first, then by who waits longest."""
    waiting = {row["enterprise"]: row for row in rows_of(conn, _WAITING, scope)}
    replies = replies_of(conn, scope, now_ms)
    firms = [
        Firm(
            enterprise=row["id"],
            name=row["name"],
            waiting=waiting[row["id"]]["waiting"] if row["id"] in waiting else 0,
            oldest_at_ms=waiting[row["id"]]["oldest"] if row["id"] in waiting else 0,
            signed_in_at_ms=row["at_ms"] or 0,
            replies=replies.get(row["id"], Replies()),
        )
        for row in rows_of(conn, _NAMES, scope)
    ]
    return tuple(sorted(firms, key=lambda f: (f.signed_in_at_ms > 0, f.oldest_at_ms or now_ms, f.name)))


def waiting_of(
    conn: Connection, scope: Collection[EnterpriseId], enterprise: EnterpriseId, position: str, at_most: int
) -> tuple[ApplicationId, ...]:
    """Who waits for a first answer, those who wait longest first; of one position, or of all when it is empty."""
    if enterprise not in scope:
        return ()
    query = _WAITING_IDS if not position else _WAITING_IDS.where(applications.c.position == position)
    found = conn.execute(query, {"enterprise": enterprise, "at_most": at_most}).scalars()
    return tuple(ApplicationId(one) for one in found)


def visited_at_ms(conn: Connection, scope: Collection[EnterpriseId], enterprise: EnterpriseId) -> int:
    """When the enterprise's own people were last at their desk; 0 for never."""
    if enterprise not in scope:
        return 0
    return conn.execute(select(firm_visits.c.at_ms).where(firm_visits.c.enterprise == enterprise)).scalar() or 0


def note_visit(conn: Connection, enterprise: EnterpriseId, at_ms: int) -> None:
    """The enterprise's own people are at their desk. For `Store.transact`."""
    conn.execute(upsert(conn.dialect.name, firm_visits), [{"enterprise": enterprise, "at_ms": at_ms}])
