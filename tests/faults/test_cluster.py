"""`make cluster`: two provinces, four hubs, two Redis and a PostgreSQL, started as a person starts them, walked
through, and gone after Ctrl-C."""

import asyncio
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clients.python import Afield, Arrived, Fresh, connect
from clients.python.doors import Doors
from server.core.model import Role
from server.core.protocol import Apply, GoLive, MyApplications, MyApplicationsAre, Receipt, ShowCard
from tests.services import find_postgres, find_redis, free_port, left_out
from tests.wire.hubs import eventually

pytestmark = [pytest.mark.faults, pytest.mark.redis, pytest.mark.postgres]

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.real_numbers  # seven programs: half a minute
@pytest.mark.timeout(240)
async def test_two_provinces_start_and_a_person_walks_through(tmp_path: Path) -> None:
    if find_redis() is None or find_postgres() is None:
        left_out("There is no Redis or no PostgreSQL on this machine.")
    ports = [str(free_port()) for _ in range(4)]
    said = tmp_path / "said"
    with said.open("wb") as out:
        cluster = subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "cluster.py"), "--ports", *ports],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        await eventually(lambda: "Ctrl-C ends" in said.read_text() or cluster.poll() is not None, 150.0)
        assert cluster.poll() is None, said.read_text()
        await walk([f"http://127.0.0.1:{port}" for port in ports])
        place = Path(re.findall(r"(/\S*daigang-cluster-[^/\s]+)/", commands_of(cluster.pid))[0])
        assert place.exists()
    finally:
        cluster.send_signal(signal.SIGINT)
        code = await asyncio.to_thread(cluster.wait, 90)
    assert code == 0, said.read_text()
    assert not place.exists()


def commands_of(pid: int) -> str:
    """The command lines of a process' children."""
    listed = subprocess.run(["ps", "--ppid", str(pid), "-o", "args="], capture_output=True, check=True, timeout=10)
    return listed.stdout.decode()


async def walk(urls: list[str]) -> None:
    """A host at the first hub; viewers at the second, and at both of the other province; one of them applies."""
    doors = [Doors(url) for url in urls]
    host = await doors[0].demo(Role.HOST)
    await doors[0].call(GoLive(session="S01", key="walk-go-live"), host.token)
    page = await doors[0].session("S01")
    slots = (await doors[0].shelf("S01", page.session.shelf_revision)).slots
    seen: dict[int, list[int]] = {}

    async def watch(number: int, channel: str) -> None:
        ticket = await doors[number].guest()
        async with connect(urls[number].replace("http", "ws") + "/ws", token=ticket.token) as session:
            async for item in session.join(channel):
                match item:
                    case Fresh(offset=offset):
                        seen[number] = [offset]
                    case Arrived(offset=offset):
                        seen[number].append(offset)

    places = ((1, "stage/S01"), (2, "stage/S01@220000"), (3, "stage/S01@220000"))
    watching = [asyncio.create_task(watch(*place)) for place in places]
    await eventually(lambda: len(seen) == len(places), 30.0)
    for n in range(3):
        show = ShowCard(session="S01", position=slots[n].position.id, key=f"walk-show-{n}")
        await doors[0].call(show, host.token)
    await eventually(lambda: all(offsets[-1] == 4 for offsets in seen.values()), 30.0)
    assert all(offsets == list(range(offsets[0], 5)) for offsets in seen.values()), seen
    stranger = await doors[2].guest()
    apply = Apply(
        session="S01",
        position=slots[0].position.id,
        name="张三",
        phone="13900001234",
        consent=(await doors[0].setup()).consent,
        age_confirmed=True,
        key="walk-apply-1",
    )
    shown = Afield(doors[2], "220000", stranger.token)
    receipt = await doors[0].call(apply, await shown())
    assert isinstance(receipt, Receipt)
    mine = await doors[1].call(MyApplications(), await shown())
    assert isinstance(mine, MyApplicationsAre)
    assert len(mine.applications) == 1
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
