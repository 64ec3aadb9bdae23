"""Random bytes of the system, fetched many at a time.

The writer needs four of its own for each application, and `os.urandom` gives up the interpreter's lock for the shortest
of them: the event loop takes it, and the writer waits until it has it back (5 us each, of 170 for an application).
"""

import os
from threading import Lock
from typing import Final

FETCHED_BYTES: Final = 8192


class Chance:
    """`os.urandom` with a stock; none of its bytes is given twice, to no thread and no child process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stock = b""
        self._used = 0
        os.register_at_fork(after_in_child=self._forget)

    def __call__(self, count: int) -> bytes:
        """So many random bytes."""
        with self._lock:
            begin, self._used = self._used, self._used + count
            if self._used > len(self._stock):
                self._stock = os.urandom(max(FETCHED_BYTES, count))
                begin, self._used = 0, count
            return self._stock[begin : self._used]

    def _forget(self) -> None:
        self._lock = Lock()
        self._stock, self._used = b"", 0


random_bytes: Final = Chance()
"""Of this process."""
