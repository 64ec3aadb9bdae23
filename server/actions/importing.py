"""Writing what a workbook holds: piece by piece, so that other writes find room between."""

from collections.abc import Iterator
from typing import Final

import msgspec

from server.core.import_plan import ImportPlan
from server.core.model import Enterprise, EnterpriseId, PersonId, PositionId, Review, SessionId
from server.core.protocol import Changed
from server.store import writes
from server.store.store import Store

PIECE_ROWS: Final = 200
"""Positions of one transaction: some 15 ms of the writer."""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """Who imports, onto which shelf (once approved), and the name under which a repeated piece is known. `approve`:
    what has no faults is approved by the same person at once."""

    by: PersonId
    key: str
    session: SessionId | None = None
    approve: bool = False


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What it came to: positions that are new or another now, and those that were there already."""

    changed: tuple[PositionId, ...]
    left: int


def rows_of(plan: ImportPlan) -> list[writes.ImportedRow]:
    """The positions of a plan as they are written: clean ones wait for a reviewer, drafts for somebody to complete
    them."""
    clean = [writes.ImportedRow(position=position, review=Review.WAITING) for position in plan.positions]
    drafts = [writes.ImportedRow(position=d.position, review=Review.DRAFT, flags=d.flags) for d in plan.drafts]
    return clean + drafts


async def import_plan(store: Store, plan: ImportPlan, how: Import, at_ms: int) -> Imported:
    """Write a plan. Sent again with the same key it changes nothing, whatever became of the first time.

    Raises `Refusal`: NOT_FOUND (session), UNAVAILABLE (then the pieces before are written; the same key again).
    """
    firms = {firm.id: firm for firm in (*plan.draft_enterprises, *plan.enterprises)}
    changed: list[PositionId] = []
    left = 0
    for number, piece in enumerate(_pieces(rows_of(plan))):
        done = await store.write(_write(piece, firms, how, number, at_ms))
        assert isinstance(done.reply, Changed)
        changed += done.reply.positions
        left += done.reply.left
        if how.approve:
            await _approve(store, piece, how, number, at_ms)
    return Imported(changed=tuple(changed), left=left)


def _pieces(rows: list[writes.ImportedRow]) -> Iterator[list[writes.ImportedRow]]:
    for start in range(0, len(rows), PIECE_ROWS):
        yield rows[start : start + PIECE_ROWS]


def _write(
    piece: list[writes.ImportedRow], firms: dict[EnterpriseId, Enterprise], how: Import, number: int, at_ms: int
) -> writes.ImportPositions:
    wanted = dict.fromkeys(row.position.enterprise for row in piece)
    return writes.ImportPositions(
        by=how.by,
        key=f"{how.key}-{number}",
        at_ms=at_ms,
        enterprises=tuple(firms[id] for id in wanted),
        rows=tuple(piece),
        session=how.session,
    )


async def _approve(store: Store, piece: list[writes.ImportedRow], how: Import, number: int, at_ms: int) -> None:
    clean = tuple((r.position.id, r.position.region) for r in piece if r.review is Review.WAITING)
    if len(clean) > 0:
        await store.write(
            writes.ReviewPositions(
                by=how.by,
                key=f"{how.key}-{number}-approve",
                at_ms=at_ms,
                positions=clean,
                review=Review.APPROVED,
                seen_ms=at_ms,
                waiting_only=True,
            )
        )
