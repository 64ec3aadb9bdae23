"""The bytes of a workbook as sheets of cells: xlsx, xls, or csv in UTF-8 or GBK. What the rows mean: `core.workbook`.

Which kind a file is, its first bytes say, not its name: offices rename files. Rows are read as they are asked for.
Run it in a child process or a thread of a command: 15,000 rows take longer than an event loop may wait.
"""

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

import openpyxl
import xlrd
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from server.core.cells import Cell
from server.core.import_plan import Sheet
from server.core.refusal import Code, Refusal

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

MOST_FILE_BYTES: Final = 20 * 1024 * 1024
"""15,543 rows are about 1.5 MB as xlsx and 6 MB as xls."""
MOST_INFLATED_BYTES: Final = 300 * 1024 * 1024
"""What an xlsx may become when unpacked; a bomb of 20 MB becomes 20 GB."""
MOST_COLUMNS: Final = 100
MOST_EMPTY_LINES: Final = 1_000
"""A sheet formatted down to its last line has a million empty ones; after so many the sheet is over."""

_ZIP: Final = b"PK\x03\x04"
_OLE2: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
"""The stream that holds an xlsx protected by a password (MS-OFFCRYPTO)."""
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""In this order: text in GBK is hardly ever valid UTF-8, while UTF-8 often passes for GBK."""
_FROM_1904: Final = re.compile(rb"date1904=[\"'](?:1|true)[\"']")
_DELIMITERS: Final = ",\t;"
_ERRORS: Final = frozenset(("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"))
"""What a formula says that went wrong: nothing."""


def read_workbook(data: bytes, *, careful: bool = False) -> Iterator[Sheet]:
    """The sheets of a workbook, one after another; read a sheet's rows before asking for the next. `careful` takes more
    time and no more memory than a sheet has rows.

    Raises `Refusal(TOO_LARGE)` and `Refusal(BAD_MESSAGE)`, which says what is wrong with the file; both may also come
    from reading the rows.
    """
    if len(data) > MOST_FILE_BYTES:
        raise Refusal(Code.TOO_LARGE, size_bytes=len(data), limit_bytes=MOST_FILE_BYTES)
    if data.startswith(_ZIP):
        return _xlsx(data, careful=careful)
    if data.startswith(_OLE2):
        return _xls(data)
    return _csv(data)


def _bad(detail: str, why: str = "damaged") -> Refusal:
    return Refusal(Code.BAD_MESSAGE, detail=f"workbook: {detail}", why=why)


def _xlsx(data: bytes, *, careful: bool) -> Iterator[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            inflated = sum(part.file_size for part in parts.infolist())
            since_1904 = inflated <= MOST_INFLATED_BYTES and _counts_from_1904(parts)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError):
        raise _bad("the file is damaged") from None
    if inflated > MOST_INFLATED_BYTES:
        raise Refusal(Code.TOO_LARGE, size_bytes=inflated, limit_bytes=MOST_INFLATED_BYTES)
    if careful:
        return _xlsx_line_by_line(data)
    try:
        return _xlsx_at_once(CalamineWorkbook.from_filelike(io.BytesIO(data)), since_1904)
    except CalamineError:
        raise _bad("the file is damaged or no xlsx workbook") from None


def _counts_from_1904(parts: zipfile.ZipFile) -> bool:
    """The workbook's own setting for how serial dates count."""
    try:
        return _FROM_1904.search(parts.read("xl/workbook.xml")) is not None
    except KeyError:
        return False


def _xlsx_at_once(book: CalamineWorkbook, since_1904: bool) -> Iterator[Sheet]:
    """Some fifteen times as fast as line by line. It holds a sheet as a rectangle: one stray cell in the last line
    makes it as large as the sheet could be, and the process may end for want of memory."""
    for about in book.sheets_metadata:
        if about.visible is not SheetVisibleEnum.Visible or about.typ is not SheetTypeEnum.WorkSheet:
            continue
        try:
            rows = book.get_sheet_by_name(about.name).to_python(skip_empty_area=False)
        except CalamineError:
            raise _bad("the file is damaged") from None
        yield Sheet(about.name, _until_empty(_typed(rows)), since_1904)


def _typed(rows: Iterable[Sequence[object]]) -> Iterator[Sequence[Cell]]:
    for row in rows:
        yield tuple(None if value == "" else _cell(value) for value in row[:MOST_COLUMNS])


