"""Files as offices send them: the samples row by row, and files that are something else.

The samples in `tests/data/workbook` are made up (codes of an authority that cannot exist, phones 199 0000 xxxx);
`expected.json` is what a careful importer says of each of their rows.
"""

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import msgspec
import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from clients.simulator.facts import facts, regions
from server.core.cells import Why, read_date
from server.core.import_plan import ImportPlan, Outcome
from server.core.model import RegionCode
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.workbook import plan_import
from server.store import workbook_files
from server.store.workbook_files import read_workbook

SAMPLES = Path(__file__).parents[1] / "data" / "workbook"
FILES = ("jobs.xlsx", "jobs.xls", "jobs.csv")
JILIN = RegionTree(regions(facts()))

PHONE = re.compile(rb"(?<![0-9])1990[0-9]{7}(?![0-9])")

RESULTS = {
    Outcome.IMPORTED: "ok",
    Outcome.DRAFT: "draft",
    Outcome.REJECTED: "reject",
    Outcome.DUPLICATE: "duplicate",
}
REASONS = {
    Why.PAY_NEGOTIABLE: "pay",
    Why.BASE_MISSING: "base pay",
    Why.OPENINGS_UNREADABLE: "openings",
    Why.FEE: "fee",
    Why.SEX_AND_AGE: "sex and age",
}


class ExpectedRow(msgspec.Struct):
    row: int
    firm: str
    min: int | None
    max: int | None
    result: str
    why: list[str]


class Expected(msgspec.Struct):
    rows: list[ExpectedRow]
    ok: int
    draft: int
    reject: int
    duplicate: int


EXPECTED = msgspec.json.decode((SAMPLES / "expected.json").read_bytes(), type=Expected)


def plan_of(data: bytes) -> ImportPlan:
    return plan_import(read_workbook(data), JILIN, on_day="2026-11-23")


def as_expected(plan: ImportPlan) -> list[ExpectedRow]:
    """The plan in the words of `expected.json`. A reason that has no word there stays as it is and so differs."""
    return [
        ExpectedRow(
            row=report.row,
            firm=report.firm,
            min=report.pay_min_yuan,
            max=report.pay_max_yuan,
            result=RESULTS[report.outcome],
            why=[f"same as row {report.same_as_row}"]
            if report.outcome is Outcome.DUPLICATE
            else [REASONS.get(reason.why, reason.why.value) for reason in report.reasons],
        )
        for report in plan.rows
    ]


@pytest.mark.parametrize("name", FILES)
def test_every_row_of_the_samples_ends_as_expected(name):
    plan = plan_of((SAMPLES / name).read_bytes())
    assert as_expected(plan) == EXPECTED.rows
    assert len(EXPECTED.rows) == 38
    assert [plan.count(outcome) for outcome in (Outcome.IMPORTED, Outcome.DRAFT, Outcome.REJECTED)] == [20, 17, 0]
    assert plan.count(Outcome.DUPLICATE) == EXPECTED.duplicate == 1
    assert plan.unknown_headers == ()


def test_the_three_samples_give_the_same_positions():
    plans = [plan_of((SAMPLES / name).read_bytes()) for name in FILES]
    assert plans[0].positions == plans[1].positions == plans[2].positions
    assert plans[0].enterprises == plans[1].enterprises == plans[2].enterprises
    assert len(plans[0].positions) == 20
    assert all(position.synthetic for position in plans[0].positions)


def test_importing_the_same_file_again_gives_the_same_plan():
    data = (SAMPLES / "jobs.xlsx").read_bytes()
    assert msgspec.json.encode(plan_of(data)) == msgspec.json.encode(plan_of(data))


def test_reports_name_the_cells_of_the_sheet():
    plan = plan_of((SAMPLES / "jobs.xlsx").read_bytes())
    assert [(reason.why, reason.cell) for reason in plan.rows[0].reasons] == [(Why.PAY_NEGOTIABLE, "G4")]
    assert [reason.cell for reason in plan.rows[20].reasons] == ["E24", "N24"]
    assert (plan.skipped_sheets, plan.skipped_lines) == (("填表说明",), ("岗位信息!43",))


def test_the_phones_of_the_samples_are_nowhere_in_a_plan():
    for name in FILES:
        assert not PHONE.search(msgspec.json.encode(plan_of((SAMPLES / name).read_bytes())))
    assert len(PHONE.findall((SAMPLES / "jobs.csv").read_bytes())) == 38


def test_text_is_read_in_every_encoding_that_offices_use():
    text = (SAMPLES / "jobs.csv").read_bytes().decode("gbk")
    wanted = plan_of((SAMPLES / "jobs.csv").read_bytes())
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        assert plan_of(text.encode(encoding)) == wanted
    tabs = "\n".join("\t".join(line.split(",")) for line in text.splitlines())
    assert plan_of(tabs.encode("gbk")) == wanted


