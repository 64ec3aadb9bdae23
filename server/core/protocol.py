"""Every message between a client and a hub, and how bytes become messages.

A client sends one msgpack map per websocket message; the server sends one or more, one after another, in a
binary message. `t` names the type; a command's `id` comes back in its reply. `POST /api/commands` takes the
same commands as msgpack or JSON. Bytes from the net can only produce a `Refusal` here, nothing else.
"""

from collections.abc import Iterator
from typing import Annotated, Any, get_args

import msgpack
import msgspec
from msgspec import Meta

from server.core.limits import KEY_LIMIT, LIST_LIMIT, MAX_IN_BYTES, MAX_NESTING, NAME_LIMIT, TEXT_LIMIT
from server.core.model import (
    Applicant,
    ApplicationId,
    ApplicationStatus,
    Card,
    Grant,
    MyApplication,
    Numbers,
    PersonId,
    RegionNumbers,
    Session,
    Since,
)
from server.core.refusal import Code, Refusal

Key = Annotated[str, Meta(min_length=8, max_length=KEY_LIMIT, description="idempotency key")]
Name = Annotated[str, Meta(max_length=4 * NAME_LIMIT)]
Text = Annotated[str, Meta(max_length=4 * TEXT_LIMIT)]
ShortId = Annotated[str, Meta(min_length=1, max_length=64)]
ChannelName = Annotated[str, Meta(min_length=3, max_length=80, description="KIND/SUBJECT")]


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """Base of all messages; `t` tells which."""


class CommandBase(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what a client sends. `id` is the client's own number for the reply, growing in a connection."""

    id: Annotated[int, Meta(ge=0, le=2**53)] = 0


# ---- getting in --------------------------------------------------------------------------------------------


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


# ---- host --------------------------------------------------------------------------------------------------


class GoLive(CommandBase, frozen=True, kw_only=True, tag="go_live"):
    """开播. Replied by `done`."""

    session: ShortId
    key: Key


class EndSession(CommandBase, frozen=True, kw_only=True, tag="end_session"):
    """下播. Replied by `done`."""

    session: ShortId
    key: Key


class ShowCard(CommandBase, frozen=True, kw_only=True, tag="show_card"):
    """讲解: every viewer sees this position's card. Replied by `done`."""

    session: ShortId
    position: ShortId
    key: Key


class UndoCard(CommandBase, frozen=True, kw_only=True, tag="undo_card"):
    """Take the last show back. Replied by `done`."""

    session: ShortId
    key: Key


class HideCard(CommandBase, frozen=True, kw_only=True, tag="hide_card"):
    """No card any more. Replied by `done`."""

    session: ShortId
    key: Key


# ---- everybody ---------------------------------------------------------------------------------------------


class Say(CommandBase, frozen=True, kw_only=True, tag="say"):
    """One chat line. Replied by `done`."""

    session: ShortId
    text: Text
    key: Key


class Apply(CommandBase, frozen=True, kw_only=True, tag="apply"):
    """投递. The same phone and `for_whom` for the same position is one application, whatever is resent.
    Replied by `receipt`."""

    session: ShortId
    position: ShortId
    name: Name
    phone: Annotated[str, Meta(max_length=24)]
    consent: Annotated[str, Meta(max_length=32, description="version of the consent text that was shown")]
    age_confirmed: bool
    key: Key
    for_whom: Name = ""


class Withdraw(CommandBase, frozen=True, kw_only=True, tag="withdraw"):
    """撤回 one's own application. Replied by `done`."""

    application: ShortId
    key: Key


class MyApplications(CommandBase, frozen=True, kw_only=True, tag="my_applications"):
    """我的投递. Replied by `my_applications_are`."""


# ---- enterprise --------------------------------------------------------------------------------------------


class ListApplications(CommandBase, frozen=True, kw_only=True, tag="list_applications"):
    """An enterprise's applicants, newest first, names and phones masked. Replied by `applications_are`."""

    enterprise: ShortId
    before: Annotated[str, Meta(max_length=64, description="`next` of the page before")] = ""
    limit: Annotated[int, Meta(ge=1, le=LIST_LIMIT)] = 50


class OpenApplication(CommandBase, frozen=True, kw_only=True, tag="open_application"):
    """See name and phone of one applicant. The look is written to the audit log; a first look is the step
    `viewed`. Replied by `opened`."""

    application: ShortId
    key: Key


class AnswerApplication(CommandBase, frozen=True, kw_only=True, tag="answer_application"):
    """Move an application a step; the person sees it at once. Replied by `done`."""

    application: ShortId
    status: ApplicationStatus
    key: Key
    note: Text = ""


# ---- operator ----------------------------------------------------------------------------------------------


class Overview(CommandBase, frozen=True, kw_only=True, tag="overview"):
    """The numbers of every branch below a region. Replied by `overview_is`."""

    region: ShortId


Command = (
    Hello
    | Renew
    | Pong
    | Join
    | Leave
    | CatchUp
    | GoLive
    | EndSession
    | ShowCard
    | UndoCard
    | HideCard
    | Say
    | Apply
    | Withdraw
    | MyApplications
    | ListApplications
    | OpenApplication
    | AnswerApplication
    | Overview
)


# ---- replies -----------------------------------------------------------------------------------------------


class ReplyBase(Message, frozen=True, kw_only=True):
    """Base of replies: `id` is the command's. A hub sets it last, so an action leaves it at 0."""

    id: int = 0


class Welcome(ReplyBase, frozen=True, kw_only=True, tag="welcome"):
    """You are in, as this person."""

    person: PersonId
    name: str
    grants: tuple[Grant, ...]
    until_ms: int
    now_ms: int
    consent: str
    version: int


class Done(ReplyBase, frozen=True, kw_only=True, tag="done"):
    """It is true now. `offset` is its place in the command's channel, where it has one."""

    offset: int = 0


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry within `joined`. `body` is one of the publication bodies."""

    offset: int
    at_ms: int
    body: msgspec.Raw


class StageSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="stage"):
    """A stage as of the reply's offset. The shelf is at `/api/sessions/SESSION/shelf/REVISION`."""

    session: Session
    card: Card | None = None


class MeSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="me"):
    """A person's applications as of the reply's offset."""

    applications: tuple[MyApplication, ...]


class AreaSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="area"):
    """The sessions of a branch as of the reply's offset."""

    sessions: tuple[Session, ...]


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


class Receipt(ReplyBase, frozen=True, kw_only=True, tag="receipt"):
    """The application is on disk. `already`: it was there before this command."""

    application: ApplicationId
    receipt: str
    status: ApplicationStatus
    applied_at_ms: int
    already: bool = False


class MyApplicationsAre(ReplyBase, frozen=True, kw_only=True, tag="my_applications_are"):
    """我的投递, newest first."""

    applications: tuple[MyApplication, ...]


class ApplicationsAre(ReplyBase, frozen=True, kw_only=True, tag="applications_are"):
    """A page of applicants; `next` is empty on the last. `waiting` counts those nobody has answered yet."""

    applications: tuple[Applicant, ...]
    next: str = ""
    waiting: int = 0


class Opened(ReplyBase, frozen=True, kw_only=True, tag="opened"):
    """One applicant, name and phone in the clear."""

    application: Applicant


class OverviewIs(ReplyBase, frozen=True, kw_only=True, tag="overview_is"):
    """The branch itself first, then every branch below it; counters are as of `at_ms`."""

    at_ms: int
    regions: tuple[RegionNumbers, ...]


class Refused(ReplyBase, frozen=True, kw_only=True, tag="refused"):
    """It was not done. `temporary`: send the same command with the same key again, later."""

    code: Code
    temporary: bool = False
    params: dict[str, str | int] = {}


Reply = (
    Welcome | Done | Joined | CaughtUp | Receipt | MyApplicationsAre | ApplicationsAre | Opened | OverviewIs | Refused
)


# ---- pushes ------------------------------------------------------------------------------------------------


class Push(Message, frozen=True, kw_only=True, tag="push"):
    """A publication of a joined channel: exactly one after the offset before, for every kind but chat."""

    channel: str
    epoch: str
    offset: int
    at_ms: int
    body: msgspec.Raw


class SessionPulse(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="session"):
    """pulse/SESSION: the latest known. `visits` are joins of the stage so far."""

    numbers: Numbers
    visits: int


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
    behind asks again with `join` and `since`."""

    at_ms: int
    tops: dict[str, int]


class Restart(Message, frozen=True, kw_only=True, tag="restart"):
    """This channel can't be continued here: `join` it again without `since`."""

    channel: str


ServerMessage = Reply | Push | Pulse | Ping | Restart

MAX_SERVER_BYTES = 4 * 1024 * 1024
"""What a client takes in one websocket message: `MAX_OUT_BYTES` and more, for a long single reply."""

_encoder = msgspec.msgpack.Encoder()
_server_decoder: msgspec.msgpack.Decoder[ServerMessage] = msgspec.msgpack.Decoder(ServerMessage)


