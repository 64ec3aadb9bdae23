"""What a hub sends unasked."""

import msgspec

from server.core.model import Numbers, RegionNumbers
from server.core.protocol.message import Message


class Push(Message, frozen=True, kw_only=True, tag="push"):
    """A publication of a joined channel: exactly one after the offset before, for every kind but chat."""

    channel: str
    epoch: str
    offset: int
    at_ms: int
    body: msgspec.Raw


class SessionPulse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t", tag="session"):
    """pulse/SESSION: the latest known. `visits` are joins of the stage so far. `picture` is that of `/hls/SESSION/`:
    `on`, `paused` by the host, `gone` (it broke off), or empty when nobody sends one."""

    numbers: Numbers
    visits: int
    picture: str = ""


class RegionPulse(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="region"):
    """pulse/REGION: the numbers of every branch below it."""

    regions: tuple[RegionNumbers, ...]


class Pulse(Message, frozen=True, kw_only=True, tag="pulse"):
    """The latest numbers of a joined pulse channel; older ones are void."""

    channel: str
    at_ms: int
    body: SessionPulse | RegionPulse


class Ping(Message, frozen=True, kw_only=True, tag="ping"):
    """Answer with `pong` within 8 s. `tops` are the last offsets of the joined complete channels: who is
    behind asks again with `join` and `since`. `pong_at_ms` is when the last pong came here, if there was one: from it
    and `at_ms` a client knows how far its clock is off."""

    at_ms: int
    tops: dict[str, int]
    pong_at_ms: int = 0


class Restart(Message, frozen=True, kw_only=True, tag="restart"):
    """This channel can't be continued here: `join` it again without `since`."""

    channel: str
