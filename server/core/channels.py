"""Channel names and what each kind of channel promises (DESIGN 3).

A channel is `KIND/SUBJECT`. `complete` kinds are logged and delivered whole; chat is logged and delivered as well as
may be; pulse is never logged.
"""

import re
from enum import StrEnum

import msgspec

from server.core.model import Channel, is_rehearsal
from server.core.refusal import Code, Refusal


class Kind(StrEnum):
    """The kinds of channel. What each is for: DESIGN 3."""

    STAGE = "stage"
    CHAT = "chat"
    DESK = "desk"
    FIRM = "firm"
    ME = "me"
    AREA = "area"
    WATCH = "watch"
    HOUSE = "house"
    PULSE = "pulse"


class Lane(StrEnum):
    """Urgent publications leave at once, batched ones on the room's next tick."""

    URGENT = "urgent"
    BATCHED = "batched"


class Delivery(msgspec.Struct, frozen=True):
    """How a kind is kept and delivered. `retention` names the class in `config.yaml`."""

    logged: bool
    complete: bool
    lane: Lane
    retention: str


DELIVERY: dict[Kind, Delivery] = {
    Kind.STAGE: Delivery(True, True, Lane.URGENT, "session"),
    Kind.CHAT: Delivery(True, False, Lane.BATCHED, "chat"),
    Kind.DESK: Delivery(True, True, Lane.URGENT, "session"),
    Kind.FIRM: Delivery(True, True, Lane.URGENT, "application"),
    Kind.ME: Delivery(True, True, Lane.URGENT, "application"),
    Kind.AREA: Delivery(True, True, Lane.URGENT, "session"),
    Kind.WATCH: Delivery(True, True, Lane.URGENT, "session"),
    Kind.HOUSE: Delivery(True, True, Lane.URGENT, "session"),
    Kind.PULSE: Delivery(False, False, Lane.BATCHED, "none"),
}

SUBJECT_LIMIT = 64
_KINDS = {kind.value: kind for kind in Kind}


def channel(kind: Kind, subject: str) -> Channel:
    """The channel of that kind and subject."""
    return Channel(f"{kind.value}/{subject}")


def parse(name: str) -> tuple[Kind, str]:
    """Kind and subject of a channel name. Raises `Refusal(NOT_FOUND)` for anything that is not a channel."""
    head, slash, subject = name.partition("/")
    kind = _KINDS.get(head)
    if not slash or not subject or len(subject) > SUBJECT_LIMIT or kind is None:
        raise Refusal(Code.NOT_FOUND, what="channel", id=name[:80])
    return kind, subject


_FAR = re.compile(r"(.+)@([0-9]{6})")


def far_channel(name: str, province: str) -> Channel:
    """That channel of another province, as hubs here call it: `stage/S01@210000`."""
    return Channel(f"{name}@{province}")


def home_of(name: str) -> tuple[Channel, str]:
    """The channel as its home province calls it, and that province; empty for a channel of this one."""
    found = _FAR.fullmatch(name) if "@" in name else None
    return (Channel(found[1]), found[2]) if found else (Channel(name), "")


def is_open(name: Channel) -> bool:
    """Whether hubs of other provinces hear of that channel: a session's stage or chat, and of no rehearsal."""
    kind, _, subject = name.partition("/")
    return kind in (Kind.STAGE, Kind.CHAT) and not is_rehearsal(subject)


def delivery_of(name: Channel) -> Delivery:
    """How that channel is kept and delivered."""
    return DELIVERY[parse(name)[0]]
