"""A message to a phone, and the interface of those who deliver it."""

from enum import StrEnum
from typing import Protocol

import msgspec


class Purpose(StrEnum):
    """What a message is for; gateways that know templates have one for each."""

    CODE = "code"
    STEP = "step"
    INVITATION = "invitation"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is the whole message, `params` the same facts for gateways with templates. The same `key` is the same
    message: it may come twice when an answer was lost, and must be delivered once. Never printed: it holds a number."""

    purpose: Purpose
    phone: str
    text: str
    params: dict[str, str]
    key: str

    def __repr__(self) -> str:
        return f"Message({self.purpose.value})"


class SendFailed(Exception):
    """It was not delivered. `again`: another try with the same key may succeed. The text names no number."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.again = again


class Sender(Protocol):
    """Delivers messages to phones."""

    async def send(self, message: Message) -> None:
        """Deliver it, within a limit of time. Raises `SendFailed`."""

    async def close(self) -> None:
        """Let go of connections."""
