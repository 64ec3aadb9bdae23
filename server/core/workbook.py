"""Import of a 招聘岗位信息表: rows of cells become positions, or reasons why not yet.

Pure: reading bytes is `server.store.workbook_files`, writing is the store's. Contacts (联系人, 联系电话) are personal
data and are not read at all; sex and age are read only to be flagged (see `linter`).
"""

from collections.abc import Iterable

from server.core.import_plan import ImportPlan, Sheet
from server.core.import_planner import Planner
from server.core.model import RegionCode
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.workbook_lines import MOST_ROWS, Found

__all__ = ["MOST_ROWS", "plan_import"]


def plan_import(
    sheets: Iterable[Sheet], tree: RegionTree, *, on_day: str, branch: RegionCode | None = None, synthetic: bool = False
) -> ImportPlan:
    """What importing these sheets will do.

    `on_day` (ISO 8601) is today: what is valid only until before it has expired. `branch` is where positions may
    lie, everywhere if `None`. `synthetic` marks all that is imported as made up; enterprises whose code cannot exist
    are marked so anyway.

    Raises `Refusal(BAD_MESSAGE)` where no sheet has a header or there are more than `MOST_ROWS` rows.
    """
    found = Found()
    for sheet in sheets:
        found.read(sheet)
    if not found.headers:
        raise Refusal(Code.BAD_MESSAGE, detail="workbook: no sheet has a header with 岗位名称 and three columns more")
    planner = Planner(tree, found.codes_by_name(), on_day, branch, synthetic)
    for entry in found.entries:
        planner.take(entry)
    return ImportPlan(
        rows=tuple(planner.reports),
        enterprises=tuple(planner.enterprises.values()),
        positions=tuple(planner.positions),
        drafts=tuple(planner.drafts),
        draft_enterprises=tuple(planner.draft_enterprises.values()),
        skipped_lines=tuple(found.skipped_lines),
        skipped_sheets=tuple(found.skipped_sheets),
        unknown_headers=tuple(dict.fromkeys(found.unknown_headers)),
    )
