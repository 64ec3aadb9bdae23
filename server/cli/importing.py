"""`daigang import`: a workbook of positions, or a whole fair as a catalogue."""

import argparse
import asyncio
import csv
import uuid
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import msgspec

from server.actions.contacts import invite_contacts
from server.actions.import_pieces import Piece, pieces_of
from server.actions.importing import Import, import_pieces
from server.cli import Mistake, configured
from server.config import Config
from server.core.catalogue import Catalogue
from server.core.contacts import contacts_of
from server.core.days import day_of
from server.core.import_plan import ImportPlan, Outcome, RowReport
from server.core.model import PersonId, RegionCode, SessionId
from server.core.regions import RegionTree
from server.core.workbook import Looked, look_at
from server.opening import now_ms, opened
from server.real_fair import end_made_up_accounts
from server.store import catalogue_queries
from server.store.catalogue_writes import load_catalogue
from server.store.correction_files import write_corrections
from server.store.country import country
from server.store.workbook_files import read_workbook

IMPORTER = PersonId("command-line")
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
        ended = await end_made_up_accounts(store, now_ms)
    if ended:
        print(f"This fair is real: {len(ended)} accounts of a demonstration or a played day are closed.")
    print("Written. A running hub shows changed shelves at once; new sessions and regions after its next start.")
    return 0


async def _workbook(config: Config, data: bytes, arguments: argparse.Namespace) -> int:
    async with opened(config) as store:
        regions = await store.read(catalogue_queries.regions)
        if not regions:
            raise Mistake("the store has no fair yet: import its catalogue (a .json file) first")
        branch = RegionCode(config.province.code)
        looked = look_at(
            read_workbook(data), RegionTree(regions), on_day=day_of(now_ms()), branch=branch, country=country()
        )
        plan = looked.plan
        _say(plan)
        if arguments.corrections:
            _write_corrections(Path(arguments.corrections), looked)
        if arguments.report:
            write_report(Path(arguments.report), plan.rows)
            print(f"What became of each row: {arguments.report}")
        if arguments.dry_run:
            print("Nothing was written (--dry-run).")
            return 0
        session = SessionId(arguments.session) if arguments.session else None
        how = Import(by=IMPORTER, key=uuid.uuid4().hex, session=session, approve=arguments.approve)
        done = await import_pieces(store, _in_turn(plan), how, now_ms())
        asked = None
        if arguments.invite:
            asked = await invite_contacts(store, IMPORTER, branch, contacts_of(read_workbook(data)), now_ms())
    print(f"{done.changed} positions are new or changed, {done.left} were there already.")
    _say_next(arguments)
    if asked is not None:
        print(
            f"{asked.asked} contacts are asked to join as HR ({asked.without_number} enterprises name no mobile "
            f"number, {asked.unknown} are not in the store): QR codes and links in /screen, 人员."
        )
    return 0


async def _in_turn(plan: ImportPlan) -> AsyncIterator[Piece]:
    for piece in pieces_of(plan):
        yield piece


def _say_next(arguments: argparse.Namespace) -> None:
    where = f" and stands on the shelf of {arguments.session}" if arguments.session else ""
    if arguments.approve:
        print(f"What has no faults is approved{where}.")
    else:
        print("Nobody sees them before an operator has approved them: /screen, 审核 (or import with --approve).")


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


def _write_corrections(file: Path, looked: Looked) -> None:
    try:
        count = write_corrections(file, looked)
    except OSError as error:
        raise Mistake(f"{file}: {error.strerror}") from None
    print(f"{count} rows to correct and send again: {file}" if count else "Nothing is to be corrected.")


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
