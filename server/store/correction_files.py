"""The correction workbook: rows that were not imported as they are, with the bad cells marked and the reason in words.

It has the headers of the file it answers and can be imported again: 岗位编号 leads a draft back to itself, 原因 is not
read. Columns of contacts stay empty: what is written for a while to a disk names nobody.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from server.core import linter
from server.core.cells import Cell
from server.core.columns import OF_THE_FIRM, Column, column_of
from server.core.export_rows import harmless
from server.core.import_plan import Outcome, RowReport
from server.core.position_rows import Line
from server.core.why_words import WHY_WORDS
from server.core.workbook import Looked
from server.core.workbook_lines import Entry

REFERENCE: Final = "岗位编号"
REASON: Final = "原因"
HEADERS: Final = (
    *("单位名称", "统一社会信用代码", "所属行业", "规模", "岗位名称", "招聘人数", "用工类型", "学历要求", "综合月薪"),
    *("底薪", "工作地点", "班次", "休息", "福利待遇", "岗位职责", "招聘条件", "有效期至", "备注"),
)
"""The columns of an empty 招聘岗位信息表."""
_OURS: Final = frozenset({Column.REFERENCE, Column.REASON})
_PRIVATE: Final = frozenset({Column.CONTACT, Column.PHONE, Column.EMAIL})
_BAD: Final = PatternFill("solid", start_color="FFF2CC")
_BOLD: Final = Font(bold=True)
_WIDTH: Final = 16
_REASON_WIDTH: Final = 50


def write_corrections(file: Path, looked: Looked) -> int:
    """Write it; returns how many rows there are to correct. Nothing is written for none."""
    wanted = [
        (report, entry)
        for report, entry in zip(looked.plan.rows, looked.entries, strict=True)
        if report.outcome in (Outcome.DRAFT, Outcome.REJECTED)
    ]
    if not wanted:
        return 0
    book = openpyxl.Workbook(write_only=True)
    for name, header in looked.headers.items():
        rows = [(report, entry) for report, entry in wanted if entry.line.sheet == name]
        if rows:
            _write_sheet(book.create_sheet(name[:31]), header, rows, looked)
    book.save(file)
    return len(wanted)


def write_template(file: Path) -> None:
    """An empty 招聘岗位信息表 with the headers that are understood."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("岗位信息")
    _head(sheet, HEADERS, HEADERS)
    book.save(file)


def _write_sheet(sheet: Any, header: Sequence[Cell], rows: Iterable[tuple[RowReport, Entry]], looked: Looked) -> None:
    columns = [column_of(cell) for cell in header]
    kept = [index for index, column in enumerate(columns) if column not in _OURS]
    names = [str(header[index] or "") for index in kept]
    _head(sheet, [*names, REFERENCE, REASON], names)
    for report, entry in rows:
        bad = {reason.column for reason in report.reasons}
        cells = [_cell(sheet, _value(entry, index, columns[index]), columns[index] in bad) for index in kept]
        words = "；".join(WHY_WORDS[reason.why] for reason in report.reasons)
        sheet.append([*cells, _cell(sheet, looked.ids.get(report.row, ""), False), _cell(sheet, words, False)])


def _head(sheet: Any, header: Sequence[str], wide: Sequence[str]) -> None:
    for index in range(len(header)):
        letter = get_column_letter(index + 1)
        sheet.column_dimensions[letter].width = _REASON_WIDTH if header[index] == REASON else _WIDTH
    sheet.freeze_panes = "A2"
    cells = []
    for name in header:
        cell = _cell(sheet, name, False)
        cell.font = _BOLD
        cell.alignment = Alignment(wrap_text=True)
        cells.append(cell)
    sheet.append(cells)


def _value(entry: Entry, index: int, column: Column | None) -> Cell:
    """The cell as it stood; of a merged enterprise cell what stands at its top."""
    if column in _PRIVATE:
        return None
    line: Line = entry.line
    value = line.cells[index] if index < len(line.cells) else None
    if (value is None or value == "") and column in OF_THE_FIRM and entry.firm is not None:
        value = entry.firm.first.cell(column)
    if isinstance(value, str) and linter.has_contact(value):
        return linter.without_contacts(value)
    return value


def _cell(sheet: Any, value: Cell, bad: bool) -> Any:
    cell: Any = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]  # it takes dates as well
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins with = stays a text,
        if harmless(value) != value:
            cell.quotePrefix = True  # also after somebody has edited the cell
    if bad:
        cell.fill = _BAD
    return cell
