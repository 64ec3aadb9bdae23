"""Reading threads: each read is one transaction that sees one moment, within a limit of time."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from server.core.refusal import Refusal
from server.store.deadline import Breakable
from server.store.engines import end_read_by
from server.store.troubles import is_of_database, is_outage, not_storable, unavailable

T = TypeVar("T")


class Reader:
    """A few threads, each with a connection of its own. `reads_limit` may be under way or wait."""

    def __init__(self, engine: Engine, *, threads: int, reads_limit: int, within_s: float) -> None:
        self._engine = engine
        self._limit = reads_limit
        self._within_s = within_s
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="store reader")
        self._reads = 0
        self._closed = False
        self.total = 0
        """Reads so far."""

    async def read(self, query: Callable[[Connection], T]) -> T:
        """What the query finds. Raises `Refusal`."""
        if self._closed or self._reads >= self._limit:
            raise unavailable()
        self._reads += 1
        self.total += 1
        use = Breakable()
        try:
            deadline_s = time.monotonic() + self._within_s
            future = self._pool.submit(lambda: self._read(use, deadline_s, query))
            async with asyncio.timeout(self._within_s):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            use.shut()
            raise unavailable() from None
        finally:
            self._reads -= 1

    def close(self, within_s: float) -> None:
        """Let the running reads end, at most that long. Blocks."""
        self._closed = True
        ending = threading.Thread(target=self._pool.shutdown, kwargs={"cancel_futures": True}, daemon=True)
        ending.start()
        ending.join(within_s)
        self._engine.dispose()

    def _read(self, use: Breakable, deadline_s: float, query: Callable[[Connection], T]) -> T:
        # Twice: connections in the pool may be from before a restart of PostgreSQL.
        for last in (False, True):
            if use.broken or time.monotonic() > deadline_s:
                raise unavailable()
            try:
                with self._engine.connect() as conn:
                    use.begin(conn)
                    try:
                        with conn.begin():
                            end_read_by(conn, deadline_s)
                            return query(conn)
                    finally:
                        use.end()
                        if self._closed:
                            # Closed for good, not given back: the pool may have been disposed of meanwhile.
                            conn.invalidate()
            except Refusal:
                raise
            except Exception as error:
                stale = isinstance(error, DBAPIError) and error.connection_invalidated
                if stale and not last:
                    continue
                if is_outage(error):
                    raise unavailable() from None
                if is_of_database(error):
                    raise not_storable() from None
                raise
        raise AssertionError("the second try returns or raises")
