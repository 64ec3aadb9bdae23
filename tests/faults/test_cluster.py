"""`make cluster`: two provinces, four hubs, two Redis and a PostgreSQL, started as a person starts them, walked
through, and gone after Ctrl-C: at a real terminal, and also when the one before was killed."""

import asyncio
import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.python import FarToken
from clients.python.doors import Doors
from server.core.model import Role
from server.core.protocol import Apply, GoLive, MyApplications, MyApplicationsAre, Receipt, ShowCard
from tests.faults.watching import Onlooker, all_watching
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
    places = ((1, "stage/S01"), (2, "stage/S01@220000"), (3, "stage/S01@220000"))
    viewers = [
        Onlooker(urls[number].replace("http", "ws") + "/ws", (await doors[number].guest()).token, channel)
        for number, channel in places
    ]
    async with all_watching(viewers, Onlooker.watch):
        for n in range(3):
            show = ShowCard(session="S01", position=slots[n].position.id, key=f"walk-show-{n}")
            await doors[0].call(show, host.token)
        await eventually(lambda: all(viewer.seen[-1] == 4 for viewer in viewers), 30.0)
        for (number, _), viewer in zip(places, viewers, strict=True):
            viewer.check_whole(f"who is at hub {number}", 4)
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
        shown = FarToken(doors[2], "220000", stranger.token)
        receipt = await doors[0].call(apply, await shown())
        assert isinstance(receipt, Receipt)
        mine = await doors[1].call(MyApplications(), await shown())
        assert isinstance(mine, MyApplicationsAre)
        assert len(mine.applications) == 1


class Terminal:
    """`make cluster` at a terminal of its own."""

    def __init__(self, temporary: Path, ports: list[int]) -> None:
        self._keyboard, screen = os.openpty()
        os.set_blocking(self._keyboard, False)
        self._said = b""
        words = (
            f"make -o .venv/.installed BIN={Path(sys.executable).parent} PORTS='{' '.join(map(str, ports))}' cluster"
        )
        # A shell leads the session, as a person's does: when the window closes it ends, and what it runs gets SIGHUP.
        self.shell = subprocess.Popen(
            ["sh", "-c", f"{words}; exit $?"],
            stdin=screen,
            stdout=screen,
            stderr=screen,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(temporary)},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(screen)

    def says(self, words: str) -> bool:
        """So far."""
        with contextlib.suppress(BlockingIOError, OSError):
            while more := os.read(self._keyboard, 65536):
                self._said += more
        return words in self._said.decode(errors="replace")

    async def runs(self) -> None:
        """All of it serves."""
        await eventually(lambda: self.says("Ctrl-C ends") or self.shell.poll() is not None, 150.0)
        assert self.shell.poll() is None, self._said.decode(errors="replace")

    def press(self, key: bytes) -> None:
        os.write(self._keyboard, key)

    async def ended(self) -> None:
        """By itself; what it still says is read, else it would wait for that."""
        await eventually(lambda: self.says("\0") or self.shell.poll() is not None, 90.0)

    def close(self) -> None:
        os.close(self._keyboard)  # who is still there gets SIGHUP
        if self.shell.poll() is None:
            self.shell.wait(60)


@contextlib.contextmanager
def terminal(temporary: Path, ports: list[int]) -> Iterator[Terminal]:
    opened = Terminal(temporary, ports)
    try:
        yield opened
    finally:
        opened.close()


def family(pid: int) -> dict[int, str]:
    """All below that process: their ids and command lines."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, check=True, timeout=10)
    rows = [line.split(None, 2) for line in listed.stdout.decode().splitlines()]
    found: dict[int, str] = {}
    parents = {pid}
    while parents:
        below = {int(child): args for child, parent, args in rows if int(parent) in parents}
        found |= below
        parents = set(below)
    return found


def alive(pids: dict[int, str]) -> list[str]:
    """Those of them that still run under that name."""
    now = subprocess.run(["ps", "-ww", "-eo", "pid=,stat=,args="], capture_output=True, check=True, timeout=10)
    rows = [line.split(None, 2) for line in now.stdout.decode().splitlines()]
    return [args for pid, stat, args in rows if pids.get(int(pid)) == args and not stat.startswith("Z")]


def ports_in(commands: dict[int, str]) -> set[int]:
    """Those that programs were started with."""
    words = " ".join(commands.values())
    return {int(port) for port in re.findall(r"(?:--port|-p) (\d+)|127\.0\.0\.1:(\d+)", words) for port in port if port}


def listened_on(ports: set[int]) -> set[int]:
    def answers(port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return {port for port in ports if answers(port)}


@pytest.mark.real_numbers  # fourteen programs and more: a minute
@pytest.mark.timeout(400)
async def test_ctrl_c_at_a_terminal_leaves_nothing_behind_and_a_killed_one_can_be_started_again() -> None:
    if find_redis() is None or find_postgres() is None:
        left_out("There is no Redis or no PostgreSQL on this machine.")
    temporary = Path(tempfile.mkdtemp(prefix="daigang-test-"))
    temporary.chmod(0o711)  # PostgreSQL's user passes through
    hubs = [free_port() for _ in range(4)]
    started: list[dict[int, str]] = []
    try:
        for how in ("Ctrl-C", "kill -9", "Ctrl-C", "the window is closed"):
            with terminal(temporary, hubs) as screen:
                await screen.runs()
                started.append(family(screen.shell.pid) | {screen.shell.pid: ""})
                ports = ports_in(started[-1])
                assert len(ports) == 7
                assert listened_on(ports) == ports
                if how == "kill -9":
                    (script,) = (pid for pid, args in started[-1].items() if "scripts/cluster.py" in args)
                    os.kill(script, signal.SIGKILL)
                    continue  # the next one is started at once, while those of this one are still ending
                if how == "Ctrl-C":
                    screen.press(b"\x03")
                    await screen.ended()
            for pids in started:
                await eventually(lambda pids=pids: alive(pids) == [], 60.0)  # type: ignore[misc]
            assert listened_on(ports) == set()
            await eventually(lambda: list(temporary.iterdir()) == [], 10.0)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
