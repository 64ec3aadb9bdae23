"""What is said on `/live`, as JSON text messages; the binary ones are the picture (fragmented MP4 for MSE).

watcher: watch (first, with the token), stop_source
hub:     standing every two seconds and when something changes, opens (then the header as one binary message, then a
         binary message for each part), moves, or `refused` and a close
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from server.core.refusal import Code, Refusal
from server.core.unreadable import UNREADABLE
from server.media.talk import TEXT_LIMIT, What

MESSAGE_LIMIT: Final = TEXT_LIMIT


class Watch(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="watch"):
    """The first message. `picture`: false for the standing alone."""

    token: str
    session: Annotated[str, Meta(max_length=64)]
    picture: bool = True


class StopSource(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="stop_source"):
    """End what sends the picture now (who has the duty of the picture); it does not come back by itself."""


class Standing(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="standing"):
    """How the picture stands. `picture`: on, paused, gone, or empty before the first. `source`: console, phone,
    encoder, or empty when nobody sends; `source_name`: the name it gave itself, so that a page knows itself; `trouble`:
    what it says is wrong there. `dropped`: parts this watcher missed because it was slow."""

    now_ms: int
    picture: str
    source: str
    source_name: str
    since_ms: int
    trouble: What
    behind_ms: int | None
    watching: int
    kbit_s: int
    dropped: int


class Opened(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="opens"):
    """A generation follows: its header, then its parts. Frames shown at `s` seconds of the player's time, from `from_s`
    on, were taken at `base_ms + 1000 * s`."""

    generation: int
    codecs: str
    base_ms: float
    from_s: float


class Moved(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="moves"):
    """The clock of the generation that was opened last was set right: frames shown from `from_s` on were taken at
    `base_ms + 1000 * s`."""

    base_ms: float
    from_s: float


FromWatcher = Watch | StopSource
_decoder = msgspec.json.Decoder(FromWatcher)


def read(text: str) -> FromWatcher:
    """The message. Raises `Refusal`; what was sent is never quoted, it may be a token."""
    if len(text) > TEXT_LIMIT:
        raise Refusal(Code.TOO_LARGE, size_bytes=len(text), limit_bytes=TEXT_LIMIT)
    try:
        message: FromWatcher = _decoder.decode(text)
        return message
    except UNREADABLE:
        raise Refusal(Code.BAD_MESSAGE, detail="not a message of /live") from None
