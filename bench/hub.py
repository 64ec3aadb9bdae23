"""A hub to measure: `daigang run` in a process of its own, with an empty directory, SQLite and the in-process bus.

It is started with `--demo` for the sake of its data (one live room with a shelf is needed); everything the benchmark
does goes through the public protocol, with tokens signed by the seed the hub wrote into its directory.
"""

import asyncio
import json
import math
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError
from urllib.request import urlopen

import msgspec

from bench import children
from bench.people import Signer
from bench.speaker import Speaker, why_not
from server.core.model import Card, Grant, Position, Role, Session, ShelfSlot
from server.core.protocol import GoLive
from server.core.refusal import Code
from server.secrets_file import load_secrets

UP_WITHIN_S = 60.0
DOWN_WITHIN_S = 20.0
HOST = "127.0.0.1"
FORGET = ("DAIGANG_STORE_URL", "DAIGANG_REDIS_URL", "DAIGANG_SIGNING_SEED", "DAIGANG_PHONE_KEYS")


class HubError(Exception):
    """The hub did not come up, or is not as a benchmark needs it."""


class Hub(children.Child):
    """A running hub; use with `async with`. `session` is on air, `positions` are the open ones on its shelf."""

    name = "daigang"
    command: tuple[str, ...] = (
        sys.executable,
        "-c",
        "import sys; from server.cli import main; sys.exit(main())",
        "run",
        "--demo",
    )

    def __init__(self, cores: tuple[int, ...], config: str = "", environ: Mapping[str, str] | None = None) -> None:
        """`config`: lines for its configuration beside what every benchmark needs; `environ`: where its store and its
        bus are, if not in its own directory."""
        self._config = config
        self._environ = environ or {}
        self._cores = cores
        self._directory = tempfile.TemporaryDirectory(prefix="daigang-bench-", ignore_cleanup_errors=True)
        self._log: IO[bytes] | None = None
        self.host = HOST
        self.port = 0

    @property
    def pid(self) -> int:
        """The process to measure."""
        assert self._process is not None
        return self._process.pid

    @property
    def var(self) -> Path:
        """Its directory, with its keys."""
        return Path(self._environ.get("DAIGANG_VAR") or Path(self._directory.name) / "var")

    def host_token(self, number: int) -> str:
        """The token of one of this session's hosts."""
        return self.signer.token(f"bench-host-{number}", (Grant(role=Role.HOST, scope=self.session.id),))

    async def _start(self) -> None:
        await self._come_up()
        await self._look_around()

    async def _come_up(self) -> None:
        root = Path(self._directory.name)
        config = root / "config.yaml"
        config.write_text(f'phone_confirmation: "off"\n{self._config}', "utf-8")  # the crowd that chats has no phones
        self.port = self.port or free_port()
        environ = {name: value for name, value in os.environ.items() if name not in FORGET}
        environ |= {
            "DAIGANG_CONFIG": str(config),
            "DAIGANG_VAR": str(root / "var"),
            "DAIGANG_PORT": str(self.port),
            **self._environ,
        }
        self._log = (root / "hub.log").open("ab")
        self._process = await children.start(list(self.command), self._cores, stdout=self._log, environ=environ)
        end_s = time.monotonic() + UP_WITHIN_S
        while not await self._healthy():
            if self._process.returncode is not None or time.monotonic() > end_s:
                raise HubError(f"the hub did not come up:\n{self.log_tail()}")
            await asyncio.sleep(0.1)

    async def _healthy(self) -> bool:
        try:
            return bool((await self.get("/healthz")).get("ok"))
        except (OSError, URLError, ValueError):
            return False

    def _read_keys(self) -> None:
        self.seed = load_secrets(self.var, {}, store_exists=True).signing_seed
        self.signer = Signer(self.seed)

    async def _look_around(self) -> None:
        self._read_keys()
        fair = await self.get("/api/fair")
        if not fair["sessions"]:
            raise HubError("the hub has no session")
        self.session = msgspec.convert(fair["sessions"][0]["session"], Session)
        shelf = await self.get(f"/api/sessions/{self.session.id}/shelf/{self.session.shelf_revision}")
        slots = [msgspec.convert(slot, ShelfSlot) for slot in shelf["slots"]]
        self.slots: tuple[ShelfSlot, ...] = tuple(slot for slot in slots if not slot.position.closed)
        if len(self.slots) < 2:
            raise HubError(f"session {self.session.id} has {len(self.slots)} open positions on its shelf")
        self.consent = str((await self.get("/api/setup"))["consent"])
        host = Speaker(self.host, self.port)
        await host.open(self.host_token(0))
        refusal = why_not(await host.command(GoLive(session=self.session.id, key="bench-go-live")))
        host.close()
        if refusal not in ("", Code.ALREADY_LIVE.value):
            raise HubError(f"go live was refused: {refusal}")

    @property
    def positions(self) -> tuple[Position, ...]:
        """The open positions of the session's shelf."""
        return tuple(slot.position for slot in self.slots)

    @property
    def card(self) -> Card:
        """A card as it is pushed."""
        return Card(number=self.slots[0].number, position=self.slots[0].position)

    async def get(self, path: str) -> dict[str, Any]:
        """The JSON answer of an address of the hub. Raises `URLError`, `OSError` or `ValueError`."""
        plain = json.loads(await self.text(path))
        if not isinstance(plain, dict):
            raise ValueError(f"{path}: wants an object")
        return plain

    async def text(self, path: str) -> str:
        """The answer of an address of the hub. Raises `URLError` or `OSError`."""
        return await asyncio.to_thread(_get, f"http://{self.host}:{self.port}{path}")

    def log_tail(self, characters: int = 3000) -> str:
        """The end of what the hub wrote."""
        try:
            return (Path(self._directory.name) / "hub.log").read_text("utf-8", "replace")[-characters:]
        except OSError:
            return ""

    async def killed(self) -> int:
        """Kill it, as a power cut would; returns when (ns)."""
        assert self._process is not None
        self._process.kill()
        at_ns = time.monotonic_ns()
        await self._process.wait()
        return at_ns

    async def restart(self) -> int:
        """Start it anew on the same address and directory; returns when (ns) it answered. Raises `HubError`."""
        await self._come_up()
        return time.monotonic_ns()

    async def metric(self, name: str) -> float:
        """A number of `/metrics`, summed over its labels; NaN when there is none of that name."""
        rows = (await self.text("/metrics")).splitlines()
        found = [float(row.rpartition(" ")[2]) for row in rows if row.startswith((f"{name} ", f"{name}{{"))]
        return sum(found) if found else math.nan

    async def _stop(self) -> None:
        await children.stop(self._process, signal.SIGTERM, DOWN_WITHIN_S)
        if self._log is not None:
            self._log.close()
        self._directory.cleanup()


class BareHub(Hub):
    """A hub that is only started: one more on a store that another has filled, or of a province without a fair."""

    command = Hub.command[:-1]

    async def _start(self) -> None:
        await self._come_up()
        self._read_keys()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])


def _get(url: str) -> str:
    with urlopen(url, timeout=10) as answer:  # a fixed http address on this machine
        return bytes(answer.read()).decode()
