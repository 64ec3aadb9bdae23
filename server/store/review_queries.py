"""What reviewers and enterprises read of positions: what waits, by enterprise, and the positions with their flags."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, Select, case, func, or_, select

from server.core.model import (
    EnterpriseId,
    Flag,
    Position,
    PositionFile,
    PositionId,
    RegionCode,
    Review,
    ReviewFirm,
    SessionId,
)
from server.store import tables as t

_decode: Final = msgspec.msgpack.Decoder(Position).decode
_decode_flags: Final = msgspec.msgpack.Decoder(tuple[Flag, ...]).decode
_WAITING: Final = func.sum(case((t.positions.c.review == Review.WAITING.value, 1), else_=0))
_DRAFTS: Final = func.sum(case((t.positions.c.review == Review.DRAFT.value, 1), else_=0))
_FLAGGED: Final = func.sum(case((func.coalesce(t.position_reviews.c.flagged, 0) > 0, 1), else_=0))
_OF_REVIEW: Final = (t.position_reviews.c.flags, t.position_reviews.c.reason, t.position_reviews.c.edited_at_ms)
_UNDECIDED: Final = (Review.WAITING.value, Review.DRAFT.value)


def firms(
    conn: Connection, region: RegionCode, skip: int, limit: int
) -> tuple[tuple[ReviewFirm, ...], int, tuple[int, int]]:
    """Enterprises with positions of that branch that wait or are drafts, flagged ones first; where the next page
    begins (0: none); how many wait and how many are drafts in all of the branch."""
    undecided = t.positions.c.region.in_(branches((region,))) & t.positions.c.review.in_(_UNDECIDED)
    rows = conn.execute(
        select(t.enterprises, _WAITING.label("waiting"), _DRAFTS.label("drafts"), _FLAGGED.label("flagged"))
        .join_from(t.positions, t.enterprises, t.enterprises.c.id == t.positions.c.enterprise)
        .outerjoin(t.position_reviews, t.position_reviews.c.position == t.positions.c.id)
        .where(undecided)
        .group_by(*t.enterprises.c)
        .order_by(_FLAGGED.desc(), _WAITING.desc(), t.enterprises.c.id)
        .offset(skip)
        .limit(limit + 1)
    ).all()
    sums = conn.execute(select(_WAITING, _DRAFTS).select_from(t.positions).where(undecided)).one()
    found = tuple(
        ReviewFirm(
            enterprise=row.id,
            name=row.name,
            region=row.region,
            uscc=row.uscc,
            waiting=row.waiting,
            drafts=row.drafts,
            flagged=row.flagged,
            synthetic=row.synthetic,
        )
        for row in rows[:limit]
    )
    return found, skip + limit if len(rows) > limit else 0, (int(sums[0] or 0), int(sums[1] or 0))


def files(
    conn: Connection,
    enterprise: EnterpriseId,
    reviews: Sequence[Review],
    regions: Sequence[RegionCode] | None,
    skip: int,
    limit: int,
) -> tuple[tuple[PositionFile, ...], int]:
    """The positions of an enterprise with their flags, flagged ones first, and where the next page begins (0: none).
    `regions`: only those within these branches; `None` for all."""
    flagged = func.coalesce(t.position_reviews.c.flagged, 0)
    query = (
        select(t.positions.c.body, t.positions.c.review, *_OF_REVIEW)
        .outerjoin_from(t.positions, t.position_reviews, t.position_reviews.c.position == t.positions.c.id)
        .where(t.positions.c.enterprise == enterprise)
        .order_by(flagged.desc(), t.positions.c.title, t.positions.c.id)
        .offset(skip)
        .limit(limit + 1)
    )
    if reviews:
        query = query.where(t.positions.c.review.in_([review.value for review in reviews]))
    if regions is not None:
        query = query.where(t.positions.c.region.in_(branches(regions)))
    rows = conn.execute(query).all()
    found = tuple(
        PositionFile(
            position=_decode(row.body),
            review=Review(row.review),
            flags=_decode_flags(row.flags) if row.flags is not None else (),
            reason=row.reason or "",
            edited_at_ms=row.edited_at_ms or 0,
        )
        for row in rows[:limit]
    )
    return found, skip + limit if len(rows) > limit else 0


def waiting_of(
    conn: Connection, enterprise: EnterpriseId, regions: Sequence[RegionCode], seen_ms: int, limit: int
) -> tuple[tuple[PositionId, RegionCode], ...]:
    """The positions of an enterprise that wait within these branches, as of `seen_ms`; at most so many."""
    rows = conn.execute(
        select(t.positions.c.id, t.positions.c.region)
        .outerjoin_from(t.positions, t.position_reviews, t.position_reviews.c.position == t.positions.c.id)
        .where(
            t.positions.c.enterprise == enterprise,
            t.positions.c.review == Review.WAITING.value,
            t.positions.c.region.in_(branches(regions)),
            or_(t.position_reviews.c.edited_at_ms.is_(None), t.position_reviews.c.edited_at_ms <= seen_ms),
        )
        .order_by(t.positions.c.id)
        .limit(limit)
    )
    return tuple((row.id, row.region) for row in rows)


def regions_of(conn: Connection, positions: Sequence[PositionId]) -> dict[PositionId, RegionCode]:
    """Where those of the positions that exist are."""
    rows = conn.execute(select(t.positions.c.id, t.positions.c.region).where(t.positions.c.id.in_(positions)))
    return {row.id: row.region for row in rows}


def file(conn: Connection, position: PositionId) -> tuple[PositionFile, tuple[SessionId, ...]] | None:
    """One position with its flags, and the sessions whose shelf it is on; `None` where there is no such position."""
    row = conn.execute(
        select(t.positions.c.body, t.positions.c.review, *_OF_REVIEW)
        .outerjoin_from(t.positions, t.position_reviews, t.position_reviews.c.position == t.positions.c.id)
        .where(t.positions.c.id == position)
    ).first()
    if row is None:
        return None
    on = select(t.shelf_slots.c.session).where(t.shelf_slots.c.position == position, t.shelf_slots.c.removed.is_(False))
    flags = _decode_flags(row.flags) if row.flags is not None else ()
    found = PositionFile(position=_decode(row.body), review=Review(row.review), flags=flags, reason=row.reason or "")
    return found, tuple(conn.execute(on).scalars())


def branches(regions: Sequence[RegionCode]) -> Select[tuple[str]]:
    """The codes of these units and everything below them."""
    branch = select(t.regions.c.code).where(t.regions.c.code.in_(regions)).cte("branches", recursive=True)
    below = select(t.regions.c.code).join_from(t.regions, branch, t.regions.c.parent == branch.c.code)
    return select(branch.union(below).c.code)
