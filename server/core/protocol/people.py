"""Showing by a code that a phone number is one's own."""

from typing import Annotated

import msgspec
from msgspec import Meta

from server.core.limits import SEEN_LIMIT
from server.core.protocol.message import CommandBase, Key, ReplyBase, ShortId

Phone = Annotated[str, Meta(max_length=24)]
PhoneCode = Annotated[str, Meta(max_length=16)]


class AskCode(CommandBase, frozen=True, kw_only=True, tag="ask_code"):
    """Send a code to this number. Replied by `code_sent`; a wish for another one has a key of its own."""

    phone: Phone
    key: Key


class ConfirmCode(CommandBase, frozen=True, kw_only=True, tag="confirm_code"):
    """The code that came: from now on every application of this number is seen by this person, too. Replied by
    `done`."""

    phone: Phone
    code: PhoneCode
    key: Key


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application of which a person sees so many steps."""

    application: ShortId
    steps: Annotated[int, Meta(ge=1, le=1_000_000)]


class Saw(CommandBase, frozen=True, kw_only=True, tag="saw"):
    """A visible page shows these steps: they need not go out to the phone any more. Replied by `done`."""

    applications: Annotated[tuple[Seen, ...], Meta(min_length=1, max_length=SEEN_LIMIT)]


class CodeSent(ReplyBase, frozen=True, kw_only=True, tag="code_sent"):
    """A code is on its way. Another one may be asked for after `again_after_ms`. `code` is the code itself in a
    demonstration, which runs without a phone, and empty everywhere else. `aloud`: nobody delivers messages here, the
    code stands on the terminal of the house and is told by who runs it."""

    valid_ms: int
    again_after_ms: int
    code: str = ""
    aloud: bool = False
