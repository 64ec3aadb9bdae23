"""Real programs for the tests: Redis, PostgreSQL, Chromium.

Each is started here on a free loopback port, in a directory of its own, and ended by its process id; no wait
is without a limit. The fixtures are in `conftest.py`.
"""

import atexit
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from glob import glob
from pathlib import Path
from typing import Any, Final, NoReturn, Self

import psycopg
import pytest

START_LIMIT_S: Final = 30.0
STOP_LIMIT_S: Final = 15.0
INITDB_LIMIT_S: Final = 90.0


def free_port() -> int:
    """A loopback port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], bool], limit_s: float, what: str) -> None:
    """Return once `true()` holds. Raises `TimeoutError` naming `what` when `limit_s` have passed."""
    end = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {limit_s:g} s")
        time.sleep(0.01)


def left_out(sentence: str) -> NoReturn:
    """This test cannot run here: skipped with the reason, or, where CI=true, failed."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{sentence} With CI=true nothing may be left out.", pytrace=False)
    pytest.skip(sentence)


class Server:
    """One program under test control, from `start` to `close` or in a `with` block. `start` after `kill` brings it back
    on the same port, data kept."""

    name = "server"

    def __init__(self) -> None:
        self.port = free_port()
        # Not pytest's own directory: that one only its user may enter, and PostgreSQL never runs as root.
        self.dir = Path(tempfile.mkdtemp(prefix=f"daigang-{self.name}-"))
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    def start(self, port: int | None = None) -> None:
        """Start, and return when it answers."""
        assert not self.running, f"{self.name} runs already"
        self.port = port or self.port
        with (self.dir / "log").open("ab") as log:
            self._process = self._launch(log.fileno())
        try:
            wait_until(lambda: not self.running or self.answers(), START_LIMIT_S, f"{self.name} to answer")
            assert self.running, "it ended by itself"
        except (TimeoutError, AssertionError) as error:
            self.kill()
            tail = (self.dir / "log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self.name} did not start: {error}\n{tail}") from error

    def kill(self) -> None:
        """SIGKILL, as a crash would; returns when it is gone."""
        self._end(signal.SIGKILL)

    def stop_signal(self) -> None:
        """SIGSTOP: connections stay open and nobody answers. Undone by `cont`."""
        # The first one before the rest are listed, so that it makes no new ones meanwhile.
        _signal(self.pid, signal.SIGSTOP)
        for pid in self._family():
            _signal(pid, signal.SIGSTOP)

    def cont(self) -> None:
        for pid in self._family():
            _signal(pid, signal.SIGCONT)

    def ensure(self) -> None:
        """Running and answering, whatever the test before has done to it."""
        if self.running:
            self.cont()
        else:
            self.start()

    def close(self) -> None:
        """End it and remove its directory. May be called twice."""
        atexit.unregister(self.close)
        if self.running:
            self.cont()
            self._end(signal.SIGINT)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answers(self) -> bool:
        raise NotImplementedError

    def _launch(self, log: int) -> "subprocess.Popen[bytes]":
        raise NotImplementedError

    def _family(self) -> list[int]:
        return [self.pid] if self.running else []

    def _end(self, number: signal.Signals) -> None:
        """Signal the program, then kill it and its children if that was not enough."""
        if self._process is None:
            return
        family = self._family()
        _signal(self._process.pid, number)
        try:
            self._process.wait(STOP_LIMIT_S if number != signal.SIGKILL else 0.2)
        except subprocess.TimeoutExpired:
            _signal(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_LIMIT_S)
        for pid in family[1:]:
            _signal(pid, signal.SIGKILL)
        wait_until(lambda: not any(_alive(pid) for pid in family), STOP_LIMIT_S, f"the end of {self.name}")


