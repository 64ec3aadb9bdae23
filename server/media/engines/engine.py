"""What the hub wants from an engine, whichever it is. Engines are pure: they build and read, nothing here connects."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import parse_qsl

import msgspec

from server.core.unreadable import UNREADABLE

FORM: Final = "application/x-www-form-urlencoded"
FIELDS_MOST: Final = 64
FIELD_LIMIT: Final = 512
"""Characters of any field an engine tells; more is nobody's name or key."""


class BadHook(ValueError):
    """What came is no message of that engine. Its text never says what came."""


class Event(StrEnum):
    """What an engine tells or asks."""

    PUBLISH = "publish"  # asks: may this encoder send?
    STILL = "still"  # says that it still does; a "no" ends it
    DONE = "done"
    PLAY = "play"  # asks: may somebody fetch the stream from it?
    RECORDED = "recorded"
    OTHER = "other"


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """One message of an engine. Every field was written by a stranger. `client`: the engine's name for the connection;
    `file`: of a recording. Never printed: the key is in it."""

    event: Event
    stream: str = ""
    key: str = ""
    client: str = ""
    address: str = ""
    file: str = ""

    def __repr__(self) -> str:
        return f"Hook({self.event.value})"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine is answered."""

    status: int = 200
    body: bytes = b""
    type: str = "text/plain"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What an encoder is set up with: server and stream key, as OBS names them. Never printed."""

    server: str
    key: str

    def __repr__(self) -> str:
        return "Target(…)"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the hub fetches a stream: an RTMP application and a name in it."""

    url: str
    name: str


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A request to the engine's control door. `body`: JSON, None for none."""

    method: str
    url: str
    body: bytes | None = None


class Sync(StrEnum):
    """How cards find their moment in the picture: by program date time, or by the player's estimate of its delay."""

    DATES = "dates"
    LATENCY = "latency"


class Playback(msgspec.Struct, frozen=True, kw_only=True):
    """Where viewers get the picture, if not from the hub. `kind`: hls."""

    kind: str
    url: str
    sync: Sync


class Engine(Protocol):
    """One engine."""

    name: str
    takes: bool
    """Whether encoders can send to it at all."""

    def publish_target(self, stream: str, secret: str, now_ms: int) -> Target:
        """What the encoder is told, once."""

    def hook(self, media_type: str, body: bytes) -> Hook:
        """Its message. Raises `BadHook`."""

    def answer(self, allowed: bool) -> Answer:
        """The answer it understands."""

    def place(self, stream: str) -> Place | None:
        """Where the hub fetches the stream from; None when it does not."""

    def drop(self, stream: str, client: str) -> Ask | None:
        """The request that ends an encoder's connection; None when the engine has none."""

    def playback(self, stream: str, now_ms: int) -> Playback | None:
        """Where viewers get it; None: from the hub."""

    def recordings(self, stream: str, from_ms: int, to_ms: int) -> Ask | None:
        """The request whose answer is the recording of that time; None: the hub recorded it."""


def away(play_url: str, stream: str, sync: Sync) -> Playback | None:
    """The picture at an address with {stream} in it; None when there is none."""
    return Playback(kind="hls", url=play_url.replace("{stream}", stream), sync=sync) if play_url else None


def fields_of(body: bytes) -> dict[str, object]:
    """The fields of a JSON object. Raises `BadHook`."""
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except UNREADABLE:
        raise BadHook("no object") from None


def form_of(body: bytes) -> dict[str, object]:
    """The fields of a form; of those that come twice the first. Raises `BadHook`."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS_MOST)
    except ValueError:
        raise BadHook("form") from None
    values: dict[str, object] = {}
    for name, value in pairs:
        values.setdefault(name, value)
    return values


def key_in(query: str) -> str:
    """The key in `?key=SECRET&…`, empty for none. Raises `BadHook`."""
    return field(form_of(query.removeprefix("?").encode()), "key")


def field(values: Mapping[str, object], name: str) -> str:
    """A field as text, empty when it is missing. Raises `BadHook` when it is too long or no text."""
    value = values.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > FIELD_LIMIT or "\0" in value:
        raise BadHook(name)
    return value
