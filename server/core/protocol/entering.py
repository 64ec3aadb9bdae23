"""Getting in, joining channels, and what was missed."""

from typing import Annotated

import msgspec
from msgspec import Meta

from server.core.model import Card, Grant, Launch, MyApplication, PersonId, Picture, Session, Since, TalkRule
from server.core.protocol.message import ChannelName, CommandBase, Refused, ReplyBase


class Hello(CommandBase, frozen=True, kw_only=True, tag="hello"):
    """First message of a connection. Replied by `welcome`."""

    version: int
    token: Annotated[str, Meta(max_length=2048)]
    locale: Annotated[str, Meta(max_length=16)] = "zh-CN"


class Renew(CommandBase, frozen=True, kw_only=True, tag="renew"):
    """A newer token of the same person, before the old one ends. Replied by `done`."""

    token: Annotated[str, Meta(max_length=2048)]


class Pong(CommandBase, frozen=True, kw_only=True, tag="pong"):
    """Answer to `ping`. Not replied to."""


class Join(CommandBase, frozen=True, kw_only=True, tag="join"):
    """Become a member of a channel. With `since`, what was missed comes first. Replied by `joined`."""

    channel: ChannelName
    since: Since | None = None


class Leave(CommandBase, frozen=True, kw_only=True, tag="leave"):
    """Stop being a member. Replied by `done`."""

    channel: ChannelName


class Want(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One channel of a `catch_up`."""

    channel: ChannelName
    since: Since | None = None


class CatchUp(CommandBase, frozen=True, kw_only=True, tag="catch_up"):
    """What would `join` say now, without becoming a member: for pages whose network breaks websockets.
    Replied by `caught_up`."""

    wants: Annotated[tuple[Want, ...], Meta(min_length=1, max_length=8)]


class Welcome(ReplyBase, frozen=True, kw_only=True, tag="welcome"):
    """You are in, as this person."""

    person: PersonId
    name: str
    grants: tuple[Grant, ...]
    until_ms: int
    now_ms: int
    consent: str
    version: int


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry within `joined`. `body` is one of the publication bodies."""

    offset: int
    at_ms: int
    body: msgspec.Raw


class StageSnapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t", tag="stage"):
    """A stage as of the reply's offset. The shelf is at `/api/sessions/SESSION/shelf/REVISION`, below `home` for a
    session of another province: its address, where lines and applications are posted to as well. `launch` is the last
    one, if it was not long ago: whether it is still to be shown, its times say."""

    session: Session
    card: Card | None = None
    notice: str = ""
    picture: Picture = Picture()
    talk: TalkRule = TalkRule()
    home: str = ""
    launch: Launch | None = None


class MeSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="me"):
    """A person's applications as of the reply's offset."""

    applications: tuple[MyApplication, ...]


class AreaSnapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t", tag="area"):
    """The sessions of a branch as of the reply's offset."""

    sessions: tuple[Session, ...]
    launch: Launch | None = None


Snapshot = StageSnapshot | MeSnapshot | AreaSnapshot


class Joined(ReplyBase, frozen=True, kw_only=True, tag="joined"):
    """The channel as of `offset`. `recovered`: `entries` are all that was missed, in order. Otherwise throw
    away what you had and start from `snapshot` (and, for chat, from the last lines in `entries`)."""

    channel: str
    epoch: str
    offset: int
    recovered: bool
    entries: tuple[LogEntry, ...] = ()
    snapshot: Snapshot | None = None


class CaughtUp(ReplyBase, frozen=True, kw_only=True, tag="caught_up"):
    """One `joined` for each wanted channel, or the refusal of that one."""

    channels: tuple["Joined | Refused", ...]
