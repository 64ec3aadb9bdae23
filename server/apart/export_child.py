"""Applicants as a file, made in a process of its own: `python -m server.apart.export_child` reads `Sheets` as msgpack
and writes the file's bytes. A workbook takes more Python than any thread of a hub has to spare."""

import csv
import io
import sys

import msgspec
from openpyxl import Workbook
from openpyxl.styles import Font

from server.core.export_rows import COLUMNS, Sheets

_ROWS_A_SHEET = 1_000


def file_of(sheets: Sheets) -> bytes:
    """The bytes of the file."""
    return _csv(sheets) if sheets.kind == "csv" else _xlsx(sheets)


def _csv(sheets: Sheets) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow((sheets.mark,))
    writer.writerow(COLUMNS)
    writer.writerows(sheets.rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(sheets: Sheets) -> bytes:
    book = Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    starts = range(0, max(1, len(sheets.rows)), _ROWS_A_SHEET)
    for number, start in enumerate(starts, 1):
        sheet = book.create_sheet(f"投递{number}")
        sheet.append((sheets.mark,))
        sheet.append(COLUMNS)
        for row in (1, 2):
            for cell in sheet[row]:
                cell.font = Font(bold=True)
        for cells in sheets.rows[start : start + _ROWS_A_SHEET]:
            sheet.append(cells)
            for cell in sheet[sheet.max_row]:
                cell.data_type = "s"
        sheet.oddFooter.center.text = sheets.mark.replace("&", "&&")
        sheet.freeze_panes = "A3"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


if __name__ == "__main__":
    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Sheets)
    sys.stdout.buffer.write(file_of(asked))
