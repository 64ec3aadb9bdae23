"""Uploading a workbook: dry run, corrections, confirm; and everything that is no workbook, or is meant to do harm."""

import asyncio
import io
import re
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiohttp import FormData

from clients.simulator import day
from server.apart import imports as apart
from server.core.model import Grant, PersonId, Review, Role
from server.store import catalogue_queries, review_queries
from server.store.workbook_files import MOST_FILE_BYTES
from tests.wire.houses import Answer, HouseUnderTest, make_config, serving

SAMPLES = Path(__file__).parents[1] / "data" / "workbook"
JOBS = (SAMPLES / "jobs.xlsx").read_bytes()
DAY = day.generate()
PHONE = re.compile(rb"(?<![0-9])1990[0-9]{7}(?![0-9])")
"""As in every line of the samples; a credit code of theirs holds 1990 as well, between other digits."""


async def upload(server: HouseUnderTest, data: bytes, query: str = "", who: str = "operator") -> Answer:
    return await server.call("POST", f"/api/import{query}", token=server.tokens.get(who, ""), data=data)


async def rows_of(server: HouseUnderTest, made: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for page in range(made["summary"]["pages"]):
        answer = await server.call("GET", f"/api/import/{made['id']}/rows/{page}", token=server.tokens["operator"])
        rows += answer.json
    return rows


async def waiting(server: HouseUnderTest) -> int:
    _, _, sums = await server.store.read(review_queries.firms, "220000", 0, 100)  # type: ignore[arg-type]
    return sums[0]


async def confirm(server: HouseUnderTest, made: dict[str, Any]) -> dict[str, int]:
    answer = await server.call("POST", f"/api/import/{made['id']}/confirm", token=server.tokens["operator"])
    assert answer.status == 200, answer.body
    found: dict[str, int] = answer.json
    return found


async def test_from_the_upload_to_the_corrected_workbook(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        answer = await upload(server, JOBS, "?session=S01")
        assert answer.status == 200, answer.body
        made = answer.json
        summary = made["summary"]
        counts = [summary.get(name, 0) for name in ("rows", "imported", "draft", "rejected", "duplicate")]
        assert counts[0] == sum(counts[1:])
        assert await waiting(server) == 0
        rows = await rows_of(server, made)
        assert len(rows) == counts[0]
        assert all(row["reasons"][0]["cell"] for row in rows if row["outcome"] == "draft")
        first = await confirm(server, made)
        assert first == {"changed": counts[1] + counts[2], "left": 0}
        assert await confirm(server, made) == first
        assert await waiting(server) == counts[1]
        again = (await upload(server, JOBS, "?session=S01")).json
        assert await confirm(server, again) == {"changed": 0, "left": counts[1] + counts[2]}

        path = f"/api/import/{made['id']}/corrections.xlsx"
        book = await server.call("GET", path, token=server.tokens["operator"])
        assert book.status == 200
        fixed, drafts = corrected(book.body)
        assert drafts == counts[2] + counts[3]
        better = (await upload(server, fixed, "?session=S01")).json
        assert better["summary"].get("unknown_headers", []) == []
        done = await confirm(server, better)
        assert done["changed"] > 0
        assert await waiting(server) == counts[1] + better["summary"]["imported"]
        # What was a draft is the same position, complete now: nothing is there twice.
        _, _, sums = await server.store.read(review_queries.firms, "220000", 0, 100)  # type: ignore[arg-type]
        assert sum(sums) == counts[1] + counts[2]


def corrected(data: bytes) -> tuple[bytes, int]:
    """The workbook with its pay filled in, as an office would; and how many rows it has."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    assert header[-2:] == ["岗位编号", "原因"]
    phones = sheet[openpyxl.utils.get_column_letter(header.index("联系电话") + 1)][1:]
    assert all(cell.value is None for cell in phones)
    for row in sheet.iter_rows(min_row=2):
        cells = dict(zip(header, row, strict=True))
        assert cells["原因"].value
        assert any(cell.fill.fgColor.rgb.endswith("FFF2CC") for cell in row)
        cells["薪资待遇"].value, cells["底薪"].value, cells["招聘人数"].value = "4000-6000", 2200, 3
        cells["备注"].value = None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), sheet.max_row - 1


async def test_approved_it_stands_on_the_shelf_it_was_imported_for(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        made = (await upload(server, JOBS, "?session=S01&dry=0")).json
        before = {slot.number for slot in await server.store.read(catalogue_queries.shelf, "S01")}  # type: ignore[arg-type]
        listed = await server.call(
            "POST", "/api/commands", token=server.tokens["operator"], body={"t": "list_reviews", "region": "220000"}
        )
        firm = next(firm for firm in listed.json["firms"] if firm.get("waiting"))
        review = {"t": "review_positions", "enterprise": firm["enterprise"], "review": Review.APPROVED.value}
        review |= {"seen_ms": listed.json["at_ms"], "key": "approve-0001"}
        answer = await server.call("POST", "/api/commands", token=server.tokens["operator"], body=review)
        assert len(answer.json["positions"]) == firm["waiting"]
        after = await server.store.read(catalogue_queries.shelf, "S01")  # type: ignore[arg-type]
        assert [slot.number for slot in after if slot.number not in before] == list(
            range(len(before) + 1, len(before) + 1 + firm["waiting"])
        )
        assert made["session"] == "S01"
        refused = await server.call("POST", "/api/commands", token=server.tokens["host"], body=review)
        assert (refused.status, refused.json["code"]) == (403, "forbidden")


async def test_only_operators_upload_and_only_who_did_sees_the_plan(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        assert (await upload(server, JOBS, who="")).status == 401
        for who in ("guest", "host", "hr"):
            assert (await upload(server, JOBS, who=who)).status == 403
        assert (await upload(server, JOBS, "?region=210000")).status in (403, 404)
        assert (await upload(server, JOBS, "?session=S99")).status == 404
        made = (await upload(server, JOBS)).json
        for path in (f"{made['id']}/rows/0", f"{made['id']}/corrections.xlsx"):
            assert (await server.call("GET", f"/api/import/{path}", token=server.tokens["hr"])).status == 404
            assert (await server.call("GET", f"/api/import/{path}")).status == 401
        answer = await server.call("POST", f"/api/import/{made['id']}/confirm", token=server.tokens["host"])
        assert answer.status == 404


async def test_who_is_operator_no_more_confirms_nothing(tmp_path: Path) -> None:
    """The role was taken between the dry run and the word; the person still has another one."""
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        made = (await upload(server, JOBS)).json
        issuer, person = server.house.issuer, PersonId("p_operator")
        for role, scope in ((Role.HR, "E1"), (Role.OPERATOR, "220183")):
            token = issuer.of(person, "operator", (Grant(role=role, scope=scope),), "client").token
            for method, path in (("POST", "confirm"), ("GET", "rows/0"), ("GET", "corrections.xlsx")):
                answer = await server.call(method, f"/api/import/{made['id']}/{path}", token=token)
                assert (answer.status, answer.json["code"]) == (403, "forbidden"), (role, path)
        assert (await confirm(server, made))["changed"] > 0


async def test_no_number_of_a_contact_is_left_on_the_disk(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        made = (await upload(server, JOBS)).json
        await confirm(server, made)
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        assert any(file.name == "corrections.xlsx" for file in files)
        for file in files:
            data = file.read_bytes()
            if file.suffix == ".xlsx":
                with zipfile.ZipFile(file) as parts:
                    data = b"".join(parts.read(name) for name in parts.namelist())
            assert not PHONE.search(data), file.name


def bomb() -> bytes:
    """A workbook of 2 MB whose sheet unpacks to two thousand."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as parts:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            parts.writestr(name, "<a/>")
        with parts.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(400):
                sheet.write(b" " * 1024 * 1024)
    return out.getvalue()


def no_header() -> bytes:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.create_sheet("人员").append(["姓名", "身份证号"])
    book.save(out)
    return out.getvalue()


def locked() -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600


BAD = {
    "a bomb": (bomb, 413, "too_large", ""),
    "no table of positions": (no_header, 400, "bad_message", "no_header"),
    "a web page saved as xls": (
        lambda: b"<html><table><tr><td>1</td></tr></table></html>",
        400,
        "bad_message",
        "web_page",
    ),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, 400, "bad_message", "no_workbook"),
    "a torn file": (lambda: JOBS[: len(JOBS) // 2], 400, "bad_message", "damaged"),
    "a locked file": (locked, 400, "bad_message", "protected"),
    "nothing": (lambda: b"", 400, "bad_message", "empty"),
}


@pytest.mark.parametrize("what", BAD)
async def test_what_is_no_workbook_is_refused_in_plain_words(tmp_path: Path, what: str) -> None:
    make, status, code, why = BAD[what]
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        answer = await upload(server, make())
        assert (answer.status, answer.json["code"]) == (status, code)
        assert answer.json["params"].get("why", "") in (why, "")
        assert (await upload(server, JOBS)).status == 200


async def test_200_mb_are_refused_before_they_are_read(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        with server.plain_socket() as link:
            head = f"POST /api/import HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 209715200\r\n"
            head += f"Authorization: Bearer {server.tokens['operator']}\r\n\r\n"
            link.sendall(head.encode())
            answer = await asyncio.to_thread(link.recv, 65536)
        assert answer.startswith(b"HTTP/1.1 413")

        async def endless():
            for _ in range(MOST_FILE_BYTES // 2**20 + 2):
                yield b"x" * 2**20

        late = await server.call("POST", "/api/import", token=server.tokens["operator"], data=endless())
        assert late.json["code"] == "too_large"


async def test_one_file_of_a_form_is_taken_and_two_are_not(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        for files, status in ((1, 200), (2, 400)):
            form = FormData()
            for number in range(files):
                form.add_field("file", JOBS, filename=f"jobs{number}.xlsx")
            answer = await server.call("POST", "/api/import", token=server.tokens["operator"], data=form())  # type: ignore[arg-type]
            assert answer.status == status, answer.body
            if status == 400:
                assert answer.json["params"]["why"] == "two_files"


@pytest.fixture
def spoiled(monkeypatch: pytest.MonkeyPatch):
    """Makes every child run that program instead."""

    def spoil(program: str, within_s: float = 20.0) -> None:
        defaults = dict(apart.Imports.__init__.__kwdefaults__ or {})
        defaults |= {"command": (sys.executable, "-c", program), "within_s": within_s}
        monkeypatch.setattr(apart.Imports.__init__, "__kwdefaults__", defaults)

    return spoil


CHILDREN = {
    "one that is killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "one that crashes": "import os; os.abort()",
    "one that never ends": "import time; time.sleep(600)",
}


@pytest.mark.parametrize("what", CHILDREN)
async def test_a_child_that_dies_is_a_refusal_and_nothing_more(tmp_path: Path, spoiled: Any, what: str) -> None:
    spoiled(CHILDREN[what], within_s=1.0)
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        began_s = time.monotonic()
        answer = await upload(server, JOBS)
        assert (answer.status, answer.json["params"]["why"]) == (400, "too_heavy")
        assert time.monotonic() - began_s < 10
        assert (await server.call("GET", "/api/fair")).status == 200
        assert [path.name for path in (tmp_path / f"imports-{server.port}").iterdir()] == []


async def test_what_reads_a_strangers_file_is_told_no_secret(
    tmp_path: Path, spoiled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workbook that breaks its reader must not be able to read the house's keys."""
    monkeypatch.setenv("DAIGANG_SEAL_KEYS", "k1:geheim")
    monkeypatch.setenv("DATABASE_PASSWORD", "geheim")
    seen = tmp_path / "seen"
    spoiled(f"import os, pathlib; pathlib.Path({str(seen)!r}).write_text(repr(dict(os.environ)))")
    async with serving(make_config(tmp_path / "var"), catalogue=DAY) as server:
        await upload(server, JOBS)
    assert "PATH" in seen.read_text()
    assert "geheim" not in seen.read_text()


async def test_one_stray_cell_at_the_end_of_a_sheet_does_no_harm(tmp_path: Path) -> None:
    """Read at once, such a sheet is a rectangle of 17 billion cells; the second child reads it line by line."""
    book = openpyxl.load_workbook(io.BytesIO(JOBS))
    book.worksheets[0]["XFD1048576"] = " "
    out = io.BytesIO()
    book.save(out)
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        answer = await upload(server, out.getvalue())
        assert answer.status == 200, answer.body
        assert answer.json["summary"]["rows"] == (await upload(server, JOBS)).json["summary"]["rows"]


async def test_more_uploads_than_may_wait_are_asked_to_come_again(tmp_path: Path, spoiled: Any) -> None:
    spoiled("import time; time.sleep(600)", within_s=0.7)
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        answers = await asyncio.gather(*(upload(server, JOBS) for _ in range(apart.MOST_WAITING + 1)))
        assert sorted(answer.json["code"] for answer in answers).count("too_many") == 1
        assert next(answer for answer in answers if answer.status == 429).json["temporary"]


async def test_a_child_that_wants_too_much_memory_is_told_so(tmp_path: Path) -> None:
    program = "from server.apart.import_child import limit; limit(); x = bytearray(2**30)"
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stderr=asyncio.subprocess.DEVNULL)
    assert await child.wait() == 1


async def test_the_template_can_be_filled_in_and_imported(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        answer = await server.call("GET", "/api/import/template.xlsx")
        book = openpyxl.load_workbook(io.BytesIO(answer.body))
        sheet = book.worksheets[0]
        header = [cell.value for cell in sheet[1]]
        line = dict.fromkeys(header) | {"单位名称": "长春甲有限公司", "岗位名称": "焊工", "招聘人数": 5}
        line |= {"综合月薪": "4000-6000", "底薪": 2200, "工作地点": "农安县", "有效期至": "2099-03-31"}
        sheet.append([line[name] for name in header])
        out = io.BytesIO()
        book.save(out)
        made = (await upload(server, out.getvalue())).json
        assert made["summary"]["imported"] == 1
        assert made["summary"].get("unknown_headers", []) == []
