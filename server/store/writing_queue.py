"""What waits for the writer's thread, and what it does next.

Two lanes. What shows at once (cards, applications, all but chat) is in the next batch, whatever chat waits: chat that
waited its time has half of a batch at most, until nothing urgent is left. Lines and questions, which reach the viewers
with a tick anyway, wait LINGER_S for more of them: a transaction costs as much as ten lines, and a room that talks
would have one for each. When batches have followed each other for a while and none is full, they keep a pace.
"""

import math
import threading
import time
from collections import deque
from typing import Final

from server.store.troubles import unavailable
from server.store.waiting import Waiting, Work
from server.store.writes import Ask, Say

LINGER_S: Final = 0.02
"""How long a line waits for others: 1,200 writes a second are 24 a batch."""
PACE_S: Final = 0.025
"""A batch costs 1.3 ms of processor however few it holds, and an fsync: 5,000 applications a second are 40 batches."""
FEW: Final = 16
FEW_PACE_S: Final = 0.04
"""The pace after a batch of fewer than FEW: 100 cards a second are 25 batches, which leaves more for everybody."""
AHEAD_S: Final = 1.0
"""How far batches may run ahead of the pace: what comes now and then, as a card does in a hall, waits for nothing."""
LINES_SHARE: Final = 0.75
"""Of the places in the queue: lines that come faster than they are written fill theirs and stay. Cards, applications
and the end of a session find the rest free."""


class WritingQueue:
    """Raises `Refusal(UNAVAILABLE)` at the door when `queue_limit` wait, for a line when LINES_SHARE of them are lines.
    Within a batch writes stand as they came."""

    def __init__(self, *, batch_limit: int, queue_limit: int) -> None:
        self._batch_limit = batch_limit
        self._queue_limit = queue_limit
        self._lines_limit = max(1, int(queue_limit * LINES_SHARE))
        self._urgent: deque[Waiting | Work] = deque()
        self._lines: deque[Waiting] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._came = 0
        self._paced_s = 0.0  # when the next batch would begin, had all kept the pace (GCRA, ITU-T I.371)
        self._sleeps_until_s = 0.0  # the thread, unless it is woken
        self._worked = False  # what was handed out last was a work

    def __len__(self) -> int:
        return len(self._urgent) + len(self._lines)

    def put(self, entry: Waiting | Work) -> None:
        """One more."""
        with self._wake:
            if self._closing or len(self) >= self._queue_limit:
                raise unavailable()
            if isinstance(entry, Waiting) and isinstance(entry.item.write, Say | Ask):
                self._put_line(entry)
                return
            if isinstance(entry, Waiting):
                entry.number = self._next_number()
            self._urgent.append(entry)
            self._wake_in_time()

    def _put_line(self, line: Waiting) -> None:
        if len(self._lines) >= self._lines_limit:
            raise unavailable()
        line.number = self._next_number()
        self._lines.append(line)
        self._wake_in_time()

    def _wake_in_time(self) -> None:
        """A thread that is woken takes the processor from who wakes it, so only when it sleeps too long."""
        due_s = self._due_s()
        if due_s is not None and due_s < self._sleeps_until_s:
            self._wake.notify()

    def _next_number(self) -> int:
        self._came += 1
        return self._came

    def close(self) -> None:
        """Nothing more is taken; what waits is handed out at once."""
        with self._wake:
            self._closing = True
            self._wake.notify()

    def next(self) -> list[Waiting] | Work | None:
        """What to do next: up to a batch of writes, or one work; `None` at the end. Waits. Who was abandoned is left
        out, so the batch may be empty."""
        with self._wake:
            while (due_s := self._due_s()) is None or due_s > time.monotonic():
                if due_s is None and self._closing:
                    return None
                self._sleeps_until_s = math.inf if due_s is None else due_s
                self._wake.wait(None if due_s is None else max(0.0, due_s - time.monotonic()))
                self._sleeps_until_s = 0.0
            return self._taken()

    def _due_s(self) -> float | None:
        """When what waits is to be done, by the monotonic clock; `None`: nothing waits."""
        if not len(self):
            return None
        if self._closing or len(self) >= self._batch_limit or (self._urgent and isinstance(self._urgent[0], Work)):
            return 0.0
        lingers_until_s = 0.0 if self._urgent else self._lines[0].came_s + LINGER_S
        return max(lingers_until_s, self._paced_s - AHEAD_S)

    def _taken(self) -> list[Waiting] | Work:
        now_s = time.monotonic()
        late_s = now_s - LINGER_S
        # Between two works come lines that lingered long enough: works may follow each other without an end.
        lines_first = self._worked and bool(self._lines) and self._lines[0].came_s <= late_s
        if not lines_first and self._urgent and isinstance(work := self._urgent[0], Work):
            self._urgent.popleft()
            self._worked = True
            return work
        self._worked = False
        batch: list[Waiting] = []
        # Who lingered long enough has half a batch for certain: applications may fill one after another.
        while self._lines and self._lines[0].came_s <= late_s and len(batch) < self._batch_limit // 2:
            _add(batch, self._lines.popleft())
        while self._urgent and len(batch) < self._batch_limit:
            if isinstance(entry := self._urgent[0], Work):
                break
            self._urgent.popleft()
            _add(batch, entry)
        while self._lines and len(batch) < self._batch_limit:
            _add(batch, self._lines.popleft())
        self._paced_s = max(self._paced_s, now_s) + (FEW_PACE_S if len(batch) < FEW else PACE_S)
        batch.sort(key=_number)
        return batch


def _add(batch: list[Waiting], entry: Waiting) -> None:
    if not entry.abandoned:
        batch.append(entry)


def _number(entry: Waiting) -> int:
    return entry.number