def new_book():
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    return book, book.create_sheet("表")


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(data: bytes) -> list[list[tuple[object, ...]]]:
    return [[tuple(row) for row in sheet.rows] for sheet in read_workbook(data)]


def test_cells_keep_their_kinds_and_hidden_sheets_stay_hidden():
    book, sheet = new_book()
    sheet.append(["甲", 1, 2.5, True, datetime(2027, 3, 31), None, "=1+1"])
    book.create_sheet("藏").sheet_state = "hidden"
    # A formula that no program has calculated yet has no value.
    (quick,) = rows_of(saved(book))
    assert quick == [("甲", 1.0, 2.5, True, date(2027, 3, 31))]
    ((careful,),) = [list(sheet.rows) for sheet in read_workbook(saved(book), careful=True)]
    assert careful == ("甲", 1, 2.5, True, datetime(2027, 3, 31), None, None)


def test_both_ways_of_reading_give_the_same_plan():
    data = (SAMPLES / "jobs.xlsx").read_bytes()
    made, other = (
        plan_import(read_workbook(data, careful=how), JILIN, on_day="2026-11-23", branch=RegionCode("220000"))
        for how in (False, True)
    )
    assert made == other


def test_a_workbook_that_counts_from_1904():
    book, sheet = new_book()
    book.epoch = CALENDAR_MAC_1904
    sheet.append([datetime(2027, 3, 31), 45_015])
    for careful in (False, True):
        ((since_1904, rows),) = [
            (sheet.since_1904, list(sheet.rows)) for sheet in read_workbook(saved(book), careful=careful)
        ]
        assert since_1904
        ((day, serial),) = rows
        assert (read_date(day)[0], read_date(serial, since_1904=True)[0]) == ("2027-03-31", "2027-03-31")


def test_a_sheet_that_states_a_wrong_size_is_read_whole():
    with zipfile.ZipFile(SAMPLES / "jobs.xlsx") as source:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for part in source.namelist():
                target.writestr(part, source.read(part).replace(b'<dimension ref="A1:N43"', b'<dimension ref="A1"'))
    assert out.getvalue() != (SAMPLES / "jobs.xlsx").read_bytes()
    assert as_expected(plan_of(out.getvalue())) == EXPECTED.rows


def test_a_sheet_formatted_to_its_end_stops_after_a_run_of_empty_lines():
    book, sheet = new_book()
    sheet.append(["甲"])
    sheet.cell(row=3 * workbook_files.MOST_EMPTY_LINES, column=1, value="乙")
    (rows,) = rows_of(saved(book))
    assert len(rows) == 1 + workbook_files.MOST_EMPTY_LINES


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no sheet has a header"),
        (b"PK\x03\x04 and no more", "damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "xls"),
        (b"\x89PNG\r\n\0\0\0", "neither"),
        (b"\xff\xff\x80\x80", "neither"),
        ("<html><table><tr><td>岗位名称</td></tr></table></html>".encode(), "web page"),
        ("姓名,电话\n甲,1".encode(), "no sheet has a header"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(data, says):
    with pytest.raises(Refusal) as refused:
        plan_of(data)
    assert refused.value.code is Code.BAD_MESSAGE
    assert says in str(refused.value.params["detail"])


@pytest.mark.parametrize("name", ["jobs.xlsx", "jobs.xls"])
def test_a_file_cut_off_anywhere_is_refused_not_half_imported(name):
    data = (SAMPLES / name).read_bytes()
    for length in range(600, len(data) - 600, len(data) // 12):
        with pytest.raises(Refusal) as refused:
            plan_of(data[:length])
        assert refused.value.code is Code.BAD_MESSAGE


def test_a_file_too_large_is_refused_by_its_size():
    with pytest.raises(Refusal) as refused:
        read_workbook(b"PK\x03\x04" + bytes(workbook_files.MOST_FILE_BYTES))
    assert refused.value.code is Code.TOO_LARGE
    assert refused.value.params["limit_bytes"] == workbook_files.MOST_FILE_BYTES


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(workbook_files, "MOST_INFLATED_BYTES", 100_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000)
    with pytest.raises(Refusal) as refused:
        read_workbook(out.getvalue())
    assert refused.value.code is Code.TOO_LARGE
    assert refused.value.params["size_bytes"] == 200_000


def test_an_xml_part_that_is_broken_in_its_middle_is_refused():
    with zipfile.ZipFile(SAMPLES / "jobs.xlsx") as source:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for part in source.namelist():
                data = source.read(part)
                target.writestr(part, data[: len(data) // 2] if part == "xl/worksheets/sheet1.xml" else data)
    with pytest.raises(Refusal) as refused:
        plan_of(out.getvalue())
    assert "damaged" in str(refused.value.params["detail"])
