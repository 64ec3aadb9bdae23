"""What an import will do, row by row, before anything is written."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from server.core.cells import Cell, Why
from server.core.columns import Column
from server.core.model import Enterprise, Flag, Position


class Sheet(msgspec.Struct, frozen=True):
    """One sheet as it comes from a file; `rows` may be read once. `since_1904` is how its serial dates count."""

    name: str
    rows: Iterable[Sequence[Cell]]
    since_1904: bool = False


class Outcome(StrEnum):
    """What becomes of a row. A draft is a position that somebody has to complete or approve first."""

    IMPORTED = "imported"
    DRAFT = "draft"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"


class Reason(msgspec.Struct, frozen=True):
    """Why, in which cell (`H7`; empty where the sheet has no such column), and which column that is."""

    why: Why
    cell: str = ""
    column: Column | None = None


class Draft(msgspec.Struct, frozen=True):
    """A position that somebody has to complete or pass, as far as it is known: `openings` 0 where they are not."""

    position: Position
    flags: tuple[Flag, ...]


class RowReport(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one row. `row` counts the positions of the file from 1, `line` is the spreadsheet's own number.

    Holds no contact and nothing of 备注: it may be shown and kept.
    """

    row: int
    sheet: str
    line: int
    firm: str
    title: str
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    same_as_row: int | None = None
    pay_min_yuan: int | None = None
    pay_max_yuan: int | None = None


class ImportPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The whole import. `enterprises` and `positions` are those of the imported rows, and all that may be
    published once it was reviewed; `drafts` and `draft_enterprises` are those of the drafts.

    Ids are made from what the rows say, so the same file gives the same plan and a second import changes nothing.
    `skipped_lines` are notes and sums ("岗位信息!43"), `skipped_sheets` those without a header, `unknown_headers`
    columns that were not understood.
    """

    rows: tuple[RowReport, ...]
    enterprises: tuple[Enterprise, ...]
    positions: tuple[Position, ...]
    drafts: tuple[Draft, ...] = ()
    draft_enterprises: tuple[Enterprise, ...] = ()
    skipped_lines: tuple[str, ...] = ()
    skipped_sheets: tuple[str, ...] = ()
    unknown_headers: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """How many rows end so."""
        return sum(row.outcome is outcome for row in self.rows)
