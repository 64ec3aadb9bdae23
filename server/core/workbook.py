"""Import of a 招聘岗位信息表: rows of cells become positions, or reasons why not yet.

Pure: reading bytes is `server.store.workbook_files`, writing is the store's. Contacts (联系人, 联系电话) are personal
data and are not read at all; sex and age are read only to be flagged (see `linter`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Required, TypedDict, Unpack

from server.core.cells import Cell
from server.core.import_plan import ImportPlan, Sheet
from server.core.import_planner import Planner, Terms
from server.core.model import PositionId, Region, RegionCode
from server.core.places import Atlas
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.workbook_lines import MOST_ROWS, Entry, Found

__all__ = ["MOST_ROWS", "Looked", "look_at", "plan_import"]


class Options(TypedDict, total=False):
    """`on_day` (ISO 8601) is today: what is valid only until before it has expired. `branch` is where positions may
    lie, everywhere if `None`. `synthetic` marks all that is imported as made up; enterprises whose code cannot exist
    are marked so anyway. `country`: the units beyond the tree, so that places elsewhere are known to be elsewhere."""

    on_day: Required[str]
    branch: RegionCode | None
    synthetic: bool
    country: Iterable[Region]


class Looked(NamedTuple):
    """A plan with the lines it was made from, for who writes the bad ones back: `entries` are those of `plan.rows`, one
    each; `headers` the header of each sheet, `ids` the position of each draft by its row. Contacts stand in it."""

    plan: ImportPlan
    entries: Sequence[Entry]
    headers: Mapping[str, Sequence[Cell]]
    ids: Mapping[int, PositionId]


def plan_import(sheets: Iterable[Sheet], tree: RegionTree, **options: Unpack[Options]) -> ImportPlan:
    """What importing these sheets will do.

    Raises `Refusal(BAD_MESSAGE)` where no sheet has a header or there are more than `MOST_ROWS` rows.
    """
    return look_at(sheets, tree, **options).plan


def look_at(sheets: Iterable[Sheet], tree: RegionTree, **options: Unpack[Options]) -> Looked:
    """As `plan_import`, with the lines."""
    country, branch = options.get("country", ()), options.get("branch")
    terms = Terms(options["on_day"], branch, options.get("synthetic", False))
    found = Found()
    for sheet in sheets:
        found.read(sheet)
    if not found.headers:
        detail = "workbook: no sheet has a header with 岗位名称 and three columns more"
        raise Refusal(Code.BAD_MESSAGE, detail=detail, why="no_header")
    planner = Planner(tree, Atlas(tree, country), found.codes_by_name(), terms)
    for entry in found.entries:
        planner.take(entry)
    plan = ImportPlan(
        rows=tuple(planner.reports),
        enterprises=tuple(planner.enterprises.values()),
        positions=tuple(planner.positions),
        drafts=tuple(planner.drafts),
        draft_enterprises=tuple(planner.draft_enterprises.values()),
        skipped_lines=tuple(found.skipped_lines),
        skipped_sheets=tuple(found.skipped_sheets),
        unknown_headers=tuple(dict.fromkeys(found.unknown_headers)),
    )
    return Looked(plan, found.entries, found.headers, planner.ids)
