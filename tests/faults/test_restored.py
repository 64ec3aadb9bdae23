"""A backup is put back as the handbook says (promise 30): copied while the hub writes, restored after more was written.
What had a receipt before the copy began is in it, its numbers are those of its log, and every viewer who comes back is
told to start afresh: what they saw after the copy is not in this database."""

import asyncio
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from tests.faults.flowing import Flow
from tests.faults.processes import HubProcess, daigang, hub_process
from tests.services import find_postgres
from tests.wire.hubs import eventually

pytestmark = pytest.mark.faults

VIEWERS = 12


class Handbook(msgspec.Struct, frozen=True):
    """Its commands for one kind of database."""

    store_url: str
    copy: Callable[[], object]
    put_back: Callable[[], object]


def of_sqlite(var: Path, copied: Path) -> Handbook:
    file = var / "daigang.db"

    def copy() -> None:
        with closing(sqlite3.connect(file)) as beside:
            beside.execute("VACUUM INTO ?", [str(copied)])

    def put_back() -> None:
        for beside in ("-wal", "-shm"):
            file.with_name(file.name + beside).unlink(missing_ok=True)
        copied.replace(file)

    return Handbook(f"sqlite:///{file}", copy, put_back)


def of_postgres(url: str, copied: Path) -> Handbook:
    programs = find_postgres()
    assert programs is not None
    plain = url.replace("postgresql+psycopg", "postgresql")

    def ran(*words: str) -> None:
        subprocess.run(words, check=True, timeout=60, capture_output=True)

    return Handbook(
        url,
        lambda: ran(str(programs / "pg_dump"), "-Fc", "-f", str(copied), plain),
        lambda: ran(
            *(str(programs / "pg_restore"), "--clean", "--if-exists", "--single-transaction", "-d", plain, str(copied))
        ),
    )


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.real_numbers])])
def handbook(request: pytest.FixtureRequest, tmp_path: Path) -> Handbook:
    if request.param == "sqlite":
        return of_sqlite(tmp_path / "var", tmp_path / "copy.db")
    return of_postgres(request.getfixturevalue("postgres_url"), tmp_path / "copy.dump")


def said(hub: HubProcess, *words: str) -> str:
    """What the command says; it succeeds."""
    done = daigang(hub.var_dir, *words, **hub.environ)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_a_copy_made_under_load_is_put_back_and_nobody_is_told_they_missed_nothing(
    tmp_path: Path, handbook: Handbook
) -> None:
    with hub_process(tmp_path / "var", {"DAIGANG_STORE_URL": handbook.store_url}) as hub:
        await hub.start()
        flow = Flow(hub.url)
        await flow.begin(viewers=VIEWERS)
        async with flow.flowing(applicants=2):
            await asyncio.sleep(1.0)
            answered = set(flow.receipts)
            await asyncio.to_thread(handbook.copy)
            await asyncio.sleep(1.0)
        await flow.whole()
        tops = {guest.seen[-1] for guest in flow.guests}
        assert len(answered) > 5
        assert set(flow.stored(handbook.store_url)) == set(flow.receipts)
        assert await hub.terminate() == 0

        await asyncio.to_thread(handbook.put_back)
        assert "new epoch" in await asyncio.to_thread(said, hub, "restore")
        restored = set(flow.stored(handbook.store_url))
        assert answered <= restored < set(flow.receipts)
        await hub.start()
        await eventually(lambda: all(guest.fresh == 2 for guest in flow.guests), 30.0)
        assert all(guest.seen[-1] < max(tops) for guest in flow.guests), "the copy is of before"
        assert len(flow.guests) == VIEWERS
        began = flow.shown
        async with flow.flowing(applicants=2):
            await asyncio.sleep(1.0)
        shown = flow.shown - began
        assert shown > 2
        await eventually(lambda: all(len(guest.seen) == shown + 1 for guest in flow.guests), 20.0)
        assert len({tuple(guest.seen) for guest in flow.guests}) == 1
        seen = flow.guests[0].seen
        assert seen == list(range(seen[0], seen[0] + shown + 1))
        assert all(guest.fresh == 2 for guest in flow.guests)
        assert "equal the log" in await asyncio.to_thread(said, hub, "check")
        assert "Traceback" not in hub.log()
        await flow.end()
