"""Import of a 招聘岗位信息表: rows of cells become positions, or reasons why not yet.

Pure: reading bytes is `server.store.workbook_files`, writing is the store's. Contacts (联系人, 联系电话) are personal
data and are not read at all; sex and age are read only to be flagged (see `linter`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from server.core import linter, uscc
from server.core.cells import Cell, Why, plain, read_uscc, shown
from server.core.columns import HEADER_WITHIN, Column, cell_name, column_of, columns_of
from server.core.import_plan import ImportPlan, Outcome, Reason, RowReport, Sheet
from server.core.model import Enterprise, EnterpriseId, Position, PositionId, RegionCode
from server.core.places import Gazetteer
from server.core.position_rows import Line, ReadRow, read_row
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree

MOST_ROWS: Final = 50_000
"""Three times the Jilin day. More is somebody's mistake, or somebody's attack."""

_NOTES: Final = ("备注", "说明", "注", "填表", "填报", "制表", "审核", "合计", "总计", "小计", "共计", "以上", "附")


class _Firm(NamedTuple):
    """An enterprise as the rows of one block name it. `key` tells it from others: its code, else its name."""

    name: str
    code: str
    why: Why | None
    first: Line


class _Entry(NamedTuple):
    line: Line
    firm: _Firm | None


def plan_import(
    sheets: Iterable[Sheet], tree: RegionTree, *, on_day: str, branch: RegionCode | None = None, synthetic: bool = False
) -> ImportPlan:
    """What importing these sheets will do.

    `on_day` (ISO 8601) is today: what is valid only until before it has expired. `branch` is where positions may
    lie, everywhere if `None`. `synthetic` marks all that is imported as made up; enterprises whose code cannot exist
    are marked so anyway.

    Raises `Refusal(BAD_MESSAGE)` where no sheet has a header or there are more than `MOST_ROWS` rows.
    """
    found = _Found()
    for sheet in sheets:
        found.read(sheet)
    if not found.headers:
        raise Refusal(Code.BAD_MESSAGE, detail="workbook: no sheet has a header with 岗位名称 and three columns more")
    planner = _Planner(tree, found.codes_by_name(), on_day, branch, synthetic)
    for entry in found.entries:
        planner.take(entry)
    return ImportPlan(
        rows=tuple(planner.reports),
        enterprises=tuple(planner.enterprises.values()),
        positions=tuple(planner.positions),
        skipped_lines=tuple(found.skipped_lines),
        skipped_sheets=tuple(found.skipped_sheets),
        unknown_headers=tuple(dict.fromkeys(found.unknown_headers)),
    )


class _Found:
    """The position lines of all sheets, each with the enterprise it stands under."""

    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self.headers = 0
        self.skipped_lines: list[str] = []
        self.skipped_sheets: list[str] = []
        self.unknown_headers: list[str] = []

    def read(self, sheet: Sheet) -> None:
        rows = enumerate(sheet.rows, start=1)
        columns = self._header(rows)
        if columns is None:
            self.skipped_sheets.append(sheet.name)
            return
        self.headers += 1
        firm: _Firm | None = None
        for number, row in rows:
            line = Line(sheet.name, number, columns, tuple(row), sheet.since_1904)
            if not any(plain(cell) for cell in line.cells) or _is_header(line):
                continue
            if _is_note(line):
                self.skipped_lines.append(f"{sheet.name}!{number}")
                continue
            if not any(plain(line.cell(column)) for column in columns if column is not Column.NUMBER):
                continue  # a template's numbers run on below the last position
            firm = _firm_of(line, firm)
            self.entries.append(_Entry(line, firm))
            if len(self.entries) > MOST_ROWS:
                raise Refusal(Code.BAD_MESSAGE, detail=f"workbook: more than {MOST_ROWS} rows")

    def _header(self, rows: Iterator[tuple[int, Sequence[Cell]]]) -> dict[Column, int] | None:
        for number, row in rows:
            columns = columns_of(row)
            if columns is not None:
                self.unknown_headers.extend(shown(c)[:40] for c in row if plain(c) and column_of(c) is None)
                return columns
            if number >= HEADER_WITHIN:
                break
        return None

    def codes_by_name(self) -> dict[str, str]:
        """The one code that stands beside each name; names with several codes are left out."""
        codes: dict[str, set[str]] = {}
        for entry in self.entries:
            if entry.firm is not None and entry.firm.code:
                codes.setdefault(plain(entry.firm.name), set()).add(entry.firm.code)
        return {name: next(iter(those)) for name, those in codes.items() if len(those) == 1}


def _is_header(line: Line) -> bool:
    """The header once more, as at the top of each printed page."""
    return column_of(line.cell(Column.TITLE)) is Column.TITLE and columns_of(line.cells) is not None


def _is_note(line: Line) -> bool:
    """A remark below the table, or a sum: no title, and either a word for it or one cell alone."""
    if plain(line.cell(Column.TITLE)):
        return False
    filled = [cell for cell in line.cells if plain(cell)]
    first = plain(filled[0]) if filled else ""
    alone = len(filled) == 1 and not isinstance(filled[0], int | float) and not plain(line.cell(Column.FIRM))
    return first.startswith(_NOTES) or alone


def _firm_of(line: Line, above: _Firm | None) -> _Firm | None:
    """The enterprise of this line. A blank cell is part of the merged one above; so is a blank code beside the same
    name, but not beside another name."""
    name = shown(line.cell(Column.FIRM))
    code, why = read_uscc(line.cell(Column.USCC))
    if not plain(name):
        if above is None or not code or code == above.code:
            return above
        return _Firm(above.name, code, why, line)
    if above is not None and plain(name) == plain(above.name) and code in ("", above.code) and why is None:
        return above
    return _Firm(name, code, why, line)


def _without_contact(text: str) -> str:
    """The text as a report may keep it: 焊工 电话199… is personal data, the line's number is enough."""
    return "…" if linter.has_contact(text) else text


