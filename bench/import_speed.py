"""How fast a workbook of the Jilin day's size is imported: `python -m bench.import_speed`.

15,543 rows as a county office would send them are read and planned in the very child process a hub uses for an upload;
then a hub's store takes the positions, and the same file once more. Figures: docs/performance.md.
"""

import argparse
import asyncio
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec
import openpyxl

from clients.simulator.facts import facts, regions
from server.actions.import_pieces import Piece
from server.actions.importing import Import, import_pieces
from server.apart.import_files import SUMMARY, TASK, UPLOAD, Summary, Task, piece_file, put
from server.apart.imports import COMMAND
from server.core.model import PersonId, RegionCode
from server.core.uscc import synthetic_code
from server.opening import now_ms
from server.store.keyring import Keyring
from server.store.store import Store

ROWS: Final = 15_543
TODAY: Final = "2026-11-26"
HEADER: Final = (
    *("序号", "单位名称", "统一社会信用代码", "岗位名称", "招聘人数", "学历要求", "薪资待遇", "底薪", "工作地点"),
    *("福利待遇", "岗位职责", "招聘条件", "联系人", "联系电话", "有效期至", "备注"),
)
TITLES: Final = ("焊工", "数控车工", "普工", "质检员", "叉车司机", "会计", "保安", "缝纫工", "维修电工", "储备干部")
PAYS: Final = ("4000-6000", "5000以上", "4-6K", "0.6-0.9万", "月薪5500", "面议", "25元/小时", "７０００至８０００")
PERKS: Final = ("五险一金、包住、班车", "五险，包吃", "长白班，双休", "夫妻房 餐补15元/天", "两班倒、包吃住")


def write_book(file: Path, rows: int) -> None:
    """A made-up list: merged enterprises of some twenty rows, places of Jilin, one row in ten with a fault."""
    luck = random.Random(7)
    places = [region.name for region in regions(facts()) if region.level.value == "county"]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("岗位信息")
    sheet.append(["招聘岗位信息表"])
    sheet.append(list(HEADER))
    for number in range(rows):
        first = number % 20 == 0
        firm = number // 20
        sheet.append(
            [
                number + 1,
                f"示例{firm}有限公司" if first else None,
                synthetic_code(firm) if first else None,
                f"{luck.choice(TITLES)}{number % 20}",
                luck.choice((1, 3, "8-10", "若干", "５人")),
                luck.choice(("不限", "大专", "高中/中专")),
                luck.choice(PAYS),
                luck.choice((1900, "2200元")),
                luck.choice(places),
                luck.choice(PERKS),
                "按工艺要求完成本工序的上料、操作、码放和现场清理，服从班组安排。",
                "能吃苦耐劳，服从管理，有相关工作经验者优先考虑。",
                "人事部",
                f"199{number:08d}",
                "2027-12-31",
                None if number % 10 else "入职交服装费300元",
            ]
        )
    book.save(file)


def look(directory: Path, book: Path) -> tuple[Summary, float, float, float]:
    """The child's answer, and its wall time, processor time (s) and peak memory (MB)."""
    (directory / UPLOAD).write_bytes(book.read_bytes())
    tree = tuple(regions(facts()))
    put(directory / TASK, Task(regions=tree, branch=RegionCode("220000"), on_day=TODAY))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began_s = time.perf_counter()
    subprocess.run([*COMMAND, str(directory)], check=True)
    wall_s = time.perf_counter() - began_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    summary = msgspec.msgpack.decode((directory / SUMMARY).read_bytes(), type=Summary)
    return summary, wall_s, cpu_s, after.ru_maxrss / unit


async def write(directory: Path, summary: Summary, key: str, store: Store) -> tuple[int, int, float, float]:
    """Positions changed and left, wall time (s), and the longest piece (ms)."""
    longest_s = 0.0
    last_s = began_s = time.perf_counter()

    async def pieces() -> AsyncIterator[Piece]:
        nonlocal longest_s, last_s
        for number in range(summary.pieces):
            now_s = time.perf_counter()
            longest_s, last_s = max(longest_s, now_s - last_s), now_s
            yield msgspec.msgpack.decode(piece_file(directory, number).read_bytes(), type=Piece)

    done = await import_pieces(store, pieces(), Import(by=PersonId("bench"), key=key), now_ms())
    return done.changed, done.left, time.perf_counter() - began_s, longest_s * 1000


async def _store(directory: Path) -> Store:
    from clients.simulator.day import generate
    from server.store.catalogue_writes import load_catalogue

    store = await Store.open(
        f"sqlite:///{directory / 'bench.db'}",
        keyring=Keyring({"k1": bytes(32)}, "k1", bytes(32)),
        province=RegionCode("220000"),
        var_dir=directory,
        clock_ms=now_ms,
    )
    await store.transact(load_catalogue, generate(), now_ms())
    return store


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        book = directory / "book.xlsx"
        write_book(book, arguments.rows)
        print(f"{arguments.rows} rows, {book.stat().st_size / 2**20:.1f} MB xlsx")
        summary, wall_s, cpu_s, memory_mb = look(directory, book)
        print(f"child: {wall_s:.2f} s, {cpu_s:.2f} s of processor, {memory_mb:.0f} MB at most")
        print(f"  {summary.imported} clean, {summary.draft} drafts, {summary.rejected} rejected")
        store = await _store(directory)
        try:
            for turn in ("first", "second"):
                changed, left, took_s, longest_ms = await write(directory, summary, turn, store)
                print(
                    f"{turn} write: {took_s:.2f} s, longest piece {longest_ms:.0f} ms, {changed} changed, {left} left"
                )
        finally:
            await store.close()


if __name__ == "__main__":
    asyncio.run(main())
