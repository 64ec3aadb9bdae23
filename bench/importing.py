"""An operator who uploads and confirms workbooks of the Jilin day's size, one after another, beside a room."""

import asyncio
import tempfile
import time
import urllib.request
from pathlib import Path

import msgspec

from bench.hub import Hub
from bench.import_speed import ROWS, write_book
from server.core.model import Grant, Role

WITHIN_S = 120.0


class Importing:
    """Company for `beside`: its uploads run until the round ends. With `rows` 0 nobody uploads."""

    def __init__(self, hub: Hub, rows: int = ROWS) -> None:
        self._hub = hub
        self._rows = rows
        self._book = b""
        self._token = hub.signer.token("bench-operator", (Grant(role=Role.OPERATOR, scope="220000"),))
        self._work: asyncio.Task[None] | None = None
        self._looks: list[float] = []
        self._writes: list[float] = []

    @property
    def ports(self) -> frozenset[int]:
        """Nobody in the kernel is asked about."""
        return frozenset()

    async def open(self) -> None:
        """Make the workbook."""
        if self._rows:
            with tempfile.TemporaryDirectory() as directory:
                book = Path(directory) / "book.xlsx"
                await asyncio.to_thread(write_book, book, self._rows)
                self._book = book.read_bytes()

    def begin(self) -> None:
        """Upload."""
        if self._rows:
            self._work = asyncio.ensure_future(self._on_and_on())

    async def end(self) -> dict[str, float]:
        """How often it was done and how long it took on average."""
        if self._work is not None:
            self._work.cancel()
        if not self._looks:
            return {}
        return {
            "imports": float(len(self._writes)),
            "look_s": sum(self._looks) / len(self._looks),
            "write_s": sum(self._writes) / max(1, len(self._writes)),
        }

    async def _on_and_on(self) -> None:
        while True:
            began_s = time.perf_counter()
            made = await asyncio.to_thread(self._post, "/api/import", self._book)
            self._looks.append(time.perf_counter() - began_s)
            began_s = time.perf_counter()
            await asyncio.to_thread(self._post, f"/api/import/{made['id']}/confirm", b"")
            self._writes.append(time.perf_counter() - began_s)

    def _post(self, path: str, body: bytes) -> dict[str, str]:
        url = f"http://{self._hub.host}:{self._hub.port}{path}"
        request = urllib.request.Request(url, data=body, method="POST")
        request.add_header("Authorization", f"Bearer {self._token}")
        with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
            found: dict[str, str] = msgspec.json.decode(answer.read(), type=dict)
            return found
