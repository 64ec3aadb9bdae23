"""The hub as a real process: started, killed, stopped and started again, always by its own id."""

import asyncio
import base64
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.python.doors import Doors
from server.core.refusal import Refusal
from server.secrets_file import FILE_NAME, SIGNING_SEED, write_new
from tests.services import free_port
from tests.wire.hubs import SIGNING

START_WITHIN_S = 30.0
STOP_WITHIN_S = 30.0


class HubProcess:
    """`daigang run --demo` on a port and a directory of its own; the same both over all its lives."""

    def __init__(
        self,
        var_dir: Path,
        environ: Mapping[str, str] | None = None,
        name: str = "hub",
        arguments: Sequence[str] = ("--demo",),
    ) -> None:
        self.var_dir = var_dir
        self._arguments = arguments
        self._log = var_dir / f"{name}.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}/ws"
        self.doors = Doors(self.url)
        self.environ = {
            **os.environ,
            **(environ or {}),
            "DAIGANG_PORT": str(self.port),
            "DAIGANG_VAR": str(var_dir),
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the present life."""
        assert self.process is not None, "the hub was not started"
        return self.process.pid

    async def start(self) -> None:
        """Serving when it returns."""
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.cli", "run", *self._arguments],
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline_s = time.monotonic() + START_WITHIN_S
        while True:
            with contextlib.suppress(Refusal):
                await self.doors.setup()
                return
            assert self.process.poll() is None, f"the hub ended: {self.log()[-2000:]}"
            assert time.monotonic() < deadline_s, f"the hub does not answer: {self.log()[-2000:]}"
            await asyncio.sleep(0.05)

    def log(self) -> str:
        """What all lives wrote."""
        return self._log.read_text(errors="replace")

    def number(self, name: str) -> float:
        """Of `/metrics`, one without labels."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/metrics", timeout=10) as answer:
            found = re.search(rf"(?m)^{name} (\S+)$", answer.read().decode())
        assert found is not None, name
        return float(found[1])

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is said."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    async def terminate(self) -> int:
        """SIGTERM, as a deploy does; the exit code."""
        assert self.process is not None
        self.process.terminate()
        return await asyncio.to_thread(self.process.wait, STOP_WITHIN_S)

    def signal(self, number: signal.Signals) -> None:
        """Any other signal."""
        os.kill(self.pid, number)

    def pause(self) -> None:
        """SIGSTOP."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)


def daigang(var_dir: Path, *words: str, first: str = "", **environ: str) -> "subprocess.CompletedProcess[str]":
    """A command that ends by itself, within a minute. `first`: code that stands before the program."""
    main = f"{first}\nimport sys\nfrom server.cli import main\nsys.exit(main())"
    return subprocess.run(
        [sys.executable, *(("-c", main) if first else ("-m", "server.cli")), *words],
        env={**os.environ, "DAIGANG_VAR": str(var_dir), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def known_keys(var_dir: Path, signing: Ed25519PrivateKey = SIGNING) -> None:
    """Keys for a hub to come, which takes what is signed so (tokens of `tests.wire.hubs`) for its own."""
    write_new(var_dir / FILE_NAME)
    seed = base64.b64encode(signing.private_bytes_raw()).decode()
    text = (var_dir / FILE_NAME).read_text()
    (var_dir / FILE_NAME).write_text(re.sub(f"(?m)^{SIGNING_SEED}=.*$", f"{SIGNING_SEED}={seed}", text))


@contextlib.contextmanager
def hub_process(
    var_dir: Path,
    environ: Mapping[str, str] | None = None,
    name: str = "hub",
    arguments: Sequence[str] = ("--demo",),
) -> Iterator[HubProcess]:
    """A hub that is not started yet and is gone at the end."""
    hub = HubProcess(var_dir, environ, name, arguments)
    try:
        yield hub
    finally:
        with contextlib.suppress(ProcessLookupError, AssertionError):
            hub.resume()
        hub.kill()
