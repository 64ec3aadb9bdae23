"""The C loop of `reference.c`, built and run: what the kernel's `send` alone costs on this machine, at this moment."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import msgspec

from bench import children
from server.core.bodies import CardShown, encode_body
from server.core.model import Card
from server.core.protocol import Push, encode
from server.hub.frames import frame

SOURCE = Path(__file__).parent / "reference.c"
FIRST_OFFSET = 1 << 40
"""Large enough that msgpack writes it, and what follows it, in 8 bytes (0xcf) that the loop can count up in place."""


def compiler() -> str | None:
    """The C compiler, if there is one."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def frame_of(card: Card, channel: str) -> tuple[bytes, int]:
    """A card's push as the hub would frame it, and where its offset stands."""
    push = Push(
        channel=channel,
        epoch="0123456789abcdef",
        offset=FIRST_OFFSET,
        at_ms=1_700_000_000_000,
        body=msgspec.Raw(encode_body(CardShown(card=card))),
    )
    data = frame(encode(push))
    return data, data.index(b"\xcf" + FIRST_OFFSET.to_bytes(8, "big")) + 1


class Reference(children.Child):
    """The running loop; use with `async with`. Raises `OSError` when it cannot be built (it wants Linux's epoll)."""

    name = "C"

    def __init__(self, cores: tuple[int, ...], card: Card, channels: tuple[str, ...]) -> None:
        """A room for each of the channels, whose names are all of one length."""
        self.channels = channels
        self._cores = cores
        self._directory = tempfile.TemporaryDirectory(prefix="daigang-bench-c-")
        self._frames = [frame_of(card, channel) for channel in channels]
        self.host = "127.0.0.1"
        self.port = 0
        self._tops = [FIRST_OFFSET] * len(channels)

    @property
    def pid(self) -> int:
        """The process to measure."""
        assert self._process is not None
        return self._process.pid

    @property
    def frame_bytes(self) -> int:
        """Size of what is sent to each."""
        return len(self._frames[0][0])

    def send(self, room: int = 0) -> int:
        """Order one round of a room; returns the offset it will carry."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(bytes((ord("s"), room)))
        self._tops[room] += 1
        return self._tops[room]

    async def report(self) -> str:
        """What the loop says of itself since the last report."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"rr")
        return (await asyncio.wait_for(self._process.stdout.readline(), 30)).decode().strip()

    async def _start(self) -> None:
        name = compiler()
        if name is None:
            raise OSError("no C compiler")
        root = Path(self._directory.name)
        build = await asyncio.create_subprocess_exec(
            name, "-O2", "-o", str(root / "reference"), str(SOURCE), stderr=asyncio.subprocess.PIPE
        )
        _, said = await build.communicate()
        if build.returncode:
            raise OSError(f"{SOURCE.name} was not built: {said.decode(errors='replace')[:500]}")
        (root / "frames").write_bytes(b"".join(frame for frame, _ in self._frames))
        argv = [str(root / "reference"), str(root / "frames"), str(len(self._frames)), str(self._frames[0][1])]
        self._process = await children.start(argv, self._cores, stdin=asyncio.subprocess.PIPE)
        assert self._process.stdout is not None
        first = (await asyncio.wait_for(self._process.stdout.readline(), 10)).decode()
        self.port = int(first.removeprefix("port "))

    async def _stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            await children.stop(self._process, 0, 5.0)
        self._directory.cleanup()
