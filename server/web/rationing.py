"""Token buckets by name, in bounded memory: who asks too often waits."""

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from server.core.bucket import Bucket
from server.core.refusal import Code, Refusal

REMEMBERED = 20_000
"""Names a ration remembers; the one not seen for longest is forgotten first, which only makes it richer."""


class Ration:
    """`burst` at once and `per_s` in the long run, for each name."""

    def __init__(self, per_s: float, burst: int, clock_s: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock_s = clock_s
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, name: str) -> None:
        """Take one. Raises `Refusal(TOO_MANY)`, temporary, with `retry_ms`."""
        now_s = self._clock_s()
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = Bucket(self._per_s, self._burst, now_s)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(name)
        wait_s = bucket.take(now_s)
        if wait_s > 0:
            raise Refusal(Code.TOO_MANY, temporary=True, retry_ms=int(wait_s * 1000) + 1)

    def forget(self, name: str) -> None:
        """Start anew with that name."""
        self._buckets.pop(name, None)


class Rations(msgspec.Struct, frozen=True):
    """Makes rations. `workers`: so many processes behind one port ration the same addresses and persons, and the kernel
    spreads the connections of each over them, so each worker gives its part."""

    clock_s: Callable[[], float]
    workers: int = 1

    def of_address(self, per_s: float, burst: int) -> Ration:
        """`burst` and `per_s` of all workers together, the first rounded up to a whole one each."""
        return self._shared(per_s, burst)

    def of_person(self, per_s: float, burst: int) -> Ration:
        """The same for what one person may do, over however many connections."""
        return self._shared(per_s, burst)

    def _shared(self, per_s: float, burst: int) -> Ration:
        return Ration(per_s / self.workers, -(-burst // self.workers), self.clock_s)
