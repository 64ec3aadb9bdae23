"""What all messages are made of: their base, and the fields that come again and again."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from server.core.limits import KEY_LIMIT, NAME_LIMIT, SOURCE_LIMIT, TEXT_LIMIT
from server.core.refusal import Code

NO_CONTROLS: Final = r"^[^\x00-\x1f\x7f]*$(?!\n)"
"""What ids and keys are made of. PostgreSQL takes no U+0000 in a text: one would fail the batch of everybody beside it.
(Python's `$` alone would let a last line break pass.)"""

Key = Annotated[str, Meta(min_length=8, max_length=KEY_LIMIT, pattern=NO_CONTROLS, description="idempotency key")]

Name = Annotated[str, Meta(max_length=4 * NAME_LIMIT)]

Text = Annotated[str, Meta(max_length=4 * TEXT_LIMIT)]

Source = Annotated[
    str,
    Meta(
        max_length=SOURCE_LIMIT,
        pattern="^[A-Za-z0-9_-]*$",
        description="code of the QR or poster that led here",
    ),
]

ShortId = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_CONTROLS)]

ChannelName = Annotated[str, Meta(min_length=3, max_length=80, pattern=NO_CONTROLS, description="KIND/SUBJECT")]


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """Base of all messages; `t` tells which."""


class CommandBase(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what a client sends. `id` is the client's own number for the reply, growing in a connection."""

    id: Annotated[int, Meta(ge=0, le=2**53)] = 0


class ReplyBase(Message, frozen=True, kw_only=True):
    """Base of replies: `id` is the command's. A hub sets it last, so an action leaves it at 0."""

    id: int = 0


class Done(ReplyBase, frozen=True, kw_only=True, tag="done"):
    """It is true now. `offset` is its place in the command's channel, where it has one."""

    offset: int = 0


class Refused(ReplyBase, frozen=True, kw_only=True, tag="refused"):
    """It was not done. `temporary`: send the same command with the same key again, later."""

    code: Code
    temporary: bool = False
    params: dict[str, str | int] = {}
