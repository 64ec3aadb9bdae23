"""Writes of the catalogue."""

import msgspec

from server.core.model import Enterprise, Flag, Position, PositionId, RegionCode, Review, SessionId
from server.store.writes.write import Write


class ImportedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One position of a workbook. `review` is `waiting`, or `draft` with the flags that say why."""

    position: Position
    review: Review
    flags: tuple[Flag, ...] = ()


class ImportPositions(Write, frozen=True, kw_only=True):
    """A piece of a workbook; `enterprises` are those of its rows. A row that is there with the same facts stays as it
    is; one with other facts is an edit; a draft never takes the place of what is complete. `session`: the shelf they
    are wished on once approved. `branch`: what lies elsewhere stays as it is, positions and enterprises; None for
    who may write everywhere. Reply `Changed`: what is new or another now. Refused: NOT_FOUND (session)."""

    enterprises: tuple[Enterprise, ...]
    rows: tuple[ImportedRow, ...]
    session: SessionId | None = None
    branch: RegionCode | None = None


class ReviewPositions(Write, frozen=True, kw_only=True):
    """`positions` with the region that was checked for each. What is elsewhere now, or was edited after `seen_ms`,
    stays as it is; with `waiting_only`, so does what does not wait. An approved one goes on the shelves it was wished
    on, with the next number of each. Reply `Changed`. Publishes ShelfChanged on stage/ of each shelf concerned,
    PositionsChanged on firm/, CardHidden where a refused one was being shown. Refused: NOT_FOUND (a single position),
    POSITION_CHANGED, POSITION_FAULTY (a single draft nobody may approve)."""

    positions: tuple[tuple[PositionId, RegionCode], ...]
    review: Review
    seen_ms: int
    reason: str = ""
    waiting_only: bool = False


class EditPosition(Write, frozen=True, kw_only=True):
    """`position` as it is from now on; its `version` is the one that was edited. `flags` are the faults of these facts;
    `operator`: a reviewer's own edit needs no second look. Reply `Changed`. Publishes ShelfChanged and CardUpdated on
    stage/, PositionsChanged on firm/. Refused: NOT_FOUND, POSITION_CHANGED, POSITION_FAULTY (an approved position on
    air, or an operator's edit, with a fault that nobody may pass)."""

    position: Position
    flags: tuple[Flag, ...]
    operator: bool


class ClosePosition(Write, frozen=True, kw_only=True):
    """招满, or open again. Reply `Changed`. Publishes as EditPosition does. Refused: NOT_FOUND."""

    position: PositionId
    closed: bool