class RedisServer(Server):
    """A Redis that keeps nothing on disk: after `kill` and `start` it is empty, as after a crash."""

    name = "redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def flush(self) -> None:
        self.command("FLUSHALL")

    def command(self, *words: str) -> str:
        """The first line of the reply to one command, over a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as link:
            link.sendall(f"{' '.join(words)}\r\n".encode())
            return link.makefile("rb").readline().decode().strip()

    def answers(self) -> bool:
        try:
            return self.command("PING") == "+PONG"
        except OSError:
            return False

    def _launch(self, log: int) -> "subprocess.Popen[bytes]":
        program = shutil.which("redis-server")
        assert program is not None, "no redis-server: ask find_redis first"
        return subprocess.Popen([program, *self._options()], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _options(self) -> list[str]:
        options = ["--port", str(self.port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
        # The last as docs/operations.md says.
        return [*options, "--dir", str(self.dir), "--proto-max-bulk-len", "1mb"]


class PostgresServer(Server):
    """A PostgreSQL cluster of its own. It refuses root, so under root it runs as `postgres` or `nobody`."""

    name = "postgres"

    def __init__(self, programs: Path) -> None:
        super().__init__()
        self._programs = programs
        self._user = _unprivileged_user()
        self._password = secrets.token_hex(12)
        self._databases = 0
        self._data = self.dir / "data"
        secret = self.dir / "password"
        secret.touch(0o600)
        secret.write_text(self._password)
        if self._user:
            for path in (self.dir, secret):
                shutil.chown(path, self._user, _group_of(self._user))
        options = f"-U daigang -A password --pwfile={secret} -E UTF8 --locale=C --no-sync --no-instructions"
        made = subprocess.run(
            [programs / "initdb", "-D", self._data, *options.split()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=INITDB_LIMIT_S,
            cwd=self.dir,
            check=False,
            **_as_user(self._user),
        )
        if made.returncode:
            self.close()
            raise RuntimeError(f"initdb failed:\n{made.stdout.decode(errors='replace')[-2000:]}")

    def url(self, database: str, scheme: str = "postgresql+psycopg") -> str:
        return f"{scheme}://daigang:{self._password}@127.0.0.1:{self.port}/{database}"

    def fresh_database(self) -> str:
        """A new empty database; its SQLAlchemy URL."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop what `fresh_database` gave, whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres", "postgresql"), autocommit=True, connect_timeout=5) as link:
            link.execute(statement.encode())

    def answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _launch(self, log: int) -> "subprocess.Popen[bytes]":
        # fsync off: these clusters outlive killed processes, never a power loss.
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": str(self.port),
            "fsync": "off",
            "shared_buffers": "32MB",
            "max_connections": "100",
            "logging_collector": "off",
        }
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return subprocess.Popen(
            [self._programs / "postgres", "-D", self._data, *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.dir,
            **_as_user(self._user),
        )

    def _family(self) -> list[int]:
        # Each connection is served by a child in a process group of its own: a signal to the first misses it.
        return [self.pid, *_children(self.pid)] if self.running else []


def find_redis() -> str | None:
    return shutil.which("redis-server")


def find_postgres() -> Path | None:
    """The directory that holds `initdb` and `postgres`, the newest version first."""
    places = [
        *sorted(glob("/usr/lib/postgresql/*/bin"), key=_version_in, reverse=True),
        *sorted(glob("/opt/homebrew/opt/postgresql*/bin"), reverse=True),
        *sorted(glob("/usr/local/opt/postgresql*/bin"), reverse=True),
    ]
    if on_path := shutil.which("postgres"):
        places.append(str(Path(on_path).resolve().parent))
    return next((Path(p) for p in places if all(Path(p, n).exists() for n in ("initdb", "postgres"))), None)


def find_chromium() -> str | None:
    """A Chromium or Chrome: `CHROMIUM` if set, else the first known one."""
    if named := os.environ.get("CHROMIUM"):
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    apps = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")
    return next((path for app in apps if os.access(path := f"/Applications/{app}", os.X_OK)), None)


def chromium_flags() -> list[str]:
    """Fake camera and microphone, granted unasked; nothing that talks to the outside."""
    flags = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
    ]
    return [*flags, "--no-sandbox"] if os.geteuid() == 0 else flags


def _version_in(path: str) -> float:
    version = path.split("/")[-2]
    return float(version) if version.replace(".", "", 1).isdigit() else 0.0


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _group_of(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def _as_user(user: str | None) -> dict[str, Any]:
    return {"user": user, "group": _group_of(user), "extra_groups": []} if user else {}


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    if sys.platform == "linux":
        # A zombie that its new parent has not fetched yet is dead for us.
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        return False
    return True


def _children(parent: int) -> list[int]:
    """Process ids of the direct children."""
    if sys.platform != "linux":
        listed = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, timeout=5, check=False)
        return [int(word) for word in listed.stdout.split()]
    found = []
    for stat in glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(Path(stat).read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.split("/")[2]))
    return found
