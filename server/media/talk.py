"""What is said on `/media`, as JSON text messages; the binary ones between them are the recording.

host:  broadcast (first, with the token), then begin for each recording, its chunks as binary messages, pause, trouble
hub:   ready, begun, heard every two seconds, again (begin a new recording), stopped, or `refused` and a close

With `probe` in the first message the way to the hub is measured instead: binary messages of nothing, then probed.
"""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from server.core.refusal import Code, Refusal
from server.core.unreadable import UNREADABLE

MESSAGE_LIMIT: Final = 1024 * 1024
"""The largest chunk seen was 0.22 MB."""
TEXT_LIMIT: Final = 8 * 1024


class Broadcasting(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="broadcast"):
    """The first message. `source` is made by the page and the same after a lost connection: who comes back replaces
    oneself without asking. `take_over`: replace another source. `phone`: the token is a phone's pass
    (`actions/cameras`). `probe`: measure the way to the hub, send no picture."""

    token: str
    session: Annotated[str, Meta(max_length=64)]
    source: Annotated[str, Meta(min_length=8, max_length=64)]
    take_over: bool = False
    phone: bool = False
    probe: bool = False


class Begin(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="begin"):
    """A new recording: what follows belongs to it. `started_at_ms`: its first frame on the hub's clock, as the page
    reckons it. `mime`: what the recorder says it writes."""

    mime: Annotated[str, Meta(max_length=120)]
    started_at_ms: int


class Pause(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="pause"):
    """The host left the picture for a while, or is back; viewers are told."""

    paused: bool


class What(StrEnum):
    """What is wrong at the source, in a word; consoles are told and make a noise."""

    NOTHING = ""
    HIDDEN = "hidden"  # another app, or the screen is locked
    CAMERA = "camera"  # gives no picture: a call, or it was taken away
    MICROPHONE = "microphone"
    BATTERY = "battery"
    LOST = "lost"  # said by the hub: the source went away without a word


class Trouble(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="trouble"):
    """Something is wrong at the source, or nothing any more."""

    what: What


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="ready"):
    """You are the source of the picture; `begin` may come."""

    now_ms: int


class Begun(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="begun"):
    """This recording is that generation."""

    generation: int


class Heard(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="heard"):
    """How the picture stands. `behind_ms`: how old the newest part is that viewers can have, None before the first.
    `watching`: players that fetch it."""

    behind_ms: int | None
    watching: int
    kbit_s: int


class Again(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="again"):
    """This recording is over; begin a new one. `reason` as in `BadMedia`, or `packager` or `idle`."""

    reason: str


class Stopped(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="stopped"):
    """A console ended this source; do not come back by yourself."""


class Probed(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="probed"):
    """How fast the probe came in."""

    kbit_s: int


FromHost = Broadcasting | Begin | Pause | Trouble
ToHost = Ready | Begun | Heard | Again | Stopped | Probed
_decoder = msgspec.json.Decoder(FromHost)
_encoder = msgspec.json.Encoder()


def read(text: str) -> FromHost:
    """The message. Raises `Refusal`; what was sent is never quoted, it may be a token."""
    if len(text) > TEXT_LIMIT:
        raise Refusal(Code.TOO_LARGE, size_bytes=len(text), limit_bytes=TEXT_LIMIT)
    try:
        message: FromHost = _decoder.decode(text)
        return message
    except UNREADABLE:
        raise Refusal(Code.BAD_MESSAGE, detail="not a message of /media") from None


def write(message: msgspec.Struct) -> str:
    """As it travels."""
    return _encoder.encode(message).decode()