def encode(message: Message) -> bytes:
    """The msgpack bytes of a message of either side."""
    return _encoder.encode(message)


def encode_json(message: Message) -> bytes:
    """The JSON bytes of a message of either side."""
    return msgspec.json.encode(json_ready(message))


def json_ready(message: Message) -> Any:
    """The message as plain values, raw bodies opened."""
    return msgspec.msgpack.decode(_encoder.encode(message))


def decode_command(data: bytes) -> Command:
    """The command those msgpack bytes hold. Raises `Refusal`, with `in_reply_to` where an id can be read."""
    if len(data) > MAX_IN_BYTES:
        raise Refusal(Code.TOO_LARGE, size_bytes=len(data), limit_bytes=MAX_IN_BYTES)
    try:
        plain = msgpack.unpackb(data, strict_map_key=True, max_ext_len=0)
    except Exception as error:  # msgpack lets ValueErrors of many kinds out, and bytes from the net are hostile
        raise Refusal(Code.BAD_MESSAGE, detail=type(error).__name__) from None
    return command_of(plain)


def decode_json_command(data: bytes) -> Command:
    """The same for JSON bytes."""
    if len(data) > MAX_IN_BYTES:
        raise Refusal(Code.TOO_LARGE, size_bytes=len(data), limit_bytes=MAX_IN_BYTES)
    try:
        plain = msgspec.json.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:  # ValueError: not UTF-8
        raise Refusal(Code.BAD_MESSAGE, detail=type(error).__name__) from None
    return command_of(plain)


def command_of(plain: object) -> Command:
    """The command those plain values mean. Raises `Refusal`."""
    command_id = 0
    try:
        if not isinstance(plain, dict):
            raise Refusal(Code.BAD_MESSAGE, detail="not a map")
        raw_id = plain.get("id", 0)
        command_id = raw_id if type(raw_id) is int and 0 <= raw_id <= 2**53 else 0
        if depth_of(plain, MAX_NESTING) > MAX_NESTING:
            raise Refusal(Code.BAD_MESSAGE, detail="nested too deep")
        kind = plain.get("t")
        if not isinstance(kind, str) or kind not in COMMANDS:
            raise Refusal(Code.UNKNOWN_TYPE, type=kind[:40] if isinstance(kind, str) else "")
        return msgspec.convert(plain, COMMANDS[kind])
    except Refusal as refusal:
        refusal.in_reply_to = command_id
        raise
    except msgspec.ValidationError as error:
        bad = Refusal(Code.BAD_MESSAGE, detail=str(error)[:200])
        bad.in_reply_to = command_id
        raise bad from None


def depth_of(plain: object, limit: int) -> int:
    """How deep maps and lists stand in each other, counted up to one past the limit."""
    layer, depth = [plain], 0
    while layer and depth <= limit:
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        depth += 1 if layer else 0
    return depth


class _Tag(msgspec.Struct):
    t: str


_tag_decoder = msgspec.msgpack.Decoder(_Tag)


def decode_server(data: bytes) -> list[ServerMessage]:
    """The messages of one websocket message from the server; types that are not known are left out, so that
    a newer hub may say more. Raises `Refusal(BAD_MESSAGE)`."""
    messages = []
    try:
        for one in _split(data):
            if _tag_decoder.decode(one).t in SERVER_TAGS:
                messages.append(_server_decoder.decode(one))
    except (msgpack.UnpackException, msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Refusal(Code.BAD_MESSAGE, detail=str(error)[:200]) from None
    return messages


def _split(data: bytes) -> Iterator[bytes]:
    """The msgpack objects that stand one after another in `data`."""
    unpacker = msgpack.Unpacker(max_buffer_size=MAX_SERVER_BYTES, strict_map_key=True)
    unpacker.feed(data)
    start = 0
    while start < len(data):
        unpacker.skip()
        end = unpacker.tell()
        yield data[start:end]
        start = end


def refused(refusal: Refusal) -> Refused:
    """The reply a refusal becomes."""
    return Refused(id=refusal.in_reply_to, code=refusal.code, temporary=refusal.temporary, params=dict(refusal.params))


def refusal_of(reply: Refused) -> Refusal:
    """The refusal a reply tells of: the way back of `refused`."""
    refusal = Refusal(reply.code, temporary=reply.temporary)
    refusal.params = dict(reply.params)
    refusal.in_reply_to = reply.id
    return refusal


COMMANDS: dict[str, type[Command]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Command)}
SERVER_TAGS = frozenset(str(kind.__struct_config__.tag) for kind in get_args(ServerMessage))
