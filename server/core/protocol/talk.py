"""What is said in a session, and who sees to it that it can be read."""

from typing import Annotated

from msgspec import Meta

from server.core.limits import MAX_IN_BYTES
from server.core.model import MuteLength
from server.core.protocol.message import NO_CONTROLS, CommandBase, Key, ReplyBase, ShortId, Text

Spoken = Annotated[str, Meta(max_length=MAX_IN_BYTES, description="more than TEXT_LIMIT is refused TEXT_TOO_LONG")]

Author = Annotated[str, Meta(min_length=1, max_length=32, pattern=NO_CONTROLS, description="`author` of a line")]


class Say(CommandBase, frozen=True, kw_only=True, tag="say"):
    """One chat line. Replied by `done`, or by `waits` where lines are approved first. `caption`: it is what the host
    says in this moment, to be read over the picture (who is on duty; at most CAPTION_LIMIT characters)."""

    session: ShortId
    text: Spoken
    key: Key
    caption: bool = False


class Waits(ReplyBase, frozen=True, kw_only=True, tag="waits"):
    """The line waits until somebody on duty passes it; then it comes on chat/ like any other."""

    line: str


class PassLine(CommandBase, frozen=True, kw_only=True, tag="pass_line"):
    """Let a waiting line through. Replied by `done`."""

    session: ShortId
    line: ShortId
    key: Key


class DropLine(CommandBase, frozen=True, kw_only=True, tag="drop_line"):
    """A waiting line is not let through; nobody is told but the desk. Replied by `done`."""

    session: ShortId
    line: ShortId
    key: Key


class RemoveLine(CommandBase, frozen=True, kw_only=True, tag="remove_line"):
    """Take the line at that offset of chat/ from every page; the log keeps it. Replied by `done`."""

    session: ShortId
    offset: Annotated[int, Meta(ge=1, le=2**53)]
    key: Key


class Mute(CommandBase, frozen=True, kw_only=True, tag="mute"):
    """The author of a line may not write for a while, from whatever device shows the same phone. Replied by `done`."""

    session: ShortId
    author: Author
    length: MuteLength
    key: Key
    reason: Text = ""


class Unmute(CommandBase, frozen=True, kw_only=True, tag="unmute"):
    """A mute was a mistake, or is enough. Replied by `done`."""

    session: ShortId
    author: Author
    key: Key
