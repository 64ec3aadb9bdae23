"""The reports of a branch, for its operators alone."""

from sqlalchemy import Connection, func, select

from server.core.model import RegionCode, ReportCase, ReportReason, ReportSubject
from server.core.refusal import Code, Refusal
from server.store.review_queries import branches
from server.store.tables import reports, sessions, venues

_FIELDS = [name for name in ReportCase.__struct_fields__ if name != "session_title"]


def of_branch(
    conn: Connection, region: RegionCode, open_only: bool, skip: int, limit: int
) -> tuple[tuple[ReportCase, ...], int, int]:
    """A page of them, open ones first, newest first; how many are open; where the next page begins (0: none)."""
    mine = reports.c.region.in_(branches((region,)))
    wanted = mine & (reports.c.outcome == "") if open_only else mine
    rows = conn.execute(
        select(*(reports.c[name] for name in _FIELDS), venues.c.name.label("session_title"))
        .join_from(reports, sessions, sessions.c.id == reports.c.session)
        .join(venues, venues.c.id == sessions.c.venue)
        .where(wanted)
        .order_by(reports.c.outcome != "", reports.c.at_ms.desc(), reports.c.id)
        .offset(skip)
        .limit(limit + 1)
    ).all()
    waiting = conn.execute(select(func.count()).where(mine, reports.c.outcome == "")).scalar() or 0
    found = []
    for row in rows[:limit]:
        fields = dict(row._mapping)
        fields["subject"], fields["reason"] = ReportSubject(fields["subject"]), ReportReason(fields["reason"])
        found.append(ReportCase(**fields))
    return tuple(found), waiting, skip + limit if len(rows) > limit else 0


def region_of(conn: Connection, report: str) -> RegionCode:
    """Where it was reported. Raises `Refusal(NOT_FOUND)`."""
    region = conn.execute(select(reports.c.region).where(reports.c.id == report)).scalar()
    if region is None:
        raise Refusal(Code.NOT_FOUND, what="report", id=report[:80])
    return RegionCode(region)
