"""The ordering state of one channel in one hub: what was delivered, what came too early, what is missing.

Pure: the hub owns sockets, waiting and reading; this file owns the one question whose wrong answer breaks the
second promise: which entries may be handed to members now, so that each member sees every offset once and in
order.

How a hub is to use it, for a complete channel:

* every entry, wherever it comes from (own commit, bus, set, store), goes through `offer`; `deliver` goes to
  the members, a `hole` is waited for (HOLE_PATIENCE_S) and then read, and what was read is offered as well;
* a tick, a head or a rejoin goes through `behind`; while it says so, the log is read from `top` and offered;
* who joins gets `missed(since)`, which ends exactly at `room.top`, so from then on the member sees what `offer`
  delivers. None means: start afresh from a snapshot. (A hub that read history from elsewhere would join it with
  what came live by `merge(since, history, live, top=room.top)`; ours keeps in the room all that a recovery gives.)
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from itertools import islice

import msgspec

from server.core.limits import RING_ENTRIES
from server.core.model import Channel, Entry, Epoch, Since

EARLY_LIMIT = 1024
"""Entries a room keeps that came before one they follow; a room further behind than that reads the log
anyway."""


class Offered(msgspec.Struct, frozen=True):
    """What an offer led to. `deliver`: hand these to every member now, in this order. `hole`: first and last
    offset of the first gap that is still open. `other_epoch`: the entry belongs to another life of the log
    and was not taken; ask the store which life is current."""

    deliver: tuple[Entry, ...] = ()
    hole: tuple[int, int] | None = None
    other_epoch: bool = False


class Room:
    """One channel in one hub.

    Invariant: what the offers have delivered since the room was made (or restarted) is, for a complete
    channel, exactly first top + 1, + 2 ... `top`; for another (chat) it is growing, and gaps are not waited
    for.
    """

    __slots__ = ("_early", "_early_limit", "_known", "_ring", "_ring_entries", "channel", "complete", "epoch", "top")

    def __init__(
        self,
        channel: Channel,
        epoch: Epoch,
        top: int,
        *,
        complete: bool,
        ring_entries: int = RING_ENTRIES,
        early_limit: int = EARLY_LIMIT,
    ) -> None:
        self.channel = channel
        self.epoch = epoch
        self.top = top
        self.complete = complete
        self._ring: deque[Entry] | None = None  # made with the first entry: most rooms are a viewer's own and silent
        self._ring_entries = ring_entries
        self._early: list[Entry] = []  # sorted by offset, all above top + 1
        self._early_limit = early_limit
        self._known = top  # the highest offset anybody has spoken of

    def offer(self, epoch: Epoch, entry: Entry) -> Offered:
        """Take an entry from any source. Offering one again changes nothing."""
        if epoch != self.epoch:
            return Offered(other_epoch=True, hole=self.hole)
        if entry.offset <= self.top:
            return Offered(hole=self.hole)
        self._known = max(self._known, entry.offset)
        if self.complete and entry.offset > self.top + 1:
            self._keep(entry)
            return Offered(hole=self.hole)
        deliver = (entry, *self._followers(entry.offset))
        if self._ring is None:
            self._ring = deque(maxlen=self._ring_entries)
        self._ring.extend(deliver)
        self.top = deliver[-1].offset
        return Offered(deliver=deliver, hole=self.hole)

    @property
    def hole(self) -> tuple[int, int] | None:
        """First and last offset of the first gap between what was delivered and what is known to be in the
        log."""
        if not self.complete or self._known <= self.top:
            return None
        return self.top + 1, self._early[0].offset - 1 if self._early else self._known

    def behind(self, epoch: Epoch, top: int) -> bool:
        """A tick or a head says that the log is at `top`. True: read the log (in another epoch: of that other
        life).

        What it said is remembered: `hole` is open until the room has got there.
        """
        if not self.complete:
            return epoch != self.epoch
        if epoch != self.epoch:
            return True
        self._known = max(self._known, top)
        return self._known > self.top

    def missed(self, since: Since) -> tuple[Entry, ...] | None:
        """Everything delivered after `since`, ending at `top`; None when the ring does not reach back that
        far, or `since` is of another epoch or ahead of this room: read the store then."""
        if since.epoch != self.epoch or since.offset > self.top or since.offset < 0:
            return None
        if since.offset == self.top:
            return ()
        if not self._ring or self._ring[0].offset > since.offset + 1:
            return None
        first = bisect_left(self._ring, since.offset + 1, key=_offset)
        return tuple(islice(self._ring, first, None))

    def last(self, count: int) -> tuple[Entry, ...]:
        """The last entries the ring holds, oldest first: the last lines of a chat for a newcomer."""
        ring = self._ring or ()
        return tuple(islice(ring, max(0, len(ring) - count), None))

    def restart(self, epoch: Epoch, top: int) -> None:
        """The log has a new life (or cannot be continued): every member must be told to start afresh from
        `top`."""
        self.epoch = epoch
        self.top = top
        self._known = top
        self._ring = None
        self._early.clear()

    def _keep(self, entry: Entry) -> None:
        """Keep an entry that came before its time; when all places are taken, the farthest goes (it is read
        later)."""
        place = bisect_left(self._early, entry.offset, key=_offset)
        if place < len(self._early) and self._early[place].offset == entry.offset:
            return
        self._early.insert(place, entry)
        if len(self._early) > self._early_limit:
            self._early.pop()

    def _followers(self, offset: int) -> list[Entry]:
        """Take out of the early entries those that follow `offset` without a gap."""
        count = 0
        while count < len(self._early) and self._early[count].offset == offset + 1 + count:
            count += 1
        followers = self._early[:count]
        del self._early[:count]
        return followers


def merge(
    since_offset: int,
    history: Sequence[Entry],
    live: Sequence[Entry],
    complete: bool = True,
    *,
    top: int | None = None,
) -> tuple[Entry, ...] | None:
    """What a joiner has missed: history read from the log, and live entries that arrived meanwhile, each
    offset once.

    `top` is the room's top at the moment the joiner becomes a member. The result then ends there: what
    history holds beyond it comes to the new member through the room, and history that ends before it leaves a
    hole. Without `top` the result ends where the two sources end.

    None: there is a hole, read again or start afresh. A channel that is not complete has no holes to speak
    of.
    """
    by_offset = {
        entry.offset: entry
        for source in (live, history)
        for entry in source
        if entry.offset > since_offset and (top is None or entry.offset <= top)
    }
    merged = tuple(by_offset[offset] for offset in sorted(by_offset))
    if complete:
        reached = merged[-1].offset if merged else since_offset
        if len(merged) != reached - since_offset or (top is not None and reached != top):
            return None
    return merged


def _offset(entry: Entry) -> int:
    return entry.offset
