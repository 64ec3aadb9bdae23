"""The order of one channel as its reader sees it: what to do with each `joined` and `push`.

Pure: no socket, no loop, no clock. Each method returns the items that may be handed on now; afterwards `wanting`
says whether a `join` must be sent. `docs/protocol.md` section 5 is this file in words.
"""

import msgspec

from server.core.bodies import AnyBody, decode_body
from server.core.channels import DELIVERY, Kind, parse
from server.core.model import Epoch, Since
from server.core.protocol import Join, Joined, LogEntry, Pulse, Push, RegionPulse, SessionPulse, Snapshot


class Arrived(msgspec.Struct, frozen=True):
    """An entry of the channel, in order. `body` is None for a kind of body this client does not know yet."""

    offset: int
    at_ms: int
    body: AnyBody | None


class Fresh(msgspec.Struct, frozen=True):
    """Throw away what you had of the channel and start from here: the first join, or nothing could be recovered.

    `entries` are a chat's last lines; what comes after `offset` follows as `Arrived`.
    """

    epoch: str
    offset: int
    snapshot: Snapshot | None
    entries: tuple[Arrived, ...]


class Latest(msgspec.Struct, frozen=True):
    """The latest numbers of a pulse channel; those before are void."""

    at_ms: int
    body: SessionPulse | RegionPulse


Item = Fresh | Arrived | Latest


class Follow:
    """Where a reader stands in one channel.

    Invariant, for a complete channel: after a `Fresh` at offset n the items are exactly n + 1, n + 2 … of that epoch,
    until the next `Fresh`. For chat: growing offsets.
    """

    __slots__ = ("_asked_since", "_known", "asking", "channel", "complete", "epoch", "kind", "offset", "wanting")

    def __init__(self, channel: str) -> None:
        """Raises `Refusal(NOT_FOUND)` for what is no channel's name."""
        self.channel = channel
        self.kind = parse(channel)[0]
        self.complete = DELIVERY[self.kind].complete
        self.epoch = ""
        self.offset = 0
        self.wanting = True  # a `join` must be sent
        self.asking = False  # a `join` was sent, its reply has not come
        self._known = False  # epoch and offset mean something
        self._asked_since = False

    def ask(self) -> Join:
        """The `join` to send now."""
        self.wanting = False
        self.asking = True
        self._asked_since = self._known and self.kind is not Kind.PULSE
        since = Since(epoch=Epoch(self.epoch), offset=self.offset) if self._asked_since else None
        return Join(channel=self.channel, since=since)

    def cut(self) -> None:
        """The connection is gone, and with it the membership and an answer that had not come."""
        self.asking = False
        self.wanting = True

    def restart(self) -> None:
        """A `restart` came. While a `join` is under way its reply is younger than this, and enough."""
        if not self.asking:
            self._forget()

    def behind(self, top: int) -> bool:
        """Whether the hub has entries this reader should have had by now; if so, a `join` is wanted."""
        if self.asking or not self._known or not self.complete or top <= self.offset:
            return False
        self.wanting = True
        return True

    def joined(self, joined: Joined) -> tuple[Item, ...]:
        """The reply to `ask`."""
        self.asking = False
        if joined.recovered and self._asked_since:
            return self._recovered(joined)
        self.epoch, self.offset, self._known = joined.epoch, joined.offset, True
        if self.kind is Kind.PULSE:
            return ()
        entries = tuple(map(_arrived, joined.entries))
        return (Fresh(joined.epoch, joined.offset, joined.snapshot, entries),)

    def pushed(self, push: Push) -> tuple[Item, ...]:
        """An entry while it happens. What comes out of its order while a `join` is under way is dropped: the reply
        covers it, and should it not, the next push or ping shows that."""
        if not self._known:
            return ()
        if push.epoch != self.epoch:
            self.restart()
            return ()
        if push.offset <= self.offset:
            return ()
        if self.complete and push.offset > self.offset + 1:
            self.wanting = not self.asking
            return ()
        self.offset = push.offset
        return (Arrived(push.offset, push.at_ms, _body(push.body)),)

    def pulsed(self, pulse: Pulse) -> tuple[Item, ...]:
        """The latest numbers."""
        return (Latest(pulse.at_ms, pulse.body),)

    def _recovered(self, joined: Joined) -> tuple[Item, ...]:
        """All that was missed; a hub that leaves a hole, or answers for another epoch, is asked for everything."""
        items: list[Item] = []
        if joined.epoch != self.epoch:
            self._forget()
            return ()
        for entry in joined.entries:
            if entry.offset <= self.offset:
                continue
            if self.complete and entry.offset != self.offset + 1:
                self._forget()
                return tuple(items)
            self.offset = entry.offset
            items.append(_arrived(entry))
        if self.complete and joined.offset > self.offset:
            self._forget()
        else:
            self.offset = max(self.offset, joined.offset)
        return tuple(items)

    def _forget(self) -> None:
        self._known = False
        self.wanting = True


def _arrived(entry: LogEntry) -> Arrived:
    return Arrived(entry.offset, entry.at_ms, _body(entry.body))


def _body(raw: msgspec.Raw) -> AnyBody | None:
    try:
        return decode_body(bytes(raw))
    except (msgspec.DecodeError, ValueError):  # ValueError: text that is not UTF-8
        return None
