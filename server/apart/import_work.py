"""What the child of an import does: file to plan, plan to pieces, pages and a correction workbook."""

from pathlib import Path

import msgspec

from server.actions.import_pieces import pieces_of
from server.apart.import_files import (
    CORRECTIONS,
    PAGE_ROWS,
    SUMMARY,
    TASK,
    UPLOAD,
    Summary,
    Task,
    page_file,
    piece_file,
    put,
)
from server.core.import_plan import ImportPlan, Outcome
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.workbook import look_at
from server.store.correction_files import write_corrections
from server.store.country import country
from server.store.workbook_files import read_workbook


def work(directory: Path) -> None:
    """Do all of it; a file that can't be read ends as a summary that says why."""
    try:
        summary = _work(directory)
    except Refusal as refusal:
        params = refusal.params
        summary = Summary(code=refusal.code.value, why=str(params.get("why", "")), detail=str(params.get("detail", "")))
    except MemoryError:
        summary = Summary(code=Code.TOO_LARGE.value, why="too_big")
    put(directory / SUMMARY, summary)


def _work(directory: Path) -> Summary:
    task = msgspec.msgpack.decode((directory / TASK).read_bytes(), type=Task)
    data = (directory / UPLOAD).read_bytes()
    tree = RegionTree(task.regions)
    looked = look_at(
        read_workbook(data, careful=task.careful), tree, on_day=task.on_day, branch=task.branch, country=country()
    )
    plan = looked.plan
    corrections = write_corrections(directory / CORRECTIONS, looked)
    return Summary(
        rows=len(plan.rows),
        imported=plan.count(Outcome.IMPORTED),
        draft=plan.count(Outcome.DRAFT),
        rejected=plan.count(Outcome.REJECTED),
        duplicate=plan.count(Outcome.DUPLICATE),
        enterprises=len({firm.id for firm in (*plan.enterprises, *plan.draft_enterprises)}),
        pieces=_write_pieces(directory, plan),
        pages=_write_pages(directory, plan),
        corrections=corrections > 0,
        unknown_headers=plan.unknown_headers[:20],
        skipped_sheets=plan.skipped_sheets[:20],
        skipped_lines=plan.skipped_lines[:20],
    )


def _write_pages(directory: Path, plan: ImportPlan) -> int:
    """The rows with their reasons, those that somebody has to look at first."""
    order = {Outcome.REJECTED: 0, Outcome.DRAFT: 1, Outcome.DUPLICATE: 2, Outcome.IMPORTED: 3}
    rows = sorted(plan.rows, key=lambda row: (order[row.outcome], row.row))
    pages = range(0, len(rows), PAGE_ROWS)
    for number, start in enumerate(pages):
        page_file(directory, number).write_bytes(msgspec.json.encode(rows[start : start + PAGE_ROWS]))
    return len(pages)


def _write_pieces(directory: Path, plan: ImportPlan) -> int:
    count = 0
    for piece in pieces_of(plan):
        put(piece_file(directory, count), piece)
        count += 1
    return count
