"""What a workbook may carry beside plain cells: formulas, errors, macros, text that a spreadsheet would run; the same
file again, in part changed, or twice at once."""

import asyncio
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl

from server.store import review_queries
from tests.wire.houses import HouseUnderTest, make_config, serving
from tests.wire.test_import import DAY, JOBS, SAMPLES, confirm, rows_of, upload, waiting

DDE = "=cmd|' /C calc'!A0"
HEADER = ("单位名称", "岗位名称", "招聘人数", "综合月薪", "底薪", "工作地点", "岗位职责", "有效期至")


def workbook(*rows: tuple[object, ...], patch: Callable[[str], str] = lambda sheet: sheet) -> bytes:
    """An xlsx of these rows; `patch` changes the XML of its sheet as another program would have written it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (HEADER, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return rewritten(out.getvalue(), {"xl/worksheets/sheet1.xml": patch})


def rewritten(data: bytes, change: Mapping[str, Callable[[str], str]], **more: bytes) -> bytes:
    """The same workbook with parts of it changed, and others added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            content = parts.read(name)
            made.writestr(name, change[name](content.decode()) if name in change else content)
        for name, content in more.items():
            made.writestr(name, content)
    return out.getvalue()


def row(**cells: object) -> tuple[object, ...]:
    plain = dict(
        zip(HEADER, ("长春甲有限公司", "焊工", 5, "4000-6000", 2200, "农安县", "焊接", "2099-03-31"), strict=True)
    )
    return tuple({**plain, **cells}[name] for name in HEADER)


async def planned(server: HouseUnderTest, data: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """The rows of a dry run, and its correction workbook."""
    made = await upload(server, data)
    assert made.status == 200, made.body
    path = f"/api/import/{made.json['id']}/corrections.xlsx"
    book = await server.call("GET", path, token=server.tokens["operator"])
    return await rows_of(server, made.json), book.body if book.status == 200 else b""


def sheets_of(book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist() if name.startswith("xl/"))


async def test_of_a_formula_counts_what_it_last_said(tmp_path: Path) -> None:
    cached = workbook(row(底薪="=1100*2"), patch=lambda s: re.sub(r"<v */>|<v></v>", "<v>2200</v>", s))
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        rows, _ = await planned(server, cached)
        assert [one["outcome"] for one in rows] == ["imported"]
        # One that was never reckoned is an empty cell, and no formula comes back.
        rows, book = await planned(server, workbook(row(岗位名称="=A2&B2"), row(招聘人数="=SUM(A1:A9)")))
        assert sorted(one["outcome"] for one in rows) == ["draft", "rejected"]
        assert b"<f>" not in sheets_of(book)


async def test_an_error_is_no_title_and_no_place(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path)) as server:
        for error in ("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?"):

            def broken(sheet: str, error: str = error) -> str:
                return re.sub(r'<c r="(B2|F2)".*?</c>', rf'<c r="\1" t="e"><f>Z9</f><v>{error}</v></c>', sheet)

            rows, book = await planned(server, workbook(row(), patch=broken))
            assert [one["outcome"] for one in rows] == ["rejected"], error
            assert rows[0]["reasons"][0]["why"] == "title_missing"
            assert error.encode() not in sheets_of(book)


RUN = (DDE, "+1+cmd|' /C calc'!A0", "@SUM(1+9)*cmd|' /C calc'!A0", "-2+3+cmd|x!A0", "\t=1+1")


async def test_text_that_a_spreadsheet_would_run_comes_back_as_text(tmp_path: Path) -> None:
    """Also after somebody has looked at the cell and pressed enter: the quote tells the spreadsheet."""

    def written(sheet: str) -> str:
        for n, text in enumerate(RUN):
            sheet = sheet.replace(f">X{n}<", f">{text}<")
        return sheet

    data = workbook(*(row(岗位名称=f"岗位{n}", 岗位职责=f"X{n}", 招聘人数="") for n in range(len(RUN))), patch=written)
    async with serving(make_config(tmp_path)) as server:
        _, book = await planned(server, data)
        assert b"<f>" not in sheets_of(book)
        sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
        for text in RUN:
            found = [cell for line in sheet.iter_rows() for cell in line if str(cell.value).strip() == text.strip()]
            assert [(cell.data_type, bool(cell.quotePrefix)) for cell in found] == [("s", True)], text
        again = (await upload(server, book)).json
        assert again["summary"].get("unknown_headers", []) == []