def _xlsx_line_by_line(data: bytes) -> Iterator[Sheet]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of drop-down lists and styles that it leaves out
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        except Exception:  # openpyxl lets through whatever zipfile, expat and its own descriptors raise
            raise _bad("the file is damaged or no xlsx workbook") from None
    return _xlsx_sheets(book)


def _xlsx_sheets(book: "Workbook") -> Iterator[Sheet]:
    try:
        since_1904 = book.epoch.year == 1904
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            # Files written by other programs often give a size of one cell; rows are to be counted, not believed.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True)
            yield Sheet(sheet.title, _until_empty(_guarded(rows)), since_1904)
    finally:
        book.close()


def _guarded(rows: Iterator[Sequence[object]]) -> Iterator[Sequence[Cell]]:
    """The rows with every cell a `Cell`. A file may turn out to be broken in its middle."""
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                row = next(rows, None)
        except Exception:
            raise _bad("the file is damaged") from None
        if row is None:
            return
        yield tuple(_cell(value) for value in row[:MOST_COLUMNS])


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return None if value in _ERRORS else value
    if value is None or isinstance(value, int | float | bool | date):
        return value
    if isinstance(value, time):  # 00:00 is how a workbook shows day 0
        return value.isoformat()
    return str(value)


def _until_empty(rows: Iterator[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """The rows up to a long run of empty ones."""
    empty = 0
    for row in rows:
        empty = 0 if any(cell is not None and cell != "" for cell in row) else empty + 1
        if empty > MOST_EMPTY_LINES:
            return
        yield row


def _xls(data: bytes) -> Iterator[Sheet]:
    if _ENCRYPTED in data:
        raise _bad("the file is protected by a password", "protected")
    try:
        # Its log goes nowhere: it would print names of sheets.
        book = xlrd.open_workbook(file_contents=data, on_demand=True, logfile=io.StringIO())
    except Exception as error:  # xlrd raises struct.error, AssertionError and others for broken files
        if "encrypted" in str(error):
            raise _bad("the file is protected by a password", "protected") from None
        raise _bad("the file is damaged, protected by a password, or no xls workbook") from None
    return _xls_sheets(book)


def _xls_sheets(book: xlrd.book.Book) -> Iterator[Sheet]:
    try:
        for index in range(book.nsheets):
            try:
                sheet = book.sheet_by_index(index)
            except Exception:
                raise _bad("the file is damaged") from None
            if sheet.visibility == 0:
                yield Sheet(sheet.name, _until_empty(_xls_rows(sheet, book.datemode)), book.datemode == 1)
            book.unload_sheet(index)
    finally:
        book.release_resources()


def _xls_rows(sheet: xlrd.sheet.Sheet, datemode: int) -> Iterator[Sequence[Cell]]:
    for number in range(sheet.nrows):
        yield tuple(_xls_cell(cell, datemode) for cell in sheet.row(number)[:MOST_COLUMNS])


def _xls_cell(cell: xlrd.sheet.Cell, datemode: int) -> Cell:
    kind, value = cell.ctype, cell.value
    if kind == xlrd.XL_CELL_DATE:
        try:
            moment: datetime = xlrd.xldate.xldate_as_datetime(float(value), 1 if datemode else 0)
        except (ValueError, OverflowError, xlrd.xldate.XLDateError):
            return float(value)
        return moment
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return None
    if kind == xlrd.XL_CELL_NUMBER:
        return float(value)
    return str(value) if value != "" else None


def _csv(data: bytes) -> Iterator[Sheet]:
    text = _decoded(data)
    head = text.lstrip("\ufeff \r\n\t")[:200].lower()
    if head.startswith(("<html", "<!doctype", "<?xml", "<table", "{\\rtf", "%pdf")):
        raise _bad("the file is a web page or a document, not a workbook; save it as xlsx", "web_page")
    first_lines = "\n".join(text.splitlines()[:20])
    delimiter = max(_DELIMITERS, key=first_lines.count)
    return iter((Sheet("csv", _until_empty(_csv_rows(text, delimiter))),))


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in data:
        raise _bad("the file is neither xlsx nor xls nor text", "no_workbook")
    else:
        encodings = _ENCODINGS
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _bad("the file is neither xlsx nor xls nor text in UTF-8 or GBK", "no_workbook")


def _csv_rows(text: str, delimiter: str) -> Iterator[Sequence[Cell]]:
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield tuple(cell or None for cell in row[:MOST_COLUMNS])
    except csv.Error as error:
        raise _bad(f"the text is no table: {error}") from None
