"""Group commit: one thread per store drains the waiting writes into one transaction after another (DESIGN 8).

Nobody is answered before the commit. A batch that fails as a whole is refused as a whole, with `UNAVAILABLE`,
temporary: the same key again is safe, whatever became of the commit. When a value was at fault and not the database,
the writes of the batch are done one by one, so that only the poisonous one is refused.
"""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine

from server.core.histogram import Histogram
from server.core.model import Channel
from server.core.refusal import Refusal
from server.store.batch import Keyed, run
from server.store.deadline import Breakable
from server.store.engines import patient
from server.store.handling import Context, NeedsLock
from server.store.troubles import (
    is_collision,
    is_of_database,
    is_outage,
    name_of,
    not_storable,
    out_of_order,
    unavailable,
    where_of,
)
from server.store.waiting import Waiting, Work, tell
from server.store.writes import Committed
from server.store.writing_queue import WritingQueue

T = TypeVar("T")
logger = logging.getLogger(__name__)

COMMIT_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
TRIES: Final = 6
"""How often one batch is begun: collisions on PostgreSQL, heads asked for late, a connection that had gone stale."""
PAUSE_S: Final = 0.005
"""Before a batch that collided is begun again, times the try, times chance."""

Result = Committed | Refusal


class Writer:
    """The one thread of a store that writes. Raises `Refusal(UNAVAILABLE)` at the door when `queue_limit` wait."""

    def __init__(self, engine: Engine, context: Context, *, batch_limit: int, queue_limit: int) -> None:
        self._engine = engine
        self._context = context
        self._queue = WritingQueue(batch_limit=batch_limit, queue_limit=queue_limit)
        self._conn: Connection | None = None
        self._use = Breakable()
        self._began_s: float | None = None
        self._failing = False
        self.commits = Histogram(COMMIT_BUCKETS_S)
        self._thread = threading.Thread(target=self._run, name="store writer", daemon=True)

    @property
    def waiting(self) -> int:
        """How many wait, those of the running batch not counted."""
        return len(self._queue)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, item: Keyed) -> Waiting:
        """Into the queue; await the `future` of what is returned."""
        waiting = Waiting(item, asyncio.get_running_loop())
        self._queue.put(waiting)
        return waiting

    def put_work(self, act: Callable[[Connection], T]) -> "asyncio.Future[T]":
        """The same for a transaction of its own."""
        work = Work(act, asyncio.get_running_loop())
        self._queue.put(work)
        return work.future

    def break_if_stuck(self, after_s: float) -> None:
        """End the running transaction's wait when it has lasted that long: the database does not answer at all."""
        began_s = self._began_s
        if began_s is not None and time.monotonic() - began_s > after_s:
            self._use.shut()

    def close(self, within_s: float) -> bool:
        """Write what waits, then end the thread. Blocks; False when it was not done within that time."""
        self._queue.close()
        self._thread.join(within_s)
        return not self._thread.is_alive()

    # ---- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (entries := self._queue.next()) is not None:
            try:
                if isinstance(entries, Work):
                    self._do(entries)
                else:
                    self._commit(entries)
            except Exception as error:  # the thread is the store: it must outlive a mistake of ours
                logger.error("the writer stumbled: %s", where_of(error))
                self._answer([(w, out_of_order()) for w in (entries if isinstance(entries, list) else [entries])])
        self._drop_connection()

    def _commit(self, batch: Sequence[Waiting]) -> None:
        if not batch:
            return
        results: Sequence[Result]
        try:
            results = self._transaction([waiting.item for waiting in batch])
        except Exception as error:
            if is_outage(error) or is_collision(error):
                self._note(error)
                results = [unavailable() for _ in batch]
            else:
                logger.warning("a batch of %d is done one by one: %s", len(batch), where_of(error))
                results = [self._alone(waiting.item) for waiting in batch]
        self._answer(list(zip(batch, results, strict=True)))

    def _alone(self, item: Keyed) -> Result:
        try:
            return self._transaction([item])[0]
        except Exception as error:
            self._note(error)
            if is_outage(error) or is_collision(error):
                return unavailable()
            return not_storable() if is_of_database(error) else out_of_order()

    def _transaction(self, items: Sequence[Keyed]) -> list[Result]:
        """One batch in one transaction. Raises what the database raises, with nothing of the batch done – or, when the
        connection broke during the commit, with all or nothing of it done."""
        more: frozenset[Channel] = frozenset()
        for attempt in range(1, TRIES + 1):
            committing = False
            try:
                conn = self._connection()
                self._began_s = time.monotonic()
                self._use.begin(conn)
                transaction = conn.begin()
                results = run(conn, self._context, items, more)
                committing = True
                transaction.commit()
                self.commits.observe(time.monotonic() - self._began_s)
            except NeedsLock as need:
                self._roll_back()
                if attempt == TRIES or need.channels <= more:
                    raise
                more |= need.channels
            except Exception as error:
                stale = is_outage(error) and self._conn is not None and self._conn.invalidated
                # A commit that failed leaves SQLite inside its transaction, and SQLAlchemy believing it is out of it.
                self._roll_back(broken=committing or is_outage(error))
                again = is_collision(error) or (stale and not committing and attempt == 1)
                if not again or attempt == TRIES:
                    raise
                if not stale:
                    time.sleep(PAUSE_S * attempt * random.random())
            else:
                self._well_again()
                return results
            finally:
                self._began_s = None
                self._use.end()
        raise AssertionError("the last try returns or raises")

    def _do(self, work: Work) -> None:
        try:
            conn = self._connection()
            with conn.begin():
                patient(conn)
                done = work.act(conn)
        except Refusal as refusal:
            self._answer([(work, refusal)])
        except Exception as error:
            outage = is_outage(error)
            self._roll_back(broken=True)
            logger.error("a transaction of its own failed: %s", where_of(error))
            # A mistake in a work goes to its author; that of a database goes no further than its name.
            refused: Exception = unavailable() if outage else not_storable() if is_of_database(error) else error
            self._answer([(work, refused)])
        else:
            self._answer([(work, done)])

    def _connection(self) -> Connection:
        if self._conn is None or self._conn.closed:
            self._conn = self._engine.connect()
        return self._conn

    def _roll_back(self, *, broken: bool = False) -> None:
        if self._conn is None:
            return
        try:
            if not broken and (transaction := self._conn.get_transaction()) is not None:
                transaction.rollback()
                return
        except Exception as error:
            logger.warning("a connection could not be given back: %s", name_of(error))
        self._drop_connection()

    def _drop_connection(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            try:
                # Closed for good, not given back: the pool may have been disposed of while this thread hung.
                conn.invalidate()
                conn.close()
            except Exception as error:
                logger.warning("a connection could not be closed: %s", name_of(error))

    def _note(self, error: Exception) -> None:
        """One line when the trouble begins, not one per batch."""
        if not self._failing:
            logger.error("writes are refused: %s", name_of(error))
        self._failing = True

    def _well_again(self) -> None:
        if self._failing:
            logger.warning("writes are accepted again")
        self._failing = False

    def _answer(self, answers: Sequence[tuple[Waiting | Work, Any]]) -> None:
        """Tell the waiters, in order of arrival, one wake-up per event loop."""
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
        for waiter, answer in answers:
            by_loop.setdefault(waiter.loop, []).append((waiter.future, answer))
        for loop, told in by_loop.items():
            try:
                loop.call_soon_threadsafe(tell, told)
            except RuntimeError:
                logger.warning("%d answers came after their event loop had ended", len(told))
