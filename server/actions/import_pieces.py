"""A plan cut into pieces, each the size of one transaction. Light to load: the child of an upload needs it as well."""

from collections.abc import Iterator
from typing import Final

import msgspec

from server.core.import_plan import ImportPlan
from server.core.model import Enterprise, Review
from server.store.writes import ImportedRow

PIECE_ROWS: Final = 25
"""Positions of one transaction: some 3 ms of the interpreter, which fan-out waits for."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Positions of one transaction with their enterprises."""

    enterprises: tuple[Enterprise, ...]
    rows: tuple[ImportedRow, ...]


def pieces_of(plan: ImportPlan) -> Iterator[Piece]:
    """The positions of a plan as they are written: clean ones wait for a reviewer, drafts for somebody to complete
    them."""
    rows = [ImportedRow(position=position, review=Review.WAITING) for position in plan.positions]
    rows += [ImportedRow(position=d.position, review=Review.DRAFT, flags=d.flags) for d in plan.drafts]
    firms = {firm.id: firm for firm in (*plan.draft_enterprises, *plan.enterprises)}
    for start in range(0, len(rows), PIECE_ROWS):
        piece = tuple(rows[start : start + PIECE_ROWS])
        wanted = dict.fromkeys(row.position.enterprise for row in piece)
        yield Piece(enterprises=tuple(firms[id] for id in wanted), rows=piece)