def _id(kind: str, *parts: str) -> str:
    """A short name made from what is said: 64 bits, so 50,000 rows meet by chance once in 10^10 imports."""
    return f"{kind}-{sha256(chr(31).join(parts).encode()).hexdigest()[:16]}"


class _Planner:
    """Takes the lines one after another and remembers what it must to tell repetitions."""

    def __init__(
        self, tree: RegionTree, codes: dict[str, str], on_day: str, branch: RegionCode | None, synthetic: bool
    ) -> None:
        self._gazetteer = Gazetteer(tree)
        self._tree = tree
        self._codes = codes
        self._on_day = on_day
        self._branch = branch
        self._synthetic = synthetic
        self._seen: dict[tuple[object, ...], int] = {}
        self._alike: Counter[tuple[str, ...]] = Counter()
        self.reports: list[RowReport] = []
        self.positions: list[Position] = []
        self.enterprises: dict[EnterpriseId, Enterprise] = {}

    def take(self, entry: _Entry) -> None:
        row = read_row(entry.line, self._gazetteer, self._on_day)
        firm, line = entry.firm, entry.line
        if firm is None or not row.title:
            missing = [(Why.FIRM_MISSING, Column.FIRM)] if firm is None else []
            missing += [] if row.title else [(Why.TITLE_MISSING, Column.TITLE)]
            self._report(entry, row, Outcome.REJECTED, [Reason(why, line.at(column)) for why, column in missing])
            return
        code = firm.code or self._codes.get(plain(firm.name), "")
        key = code or plain(firm.name)
        same = self._seen.setdefault((key, *row.content), len(self.reports) + 1)
        if same <= len(self.reports):
            reason = Reason(Why.DUPLICATE, line.at(Column.TITLE))
            self._report(entry, row, Outcome.DUPLICATE, [reason], same)
            return
        alike = (key, plain(row.title), row.region or plain(row.place))
        self._alike[alike] += 1
        reasons = [*self._reasons_of_firm(firm, line), *row.reasons, *self._outside(row, line)]
        if reasons or row.region is None or row.openings is None:
            self._report(entry, row, Outcome.DRAFT, reasons)
            return
        enterprise = self._enterprise(firm, code, key, row.region)
        position_id = PositionId(_id("p", *alike, str(self._alike[alike])))
        self.positions.append(row.position(position_id, enterprise, row.region, row.openings))
        self._report(entry, row, Outcome.IMPORTED, [])

    def _reasons_of_firm(self, firm: _Firm, line: Line) -> list[Reason]:
        if firm.why is None:
            return []
        column = firm.first.columns.get(Column.USCC)
        return [Reason(firm.why, cell_name(column, firm.first.number) if column is not None else line.at(Column.USCC))]

    def _outside(self, row: ReadRow, line: Line) -> list[Reason]:
        if row.region is None or self._branch is None or self._tree.within(row.region, self._branch):
            return []
        return [Reason(Why.PLACE_OUTSIDE, line.at(Column.PLACE))]

    def _enterprise(self, firm: _Firm, code: str, key: str, region: RegionCode) -> Enterprise:
        """The enterprise, made when its first position is imported. It is where its address says, else where its
        name says, else where that position is."""
        enterprise_id = EnterpriseId(_id("e", key))
        if enterprise_id not in self.enterprises:
            size = plain(firm.first.cell(Column.SIZE))
            places = (shown(firm.first.cell(Column.ADDRESS)), firm.name)
            named = [self._gazetteer.find(place).region for place in places if place]
            seat = next((r.code for r in named if r is not None and r.parent is not None), region)
            self.enterprises[enterprise_id] = Enterprise(
                id=enterprise_id,
                name=firm.name,
                region=seat,
                uscc=code,
                industry=shown(firm.first.cell(Column.INDUSTRY)),
                size=int(size) if size.isascii() and size.isdigit() and len(size) <= 7 else None,
                synthetic=self._synthetic or uscc.is_synthetic(code),
            )
        return self.enterprises[enterprise_id]

    def _report(
        self, entry: _Entry, row: ReadRow, outcome: Outcome, reasons: Sequence[Reason], same: int | None = None
    ) -> None:
        self.reports.append(
            RowReport(
                row=len(self.reports) + 1,
                sheet=entry.line.sheet,
                line=entry.line.number,
                firm=_without_contact(entry.firm.name if entry.firm is not None else ""),
                title=_without_contact(row.title),
                outcome=outcome,
                reasons=tuple(reasons),
                same_as_row=same,
                pay_min_yuan=row.pay.min_yuan,
                pay_max_yuan=row.pay.max_yuan,
            )
        )
