"""What waits for one viewer, and when to let that viewer go (DESIGN 6).

Pure: the hub hands in how many bytes its kernel and transport still hold, and the time. A viewer whose bytes wait
loses batched messages first; one that holds more than `limit_bytes`, or whose bytes waited `patience_s` without the
outbox ever running empty, has to leave. Losing batched messages is allowed (they are the latest we know), losing an
urgent one is not: therefore leave, come back, recover.
"""

from enum import Enum


class Verdict(Enum):
    """What to do with the next message of a viewer."""

    SEND = "send"
    SKIP = "skip"
    LEAVE = "leave"


class Outbox:
    """Invariant: `waiting_since_s` is None exactly when the last look found nothing waiting."""

    __slots__ = ("waiting_since_s",)

    def __init__(self) -> None:
        self.waiting_since_s: float | None = None

    def look(self, waiting_bytes: int, now_s: float, limit_bytes: int, patience_s: float) -> bool:
        """Note what waits now; whether the viewer may stay."""
        if waiting_bytes == 0:
            self.waiting_since_s = None
            return True
        if self.waiting_since_s is None:
            self.waiting_since_s = now_s
        return waiting_bytes <= limit_bytes and now_s - self.waiting_since_s < patience_s

    def verdict(self, urgent: bool, waiting_bytes: int, now_s: float, limit_bytes: int, patience_s: float) -> Verdict:
        """What to do with a message of that lane now."""
        if not self.look(waiting_bytes, now_s, limit_bytes, patience_s):
            return Verdict.LEAVE
        return Verdict.SEND if urgent or waiting_bytes == 0 else Verdict.SKIP
