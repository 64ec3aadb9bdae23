"""Imports under way in this hub: uploads looked at by child processes, their plans kept for a while, written on a word.

At most one child runs, a few uploads wait, and a plan that nobody confirms is forgotten. A child that crashes, is
killed or takes too long is a refusal to its caller; the hub does not notice more of it.
"""

import asyncio
import contextlib
import logging
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import msgspec

from server.actions.import_pieces import Piece
from server.actions.importing import REST_BESIDE_VIEWERS, Import, Imported, import_pieces
from server.apart.child import run_child
from server.apart.import_files import CORRECTIONS, SUMMARY, TASK, UPLOAD, Summary, Task, page_file, piece_file, put
from server.core.days import day_of
from server.core.model import PersonId, Region, RegionCode, SessionId
from server.core.refusal import Code, Refusal
from server.store.store import Store

log = logging.getLogger(__name__)

CHILD_WITHIN_S: Final = 60.0
MOST_WAITING: Final = 4
"""Uploads that may wait for the one child; the next caller is asked to come again."""
KEPT_S: Final = 30 * 60
MOST_KEPT: Final = 16
COMMAND: Final = (sys.executable, "-m", "server.apart.import_child")


class Plan(msgspec.Struct, kw_only=True):
    """A dry run that may be confirmed by who made it."""

    id: str
    by: PersonId
    branch: RegionCode
    session: SessionId | None
    directory: Path
    summary: Summary
    made_ms: int
    done: Imported | None = None


class Imports:
    """All imports of a hub."""

    def __init__(
        self,
        store: Store,
        regions: Callable[[], tuple[Region, ...]],
        directory: Path,
        clock_ms: Callable[[], int],
        *,
        command: tuple[str, ...] = COMMAND,
        within_s: float = CHILD_WITHIN_S,
    ) -> None:
        """`directory` is the imports' own: it is emptied when they open."""
        self._store = store
        self._regions = regions
        self._root = directory
        self._clock_ms = clock_ms
        self._command = command
        self._within_s = within_s
        self._plans: dict[str, Plan] = {}
        self._child = asyncio.Semaphore(1)
        self._waiting = 0
        self._writing = asyncio.Lock()

    @property
    def directory(self) -> Path:
        """Where its files are."""
        return self._root

    async def open(self) -> None:
        """Nothing of an earlier run is of use: its plans were in memory."""
        await asyncio.to_thread(self._empty)

    async def close(self) -> None:
        """Forget all plans."""
        self._plans.clear()
        await asyncio.to_thread(shutil.rmtree, self._root, True)

    def _empty(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Path]:
        """A directory for one upload. Raises `Refusal(TOO_MANY)` when too many wait; what was not looked at is gone
        afterwards."""
        if self._waiting >= MOST_WAITING:
            raise Refusal(Code.TOO_MANY, temporary=True, retry_ms=10_000)
        self._waiting += 1
        directory = self._root / secrets.token_urlsafe(12)
        try:
            await asyncio.to_thread(directory.mkdir, 0o700, True)
            yield directory
        finally:
            self._waiting -= 1
            if directory.name not in self._plans:
                await asyncio.to_thread(shutil.rmtree, directory, True)

    async def look(self, directory: Path, by: PersonId, branch: RegionCode, session: SessionId | None) -> Plan:
        """Let a child read the upload in the directory. Raises `Refusal`: what is wrong with the file."""
        try:
            async with self._child:
                summary = await self._ask(directory, branch, careful=False)
                if summary is None:  # it died: perhaps of a sheet that is mostly empty and very large
                    summary = await self._ask(directory, branch, careful=True)
        finally:
            # Contacts stand in it, in the clear.
            await asyncio.to_thread((directory / UPLOAD).unlink, True)
        if summary is None:
            raise Refusal(Code.BAD_MESSAGE, detail="workbook: reading it took too much memory or time", why="too_heavy")
        if summary.code:
            raise Refusal(Code(summary.code), why=summary.why, detail=summary.detail)
        plan = Plan(
            id=directory.name,
            by=by,
            branch=branch,
            session=session,
            directory=directory,
            summary=summary,
            made_ms=self._clock_ms(),
        )
        self._plans[plan.id] = plan
        await self._forget_old()
        return plan

    async def _ask(self, directory: Path, branch: RegionCode, *, careful: bool) -> Summary | None:
        task = Task(regions=self._regions(), branch=branch, on_day=day_of(self._clock_ms()), careful=careful)
        await asyncio.to_thread(put, directory / TASK, task)
        code = await self._run(directory)
        summary = await asyncio.to_thread(_summary, directory)
        if summary is None:
            log.warning("an import's child ended with %d and left nothing", code)
        return summary

    async def _run(self, directory: Path) -> int:
        try:
            async with asyncio.timeout(self._within_s):
                # It answers by files: what it writes besides is of no interest, and a hostile file might make it much.
                code, _ = await run_child(*self._command, str(directory), heard=False)
        except TimeoutError:
            log.warning("an import's child was stopped after %d s", self._within_s)
            return -1
        return code

    def plan(self, id: str, by: PersonId) -> Plan:
        """A plan of that person. Raises `Refusal(NOT_FOUND)`: it is another's, was forgotten, or never was."""
        plan = self._plans.get(id)
        if plan is None or plan.by != by or plan.made_ms < self._clock_ms() - KEPT_S * 1000:
            raise Refusal(Code.NOT_FOUND, what="import", id=id[:80])
        return plan

    async def page(self, plan: Plan, number: int) -> bytes:
        """A page of its rows as JSON. Raises `Refusal(NOT_FOUND)`."""
        if not 0 <= number < plan.summary.pages:
            raise Refusal(Code.NOT_FOUND, what="page", id=str(number)[:20])
        return await asyncio.to_thread(page_file(plan.directory, number).read_bytes)

    async def corrections(self, plan: Plan) -> bytes:
        """The correction workbook. Raises `Refusal(NOT_FOUND)` when there was nothing to correct."""
        if not plan.summary.corrections:
            raise Refusal(Code.NOT_FOUND, what="corrections", id=plan.id)
        return await asyncio.to_thread((plan.directory / CORRECTIONS).read_bytes)

    async def confirm(self, plan: Plan) -> Imported:
        """Write it, piece by piece; asked twice it answers the same. Raises `Refusal`; a temporary one can be asked
        again, and goes on where it stopped."""
        async with self._writing:
            if plan.done is None:
                how = Import(
                    by=plan.by,
                    key=f"import-{plan.id}",
                    session=plan.session,
                    branch=plan.branch,
                    rest=REST_BESIDE_VIEWERS,
                )
                plan.done = await import_pieces(self._store, self._pieces(plan), how, self._clock_ms())
            return plan.done

    async def _pieces(self, plan: Plan) -> AsyncIterator[Piece]:
        for number in range(plan.summary.pieces):
            data = await asyncio.to_thread(piece_file(plan.directory, number).read_bytes)
            yield msgspec.msgpack.decode(data, type=Piece)

    async def _forget_old(self) -> None:
        oldest_ms = self._clock_ms() - KEPT_S * 1000
        order = sorted(self._plans.values(), key=lambda plan: plan.made_ms)
        gone = [p for n, p in enumerate(order) if p.made_ms < oldest_ms or n < len(order) - MOST_KEPT]
        for plan in gone:
            del self._plans[plan.id]
            await asyncio.to_thread(shutil.rmtree, plan.directory, True)


def _summary(directory: Path) -> Summary | None:
    try:
        return msgspec.msgpack.decode((directory / SUMMARY).read_bytes(), type=Summary)
    except (OSError, msgspec.DecodeError):
        return None
