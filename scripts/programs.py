"""Programs that a script starts: each in a session of its own, ended by its own process id, every wait with a limit.

When the script itself is killed, Linux ends them in its place.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import psycopg

START_WITHIN_S: Final = 90.0
STOP_WITHIN_S: Final = 40.0
LOOK_S: Final = 0.1
PR_SET_PDEATHSIG: Final = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Trouble(Exception):
    """It cannot go on; the message is a sentence."""


class Program:
    """One that runs, and where it writes."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    def tail(self) -> str:
        """Its last lines."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])


class Programs:
    """Those that were started; hubs are ended first."""

    def __init__(self, place: Path, hold: int) -> None:
        """`place`: where they write. `hold`: a file each of them has open for as long as it lives."""
        self.place = place
        self._hold = hold
        self.all: list[Program] = []

    def launch(
        self, name: str, words: Sequence[str], *, environ: dict[str, str] | None = None, user: str | None = None
    ) -> None:
        log = self.place / f"{name}.log"
        with log.open("ab") as out:
            # A session of its own: Ctrl-C reaches this program alone, which ends the others in order.
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.place if user else None,
                env={**os.environ, **(environ or {})},
                start_new_session=True,
                pass_fds=(self._hold,),
                preexec_fn=_end_with_us if _libc else None,
                **_as_user(user),
            )
        self.all.append(Program(name, process, log))

    def run(self, words: Sequence[str], *, user: str | None) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=90,
            cwd=self.place,
            check=False,
            **_as_user(user),
        )

    def until(self, true: Callable[[], bool], what: str) -> None:
        deadline_s = time.monotonic() + START_WITHIN_S
        while not true():
            self.look()
            if time.monotonic() > deadline_s:
                raise Trouble(f"{what} does not answer:\n{self.all[-1].tail()}")
            time.sleep(LOOK_S)

    def look(self) -> None:
        """Raises `Trouble` when one has ended."""
        for program in self.all:
            if program.process.poll() is not None:
                raise Trouble(f"{program.name} ended:\n{program.tail()}")

    def stop(self) -> None:
        """All of them, hubs first; gone when it returns."""
        hubs = [one for one in self.all if one.name.startswith("hub")]
        for group in (hubs, [one for one in self.all if one not in hubs]):
            for one in group:
                with contextlib.suppress(ProcessLookupError):
                    one.process.send_signal(signal.SIGINT)  # for PostgreSQL: fast, for the others as SIGTERM
            deadline_s = time.monotonic() + STOP_WITHIN_S
            for one in group:
                try:
                    one.process.wait(max(0.1, deadline_s - time.monotonic()))
                except subprocess.TimeoutExpired:
                    one.process.kill()
                    one.process.wait(5)


def _end_with_us() -> None:
    """In the new process, after its user was set (which would undo it): the same signal as `stop` sends."""
    assert _libc is not None
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGINT))


def _as_user(user: str | None) -> dict[str, Any]:
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def unprivileged() -> str:
    """PostgreSQL refuses root."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_free(ports: Sequence[int]) -> None:
    """A run that was killed may still be ending there. Raises `Trouble` when somebody stays."""
    deadline_s = time.monotonic() + STOP_WITHIN_S
    said = False
    while taken := [port for port in ports if not _is_free(port)]:
        if not said:
            print(f"port {taken[0]} is still in use: waiting for it …", flush=True)
        said = True
        if time.monotonic() > deadline_s:
            raise Trouble(f"port {taken[0]} is in use by another program (perhaps another `make cluster`)")
        time.sleep(LOOK_S)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def databases(url: str, names: Sequence[str]) -> bool:
    """Make them; whether they are there."""
    try:
        with psycopg.connect(f"{url}postgres", autocommit=True, connect_timeout=2) as link:
            for name in names:
                with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                    link.execute(f'CREATE DATABASE "{name}"'.encode())
    except psycopg.OperationalError:
        return False
    return True


def told(port: int, command: str) -> bool:
    """Give Redis a command; whether it took it."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
            link.sendall(f"{command}\r\n".encode())
            return link.makefile("rb").readline().startswith(b"+OK")
    except OSError:
        return False


def answers(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
