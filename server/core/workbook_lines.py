"""The position lines of a workbook's sheets, each with the enterprise it stands under."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from server.core.cells import Cell, Why, plain, read_uscc, shown
from server.core.columns import HEADER_WITHIN, Column, column_of, columns_of
from server.core.import_plan import Sheet
from server.core.position_rows import Line
from server.core.refusal import Code, Refusal

MOST_ROWS: Final = 50_000
"""Three times the Jilin day. More is somebody's mistake, or somebody's attack."""

_NOTES: Final = ("备注", "说明", "注", "填表", "填报", "制表", "审核", "合计", "总计", "小计", "共计", "以上", "附")


class Firm(NamedTuple):
    """An enterprise as the rows of one block name it. `key` tells it from others: its code, else its name."""

    name: str
    code: str
    why: Why | None
    first: Line


class Entry(NamedTuple):
    """A line and its enterprise; `None` where nobody is named."""

    line: Line
    firm: Firm | None


class Found:
    """The position lines of all sheets, each with the enterprise it stands under."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.headers: dict[str, Sequence[Cell]] = {}
        self.skipped_lines: list[str] = []
        self.skipped_sheets: list[str] = []
        self.unknown_headers: list[str] = []

    def read(self, sheet: Sheet) -> None:
        """Take the lines of a sheet. Raises `Refusal(BAD_MESSAGE)` for more than `MOST_ROWS`."""
        rows = enumerate(sheet.rows, start=1)
        columns = self._header(sheet.name, rows)
        if columns is None:
            self.skipped_sheets.append(sheet.name)
            return
        firm: Firm | None = None
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
            self.entries.append(Entry(line, firm))
            if len(self.entries) > MOST_ROWS:
                detail = f"workbook: more than {MOST_ROWS} rows"
                raise Refusal(Code.BAD_MESSAGE, detail=detail, why="too_many_rows")

    def _header(self, sheet: str, rows: Iterator[tuple[int, Sequence[Cell]]]) -> dict[Column, int] | None:
        for number, row in rows:
            columns = columns_of(row)
            if columns is not None:
                self.headers[sheet] = tuple(row)
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


def _firm_of(line: Line, above: Firm | None) -> Firm | None:
    """The enterprise of this line. A blank cell is part of the merged one above; so is a blank code beside the same
    name, but not beside another name."""
    name = shown(line.cell(Column.FIRM))
    code, why = read_uscc(line.cell(Column.USCC))
    if not plain(name):
        if above is None or not code or code == above.code:
            return above
        return Firm(above.name, code, why, line)
    if above is not None and plain(name) == plain(above.name) and code in ("", above.code) and why is None:
        return above
    return Firm(name, code, why, line)
