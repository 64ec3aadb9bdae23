"""The first message of a conversation: who is welcome, and what the others are told."""

from typing import TYPE_CHECKING

from server.core.limits import PROTOCOL_VERSION, Close
from server.core.model import Principal
from server.core.protocol import Command, Hello, Welcome
from server.core.refusal import Code, Refusal

if TYPE_CHECKING:
    from server.hub.hub import Hub


def admit(hub: "Hub", hello: Hello, has_origin: bool) -> Principal:
    """Who says so. Raises `Refusal`."""
    if hello.version != PROTOCOL_VERSION:
        raise refused_to(hello, Refusal(Code.UPGRADE, version=PROTOCOL_VERSION))
    try:
        principal = hub.verify(hello.token)
        if not has_origin and principal.kind != "client":
            # A browser always says where it comes from; a browser's token without an Origin was taken from one.
            raise Refusal(Code.FORBIDDEN, needs="origin")
    except Refusal as refusal:
        raise refused_to(hello, refusal) from None
    return principal


def refused_to(command: Command, refusal: Refusal) -> Refusal:
    """The refusal of that command."""
    refusal.in_reply_to = command.id
    return refusal


def code_of(refusal: Refusal) -> Close:
    """How the conversation ends for whoever was not admitted."""
    codes = {
        Code.NOT_SIGNED_IN: Close.WHO_ARE_YOU,
        Code.TOKEN_EXPIRED: Close.RENEW,
        Code.OUT_OF_TURN: Close.WHO_ARE_YOU,
        Code.FORBIDDEN: Close.FORBIDDEN,
    }
    return codes.get(refusal.code, Close.BAD_PROTOCOL)


def welcome(hub: "Hub", principal: Principal, reply_id: int) -> Welcome:
    """What a proved principal is told."""
    return Welcome(
        id=reply_id,
        person=principal.person,
        name=principal.name,
        grants=principal.grants,
        until_ms=principal.until_ms,
        now_ms=hub.clock_ms(),
        consent=hub.consent,
        version=PROTOCOL_VERSION,
    )