async def test_macros_are_passed_over(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        plain = (await upload(server, JOBS)).json["summary"]
        macros = rewritten(JOBS, {}, **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"Auto_Open" * 999})
        assert (await upload(server, macros)).json["summary"] == plain
        old = (SAMPLES / "jobs.xls").read_bytes()
        before = (await upload(server, old)).json["summary"]
        assert (await upload(server, with_vba(old))).json["summary"] == before


def with_vba(data: bytes) -> bytes:
    """The xls with a storage _VBA_PROJECT_CUR in an unused entry of its directory (MS-CFB 2.6), beside the others."""
    start = 512 + 512 * int.from_bytes(data[48:52], "little")
    entries = [start + 128 * n for n in range(4)]
    free = next(at for at in entries if data[at + 66] == 0)
    name = "_VBA_PROJECT_CUR\0".encode("utf-16-le")
    entry = name.ljust(64, b"\0") + len(name).to_bytes(2, "little") + b"\x01\x01" + b"\xff" * 12
    made = bytearray(data)
    made[free : free + 128] = entry.ljust(128, b"\0")
    last = next(at for at in entries[1:] if data[at + 66] and made[at + 72 : at + 76] == b"\xff" * 4)
    made[last + 72 : last + 76] = entries.index(free).to_bytes(4, "little")
    return bytes(made)


def expanding() -> bytes:
    """Entities that would become a billion characters (the billion laughs)."""
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY a0 "ha">{laughs}]>'
    return workbook(row(岗位职责="X2"), patch=lambda s: head + s.replace(">X2<", ">&a9;<"))


def many_parts() -> bytes:
    """5,000 parts, each of them nothing."""
    return rewritten(workbook(row()), {}, **{f"xl/media/{n}.png": b"" for n in range(5_000)})


def outward() -> bytes:
    """Parts that would lie outside if they were unpacked, and a link to a file of the server."""
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" '
        'Target="file:///etc/passwd" TargetMode="External"/></Relationships>'
    )
    more = {
        "../../../etc/cron.d/x": b"* * * * * root sh",
        "xl/externalLinks/_rels/externalLink1.xml.rels": rels.encode(),
    }
    return rewritten(workbook(row()), {}, **more)


async def test_what_is_built_to_hurt_is_read_or_refused_and_hurts_nobody(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        for make in (expanding, many_parts, outward):
            answer = await upload(server, make())
            assert answer.status in (200, 400, 413), (make.__name__, answer.body)
            assert b"root:" not in answer.body
            if answer.status == 200:
                assert max(len(str(one)) for one in await rows_of(server, answer.json)) < 20_000
            assert (await server.call("GET", "/api/fair")).status == 200
        assert not (tmp_path.parent / "etc").exists()
        assert (await upload(server, JOBS)).status == 200


async def total(server: HouseUnderTest) -> int:
    _, _, sums = await server.store.read(review_queries.firms, "220000", 0, 100)  # type: ignore[arg-type]
    return sum(sums)


async def test_the_same_file_half_changed_changes_that_half(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path)) as server:
        lines = [row(岗位名称=f"岗位{n}") for n in range(10)]
        first = await confirm(server, (await upload(server, workbook(*lines))).json)
        assert first == {"changed": 10, "left": 0}
        changed = [row(岗位名称=f"岗位{n}", 底薪=2600) if n % 2 else line for n, line in enumerate(lines)]
        added = [*changed[:9], row(岗位名称="岗位新")]  # one is gone, one is new
        second = await confirm(server, (await upload(server, workbook(*added))).json)
        assert second == {"changed": 5, "left": 5}, "岗位1, 3, 5, 7 and the new one"
        assert await total(server) == 11, "what is no longer in the file stays"


async def test_two_files_at_once_make_nothing_twice(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path), catalogue=DAY) as server:
        lines = [row(岗位名称=f"岗位{n}") for n in range(30)]
        one, two = workbook(*lines[:20]), workbook(*lines[10:])
        plans = [answer.json for answer in await asyncio.gather(upload(server, one), upload(server, two))]
        done = await asyncio.gather(*(confirm(server, plan) for plan in plans))
        assert sum(each["changed"] for each in done) == 30
        assert sum(each["left"] for each in done) == 10
        assert await waiting(server) == await total(server) == 30
