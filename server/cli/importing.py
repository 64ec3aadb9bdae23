"""`daigang import`: a workbook of positions, or a whole fair as a catalogue."""

import argparse
import asyncio
import csv
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from server.cli import Mistake, configured
from server.config import Config
from server.core.catalogue import Catalogue
from server.core.import_plan import ImportPlan, Outcome, RowReport
from server.core.model import Enterprise, Position, RegionCode, SessionId, ShelfSlot
from server.core.regions import RegionTree
from server.core.workbook import plan_import
from server.opening import now_ms, opened
from server.store import catalogue_queries
from server.store.catalogue_writes import load_catalogue
from server.store.store import Connection
from server.store.workbook_files import read_workbook

BEIJING_HOURS = 8
HEAD = ("row", "sheet", "line", "enterprise", "title", "outcome", "same as row", "reasons")


def run(arguments: argparse.Namespace) -> int:
    """Read the file, say what becomes of it, and write it unless it is a dry run."""
    file = Path(arguments.file)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Mistake(f"{file}: {error.strerror}") from None
    if file.suffix.lower() == ".json":
        return asyncio.run(_fair(configured(arguments), data, file, dry=arguments.dry_run))
    return asyncio.run(_workbook(configured(arguments), data, arguments))


async def _fair(config: Config, data: bytes, file: Path, *, dry: bool) -> int:
    try:
        catalogue = msgspec.json.decode(data, type=Catalogue)
    except msgspec.DecodeError as error:
        raise Mistake(f"{file}: not a catalogue ({error})") from None
    print(
        f"{catalogue.fair.title}: {len(catalogue.sessions)} sessions, {len(catalogue.enterprises)} enterprises, "
        f"{len(catalogue.positions)} positions, {catalogue.openings} openings."
    )
    if dry:
        return 0
    async with opened(config) as store:
        await store.transact(load_catalogue, catalogue, now_ms())
    print("Written. A running hub shows changed shelves at once; new sessions and regions after its next start.")
    return 0


async def _workbook(config: Config, data: bytes, arguments: argparse.Namespace) -> int:
    async with opened(config) as store:
        regions = await store.read(catalogue_queries.regions)
        if not regions:
            raise Mistake("the store has no fair yet: import its catalogue (a .json file) first")
        tree = RegionTree(regions)
        plan = plan_import(read_workbook(data), tree, on_day=_today(), branch=RegionCode(config.province.code))
        _say(plan)
        if arguments.report:
            write_report(Path(arguments.report), plan.rows)
            print(f"What became of each row: {arguments.report}")
        if arguments.dry_run:
            print("Nothing was written (--dry-run).")
            return 0
        await store.transact(write_plan, plan, arguments.session, now_ms())
    where = f" and stand on the shelf of {arguments.session}" if arguments.session else ""
    print(f"{len(plan.positions)} positions of {len(plan.enterprises)} enterprises are in the store{where}.")
    return 0


def _today() -> str:
    return (datetime.now(UTC) + timedelta(hours=BEIJING_HOURS)).date().isoformat()


def _say(plan: ImportPlan) -> None:
    counts = ", ".join(f"{plan.count(outcome)} {outcome.value}" for outcome in Outcome)
    print(f"{len(plan.rows)} rows: {counts}.")
    for header in plan.unknown_headers:
        print(f"  column not understood: {header}")
    for sheet in plan.skipped_sheets:
        print(f"  sheet without a header: {sheet}")
    for row in plan.rows:
        if row.outcome in (Outcome.DRAFT, Outcome.REJECTED):
            print(f"  {row.sheet}!{row.line} {row.title}: {row.outcome.value}: {_reasons(row)}")


def _reasons(row: RowReport) -> str:
    return "; ".join(f"{reason.why.value}{f' ({reason.cell})' if reason.cell else ''}" for reason in row.reasons)


def _cells(row: RowReport) -> tuple[object, ...]:
    same = row.same_as_row if row.same_as_row is not None else ""
    return (row.row, row.sheet, row.line, row.firm, row.title, row.outcome.value, same, _reasons(row))


def write_report(file: Path, rows: Iterable[RowReport]) -> None:
    """The rows as a workbook, or as csv for any other name. Raises `Mistake`."""
    try:
        if file.suffix.lower() == ".xlsx":
            _write_xlsx(file, rows)
            return
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(HEAD)
            writer.writerows([_no_formula(cell) for cell in _cells(row)] for row in rows)
    except OSError as error:
        raise Mistake(f"{file}: {error.strerror}") from None


def _write_xlsx(file: Path, rows: Iterable[RowReport]) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("import")
    sheet.append(HEAD)
    for row in rows:
        sheet.append([_no_formula(cell) for cell in _cells(row)])
    book.save(file)


def _no_formula(cell: object) -> object:
    """A text that a spreadsheet would run as a formula is shown as text: the cells are other people's."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell


def write_plan(conn: Connection, plan: ImportPlan, session: str | None, at_ms: int) -> None:
    """Write the plan's enterprises and positions, at the end of the session's shelf where one is named.

    Raises `Refusal(NOT_FOUND)` for a session that is not there.
    """
    fair = catalogue_queries.fairs(conn)[0]
    catalogue = Catalogue(
        fair=fair,
        regions=catalogue_queries.regions(conn),
        venues=(),
        enterprises=plan.enterprises,
        positions=plan.positions,
        sessions=(),
        shelves={},
    )
    if session is not None:
        catalogue = _on_shelf(conn, catalogue, SessionId(session))
    load_catalogue(conn, catalogue, at_ms)


def _on_shelf(conn: Connection, catalogue: Catalogue, session_id: SessionId) -> Catalogue:
    session = catalogue_queries.session(conn, session_id)
    slots = catalogue_queries.shelf(conn, session_id)
    fresh = {position.id: position for position in catalogue.positions}
    kept = [msgspec.structs.replace(slot, position=fresh.get(slot.position.id, slot.position)) for slot in slots]
    there = {slot.position.id for slot in slots}
    number = catalogue_queries.last_number(conn, session_id)
    added = [position for position in catalogue.positions if position.id not in there]
    new = [ShelfSlot(number=number + n, position=position) for n, position in enumerate(added, start=1)]
    of_shelf: list[Position] = [slot.position for slot in kept if slot.position.id not in fresh]
    firms: dict[str, Enterprise] = {enterprise.id: enterprise for enterprise in catalogue.enterprises}
    for enterprise in catalogue_queries.enterprises(conn, [position.enterprise for position in of_shelf]):
        firms.setdefault(enterprise.id, enterprise)
    fair = catalogue_queries.fair(conn, session.fair)
    return msgspec.structs.replace(
        catalogue,
        fair=fair,
        venues=tuple(venue for venue in catalogue_queries.venues(conn, fair.id) if venue.id == session.venue),
        enterprises=tuple(firms.values()),
        positions=(*catalogue.positions, *of_shelf),
        sessions=(session,),
        shelves={session_id: (*kept, *new)},
    )
