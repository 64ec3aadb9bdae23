"""The store's face: `write` one thing, `read` one moment. Everything else of it is a function of a connection.

Both engines work in threads of the store, never on the event loop; every wait has a limit.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import msgspec
from sqlalchemy import URL, Connection, Engine

from server.core.histogram import Histogram
from server.core.model import Epoch, RegionCode
from server.store.batch import keyed
from server.store.chance import random_bytes
from server.store.engines import normal_url, reading_engine, writing_engine
from server.store.epoch import keep_beside, renew_epoch, settle_epoch
from server.store.handling import Context
from server.store.keyring import Keyring
from server.store.migrations import upgrade
from server.store.patience import Patience
from server.store.reader import Reader
from server.store.retention import prune
from server.store.troubles import is_no_database, is_outage, no_way_in, unavailable
from server.store.writer import Writer
from server.store.writes import Committed, Write

__all__ = ["Connection", "Store", "StoreSettings"]

P = ParamSpec("P")
T = TypeVar("T")


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a store can be told. Times in seconds."""

    batch_limit: int = 256
    """Writes of one transaction: twice what comes within the queue's pace under the largest load, so that what has
    piled up goes faster than it came."""
    queue_limit: int = 4_096
    """Writes that may wait: under a second's work; more are refused at the door."""
    write_within_s: float = 10.0
    readers: int = 4
    reads_limit: int = 512
    """Reads under way or waiting; more are refused at the door."""
    read_within_s: float = 5.0
    work_within_s: float = 120.0
    synchronous: str = "FULL"
    """SQLite only. NORMAL loses acknowledged writes in a power loss: for the test that shows it."""


class Store:
    """One database, open. Use `await Store.open(...)`, and `close()` it."""

    def __init__(self, url: URL, context: Context, settings: StoreSettings, clock_ms: Callable[[], int]) -> None:
        self._settings = settings
        self._context = context
        self._clock_ms = clock_ms
        self._writing = writing_engine(url, synchronous=settings.synchronous)
        reading = reading_engine(url, settings.readers).execution_options(keyring=context.keyring)
        self._reader = Reader(
            reading,
            threads=settings.readers,
            reads_limit=settings.reads_limit,
            within_s=settings.read_within_s,
        )
        self._writer = Writer(
            self._writing, context, batch_limit=settings.batch_limit, queue_limit=settings.queue_limit
        )
        self._patience: Patience | None = None
        self._closed = False
        self._epoch = Epoch("")

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        keyring: Keyring,
        province: RegionCode,
        var_dir: Path,
        clock_ms: Callable[[], int],
        random_bytes: Callable[[int], bytes] = random_bytes,
        settings: StoreSettings | None = None,
    ) -> "Store":
        """The store at that URL, its tables brought up to date. `var_dir` is where the epoch's file lies.

        Raises `ValueError` for a URL that names no such database, `DatabaseTooNew` when a later daigang has been at
        it, `Refusal(UNAVAILABLE)` when it does not answer.
        """
        context = Context(keyring, province, random_bytes)
        store = await asyncio.to_thread(cls, normal_url(url), context, settings or StoreSettings(), clock_ms)
        try:
            store._epoch = await asyncio.to_thread(_prepare, store._writing, var_dir)
        except BaseException as error:
            await store.close()
            if is_outage(error):
                raise no_way_in(error) from error
            if is_no_database(error):
                raise ValueError("the file is no SQLite database, or it is damaged: put back a copy") from None
            raise
        store._writer.start()
        return store

    @property
    def epoch(self) -> Epoch:
        """The epoch as of the opening. Every head and publication carries the one that holds at its moment."""
        return self._epoch

    @property
    def province(self) -> RegionCode:
        """The province whose `area/` and `house/` channels live here."""
        return self._context.province

    @property
    def keyring(self) -> Keyring:
        """The keys of the personal data in it: what reads personal data takes it as an argument."""
        return self._context.keyring

    @property
    def reads(self) -> int:
        """Reads so far, each one transaction."""
        return self._reader.total

    @property
    def writes_waiting(self) -> int:
        """How many writes wait for the batch after the running one."""
        return self._writer.waiting

    @property
    def commits(self) -> Histogram:
        """Seconds from the beginning of a batch's transaction to its commit, fsync included."""
        return self._writer.commits

    async def write(self, write: Write) -> Committed:
        """What became of it, after the commit. Raises `Refusal`; a temporary one with the same key again is safe.

        A caller that is cancelled meanwhile loses its answer, not its write.
        """
        waiting = self._writer.put(keyed(write, self._context.keyring))
        if self._patience is None or self._patience.loop is not waiting.loop:
            self._patience = Patience(self._settings.write_within_s, self._stuck)
        self._patience.watch(waiting)
        return await waiting.future

    def _stuck(self) -> None:
        self._writer.break_if_stuck(self._settings.write_within_s / 2)

    async def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the query finds; all its statements see the same moment. Raises `Refusal`: its own, or UNAVAILABLE
        (temporary) when the database does not answer within `read_within_s`."""
        return await self._reader.read(lambda conn: query(conn, *args, **kwargs))

    async def transact(self, act: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in a transaction of its own, on the writer's thread between two batches: imports, retention,
        the minutes of the pulse. It must be short, or cut itself up: all writes wait meanwhile. Raises `Refusal`."""
        future = self._writer.put_work(lambda conn: act(conn, *args, **kwargs))
        try:
            async with asyncio.timeout(self._settings.work_within_s):
                return await future
        except TimeoutError:
            raise unavailable() from None

    async def forget_old(self, days: Mapping[str, int] | None = None) -> int:
        """Delete what is older than its retention class asks (`retention.prune`), piece by piece with room for writes
        between. Returns how many rows went. Raises `Refusal`, and `ValueError` for less than the law asks."""
        gone = 0
        while piece := await self.transact(prune, self._clock_ms(), days):
            gone += piece
        return gone

    async def close(self) -> None:
        """Write what waits, refuse what comes, let go of the database."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        with contextlib.suppress(RuntimeError):  # never started
            self._writer.close(self._settings.write_within_s)
        self._reader.close(self._settings.read_within_s)
        self._writing.dispose()


async def renew(url: str, var_dir: Path) -> Epoch:
    """Give a store that nobody has open a new epoch, and write it beside the database: for `daigang restore`."""
    return await asyncio.to_thread(_renew, normal_url(url), var_dir)


def _prepare(engine: Engine, var_dir: Path) -> Epoch:
    upgrade(engine)
    with engine.begin() as conn:
        epoch = settle_epoch(conn, var_dir)
    keep_beside(var_dir, epoch)
    return epoch


def _renew(url: URL, var_dir: Path) -> Epoch:
    engine = writing_engine(url)
    try:
        upgrade(engine)
        with engine.begin() as conn:
            epoch = renew_epoch(conn)
        keep_beside(var_dir, epoch)
        return epoch
    finally:
        engine.dispose()
