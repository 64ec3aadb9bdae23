"""nginx before a hub, as `deploy/nginx.conf` has it, with a cache of scripts and without TLS."""

import asyncio
import shutil
import signal
import tempfile
from pathlib import Path
from types import TracebackType

from bench import children
from bench.hub import HOST, free_port

SOURCE = Path(__file__).parent / "front.conf"
UP_WITHIN_S = 10.0


class Front:
    """Use with `async with`. Raises `OSError` where nginx does not come up."""

    def __init__(self, hub_port: int, cores: tuple[int, ...]) -> None:
        self._hub_port = hub_port
        self._cores = cores
        self._directory = tempfile.TemporaryDirectory(prefix="daigang-bench-front-", ignore_cleanup_errors=True)
        self._process: asyncio.subprocess.Process | None = None
        self.host = HOST
        self.port = free_port()

    @staticmethod
    def is_here() -> bool:
        """Whether nginx is installed."""
        return shutil.which("nginx") is not None

    async def __aenter__(self) -> "Front":
        root = self._prepared()
        argv = ["nginx", "-p", str(root), "-e", str(root / "error.log"), "-c", str(root / "nginx.conf")]
        try:
            with (root / "output").open("wb") as output:
                self._process = await children.start(argv, self._cores, stdout=output)
            async with asyncio.timeout(UP_WITHIN_S):
                while not await self._listens():  # noqa: ASYNC110 (another process)
                    await asyncio.sleep(0.05)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

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

    async def _listens(self) -> bool:
        assert self._process is not None
        if self._process.returncode is not None:
            raise OSError((Path(self._directory.name) / "error.log").read_text("utf-8", "replace")[-300:])
        try:
            _, writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def _stop(self) -> None:
        await children.stop(self._process, signal.SIGTERM, 5.0)
        self._directory.cleanup()
