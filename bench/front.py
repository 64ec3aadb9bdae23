"""nginx before a hub, as `deploy/nginx.conf` has it, with a cache of scripts and without TLS."""

import asyncio
import shutil
import signal
import tempfile
from pathlib import Path

from bench import children
from bench.hub import HOST, free_port

SOURCE = Path(__file__).parent / "front.conf"
UP_WITHIN_S = 10.0


class Front(children.Child):
    """Use with `async with`. Raises `OSError` where nginx does not come up."""

    def __init__(self, hub_port: int, cores: tuple[int, ...]) -> None:
        self._hub_port = hub_port
        self._cores = cores
        self._directory = tempfile.TemporaryDirectory(prefix="daigang-bench-front-", ignore_cleanup_errors=True)
        self.host = HOST
        self.port = free_port()

    @staticmethod
    def is_here() -> bool:
        """Whether nginx is installed."""
        return shutil.which("nginx") is not None

    async def _start(self) -> None:
        root = self._prepared()
        argv = ["nginx", "-p", str(root), "-e", str(root / "error.log"), "-c", str(root / "nginx.conf")]
        with (root / "output").open("wb") as output:
            self._process = await children.start(argv, self._cores, stdout=output)
        async with asyncio.timeout(UP_WITHIN_S):
            while not await children.listens(self.host, self.port):
                if self._process.returncode is not None:
                    raise OSError((root / "error.log").read_text("utf-8", "replace")[-300:])
                await asyncio.sleep(0.05)

    @property
    def pids(self) -> list[int]:
        """Master and worker."""
        assert self._process is not None
        pid = self._process.pid
        kin = Path(f"/proc/{pid}/task/{pid}/children")
        return [pid, *map(int, kin.read_text("utf-8").split())]

    def _prepared(self) -> Path:
        """The directory, with its configuration."""
        root = Path(self._directory.name)
        root.chmod(0o755)  # its worker is somebody else when this is root
        text = SOURCE.read_text("utf-8")
        for name, value in (("directory", root), ("port", self.port), ("hub", self._hub_port)):
            text = text.replace(f"@{name}@", str(value))
        (root / "nginx.conf").write_text(text, "utf-8")
        return root

    async def _stop(self) -> None:
        await children.stop(self._process, signal.SIGTERM, 5.0)
        self._directory.cleanup()
