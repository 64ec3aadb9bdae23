"""PROMISES 2: an application that was acknowledged survives the loss of power, at any moment.

The writing program runs under strace; its files are rebuilt as the disk has them for certain at the end and at random
moments. The same with `synchronous=NORMAL` must lose some: a test of the test.
"""

import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.powerloss_image import CALLS, Disk, at_cuts
from tests.services import left_out

pytestmark = pytest.mark.faults

APPLICATIONS, CUTS = 240, 50
RUN_WITHIN_S = 100


def traced_run(directory: Path, synchronous: str, count: int) -> list[str]:
    """The lines of the trace of a run of the writing program."""
    strace = shutil.which("strace")
    if strace is None:
        left_out("There is no strace on this machine.")
    trace = directory / "trace"
    (directory / "store").mkdir()
    store = str(directory / "store")
    writer = [sys.executable, "-m", "tests.faults.powerloss_writer", store, synchronous, str(count)]
    run = subprocess.run(
        [strace, "-f", "-qq", "-xx", "-s", "70000", "-e", f"trace={CALLS}", "-o", str(trace), *writer],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=RUN_WITHIN_S,
        check=False,
    )
    if b"Operation not permitted" in run.stderr:
        left_out("This machine lets nobody trace a process.")
    lines = trace.read_text().splitlines()
    assert "SIGKILL" in lines[-1], run.stderr.decode()[-2000:]
    return lines


def acknowledged(disk: Disk) -> set[str]:
    lines = bytes(disk.output).decode().splitlines(keepends=True)
    return {line.split()[1] for line in lines if line.endswith("\n")}


def found_in(image: Path) -> set[str]:
    """The applications in an image; it must be in order besides: intact, offsets without holes, heads at the top."""
    if not (image / "daigang.db").exists():
        return set()
    with closing(sqlite3.connect(image / "daigang.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'applications'").fetchall():
            return set()
        tops = dict(database.execute("SELECT channel, top FROM heads WHERE top > 0"))
        logged = database.execute("SELECT channel, count(*), max(offset) FROM log GROUP BY channel").fetchall()
        assert {channel: (top, top) for channel, top in tops.items()} == {c: (n, last) for c, n, last in logged}
        found = {row[0] for row in database.execute("SELECT id FROM applications")}
        replies = database.execute("SELECT count(*) FROM keys WHERE scoped LIKE '%/p%'").fetchone()[0]
        assert replies == len(found), "each application with the key of its command"
        return found


def opened(image: Path) -> set[str]:
    try:
        return found_in(image)
    finally:
        shutil.rmtree(image)


def test_full_loses_nothing_at_any_moment(tmp_path: Path):
    lines = traced_run(tmp_path, "FULL", APPLICATIONS)
    chance = random.Random(20211127)
    cuts = [*chance.sample(range(1, len(lines)), CUTS), len(lines)]
    seen = []
    for cut, disk in at_cuts(lines, tmp_path / "store", cuts):
        told = acknowledged(disk)
        for kind, part in (("only what was synced", None), ("some of the rest too", chance)):
            image = tmp_path / "image"
            disk.image(image, part)
            lost = told - opened(image)
            assert not lost, f"cut at line {cut} of {len(lines)}, {kind}: {len(lost)} of {len(told)} lost"
        seen.append(len(told))
    assert seen[-1] == APPLICATIONS
    assert len(set(seen)) > CUTS / 3, "the cuts fell into the writing, not before or after it"


def test_normal_loses_some_or_this_test_is_blind(tmp_path: Path):
    lines = traced_run(tmp_path, "NORMAL", APPLICATIONS)
    lost = 0
    # Several moments near the end: right after a checkpoint even NORMAL has everything.
    for _, disk in at_cuts(lines, tmp_path / "store", range(len(lines) // 2, len(lines) + 1, len(lines) // 12)):
        disk.image(tmp_path / "image")
        lost = max(lost, len(acknowledged(disk) - opened(tmp_path / "image")))
    assert len(acknowledged(disk)) > APPLICATIONS / 2
    assert lost, "NORMAL lost nothing: the image is not what a power loss leaves"


# ---- the image itself ------------------------------------------------------------------------------------------------


def x(text: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'


def contents(disk: Disk, into: Path) -> dict[str, bytes]:
    disk.image(into)
    found = {path.name: path.read_bytes() for path in into.iterdir()}
    shutil.rmtree(into)
    return found


def test_only_what_a_finished_sync_followed_is_there(tmp_path: Path):
    disk = Disk(Path("/d"))
    disk.feed(f"7  openat(AT_FDCWD, {x('/d/a')}, O_RDWR|O_CREAT, 0644) = 5")
    disk.feed(f"7  pwrite64(5, {x('one')}, 3, 0) = 3")
    assert contents(disk, tmp_path / "i") == {}
    disk.feed("7  fdatasync(5 <unfinished ...>")
    disk.feed(f"8  pwrite64(5, {x('two')}, 3, 3) = 3")
    assert contents(disk, tmp_path / "i") == {}
    disk.feed("7  <... fdatasync resumed>) = 0")
    assert contents(disk, tmp_path / "i") == {"a": b"one"}, "what was written while it synced, is not certain"
    disk.feed("8  fsync(5) = -1 EIO (Input/output error)")
    assert contents(disk, tmp_path / "i") == {"a": b"one"}
    disk.feed("8  fsync(5) = 0")
    assert contents(disk, tmp_path / "i") == {"a": b"onetwo"}
    disk.feed("7  ftruncate(5, 1) = 0")
    disk.feed("7  close(5) = 0")
    assert contents(disk, tmp_path / "i") == {"a": b"onetwo"}


def test_a_removed_file_is_gone_when_its_directory_is_synced(tmp_path: Path):
    disk = Disk(Path("/d"))
    for line in (
        f"7  openat(AT_FDCWD, {x('/d/a')}, O_RDWR|O_CREAT, 0644) = 5",
        f"7  write(5, {x('one')}, 3) = 3",
        "7  fsync(5) = 0",
        f"7  unlink({x('/d/a')}) = 0",
        f"7  write(1, {x('ack 1')}, 5) = 5",
    ):
        disk.feed(line)
    assert contents(disk, tmp_path / "i") == {"a": b"one"}
    disk.feed(f"7  openat(AT_FDCWD, {x('/d')}, O_RDONLY|O_CLOEXEC) = 6")
    disk.feed("7  fdatasync(6) = 0")
    assert contents(disk, tmp_path / "i") == {}
    assert disk.output == b"ack 1"


def test_a_line_it_does_not_know_is_an_error():
    with pytest.raises(ValueError, match="not a line"):
        Disk(Path("/d")).feed("something else entirely")
    with pytest.raises(ValueError, match="larger -s"):
        Disk(Path("/d")).feed('7  openat(AT_FDCWD, "\\x2f"..., O_RDONLY) = 5')
