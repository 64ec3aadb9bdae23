"""What a bus does for a hub, whichever it is (DESIGN 7). `memory` joins hubs of one process, `redis` those of a
province; one contract suite holds them equal.

A bus may lose, repeat and reorder. What makes the hubs whole again: offsets (a hole shows), the tick each second (a
lost last entry shows), `rejoined` after each subscription (what was missed meanwhile shows), `silent` (a dead link
shows). What passes are the bodies of the logs, and numbers: never a name or a phone number.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from server.core.channels import delivery_of
from server.core.model import Channel, Entry, Epoch, Head

log = logging.getLogger(__name__)

SET_ENTRIES: Final = 512
"""Entries kept per channel and epoch; who is further behind reads the store."""
SET_KEPT_S: Final = 24 * 3600
"""Seconds a set or a snapshot is kept after the last write to it: a fair is over by then."""
TICK_S: Final = 1.0
"""Seconds between two ticks of a hub."""
TICKS_MISSED: Final = 3
"""Own ticks not heard back before the link counts as lost (promise 11: found within 4 s)."""
READ_WITHIN_S: Final = 1.0
"""Longest time a history or a snapshot may take; a newcomer waits for it."""
CLOSE_WITHIN_S: Final = 2.0
OPEN: Final = "open "
"""Begins the name of a pulse for hubs of other provinces; they hear no other."""
MOST_FAR_BYTES: Final = 512 * 1024
"""A message or a snapshot of another province; what is larger is passed over before anybody looks into it."""
FAR: Final = "far "
"""Begins the name of a pulse that hubs of other provinces sent; it ends with theirs: `far presence@210000`."""


class Announcement(msgspec.Struct, frozen=True):
    """Entries of one channel that are committed: one, or a batch (chat: one batch per tick), offsets growing."""

    channel: Channel
    epoch: Epoch
    entries: tuple[Entry, ...]


class Snapshot(msgspec.Struct, frozen=True):
    """The state of a stage as of `offset`. `data` is the hub's business."""

    epoch: Epoch
    offset: int
    data: bytes


class Listener(Protocol):
    """What a hub's fan-out hears from the bus. Called on the event loop; must not block. What one of these raises is
    logged and ends nothing."""

    def announced(self, announcement: Announcement) -> None:
        """Another hub has committed these entries."""

    def ticked(self, tops: Mapping[Channel, Head]) -> None:
        """Another hub says where these subscribed channels are. Read what lacks."""

    def rejoined(self, channels: frozenset[Channel]) -> None:
        """These are subscribed now, for the first time or again: anything may have been missed, read their logs."""

    def pulsed(self, hub: str, name: str, data: bytes) -> None:
        """The latest of another hub's numbers."""

    def silent(self, is_silent: bool) -> None:
        """The other hubs have not been heard for TICKS_MISSED ticks (poll the store), or are heard again."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a bus knows of itself. `dropped`: announcements given up since the start. `waiting`: those not sent yet.
    `round_trip_s`: how long this hub's last tick took to come back, 0.0 before the first. `far_silent`: other
    provinces, and whether they are not heard."""

    dropped: int = 0
    waiting: int = 0
    round_trip_s: float = 0.0
    far_silent: Mapping[str, bool] = {}


class CannotMeet(Exception):
    """This hub and the others, or their Redis, do not fit together: one sentence for who starts it, with what to do."""


class Bus(ABC):
    """The link of one hub to the others. `start` once, `close` once; what is announced, subscribed or pulsed before
    the start is done after it."""

    hub: str
    """This hub's name on the bus, different for each process and each start."""

    def figures(self) -> Figures:
        """As of now."""
        return Figures()

    @abstractmethod
    async def meet(self, protocol: int, now_ms: int) -> None:
        """Before the start: whether this hub may join the others that are there. Another side that does not answer is
        no reason to stay away. Raises `CannotMeet`."""

    @abstractmethod
    async def start(self, listener: Listener) -> None:
        """Begin. Does not wait for the other side and does not fail because it is absent."""

    @abstractmethod
    async def close(self) -> None:
        """End within CLOSE_WITHIN_S; what is announced and not yet sent gets a quarter of it. May be called twice."""

    @abstractmethod
    def announce(self, announcement: Announcement) -> None:
        """Keep the entries in their set and tell the other hubs. Never waits; when too much waits to be sent the
        oldest is dropped, and the ticks uncover it."""

    @abstractmethod
    def subscribe(self, channel: Channel) -> None:
        """Hear this channel's announcements and ticks from now on. `rejoined` says when it has begun."""

    @abstractmethod
    def unsubscribe(self, channel: Channel) -> None:
        """Stop hearing it."""

    @abstractmethod
    async def history(self, channel: Channel, epoch: Epoch, after: int, limit: int) -> tuple[Entry, ...]:
        """At most `limit` entries of the set, from `after` + 1 on and without a gap (chat: whatever is there after
        `after`). Empty means: not here, ask the store. Raises `Refusal(UNAVAILABLE)` within READ_WITHIN_S."""

    @abstractmethod
    def set_tops(self, tops: Mapping[Channel, Head]) -> None:
        """Where this hub's rooms are; the next ticks say so. Replaces what was set before."""

    @abstractmethod
    def pulse(self, name: str, data: bytes) -> None:
        """Tell the other hubs this number; only the latest of a name is sent."""

    @abstractmethod
    def put_snapshot(self, channel: Channel, snapshot: Snapshot) -> None:
        """Keep the snapshot beside the channel's set, unless a later one of the same epoch is there. Never waits."""

    @abstractmethod
    async def snapshot(self, channel: Channel) -> Snapshot | None:
        """The latest snapshot, None when there is none. Raises `Refusal(UNAVAILABLE)` within READ_WITHIN_S."""


def usable(channel: Channel, after: int, kept: Sequence[Entry]) -> tuple[Entry, ...]:
    """What of a set's entries, given by offset, `history` may hand out: for a complete channel those that follow
    `after` without a gap (a lower one may have been trimmed, or not have arrived yet)."""
    if not delivery_of(channel).complete:
        return tuple(kept)
    count = 0
    while count < len(kept) and kept[count].offset == after + 1 + count:
        count += 1
    return tuple(kept[:count])


def tell(call: Callable[..., None], *args: object) -> None:
    """Call a listener; what it raises is logged, so that the bus goes on."""
    try:
        call(*args)
    except Exception:
        log.exception("a listener of the bus failed")
