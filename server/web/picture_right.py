"""Who may send a session's picture: a host with a token, or a phone with a pass for that session alone."""

from collections.abc import Awaitable, Callable

from server.core import rules
from server.core.model import PersonId, Principal, SessionId
from server.core.refusal import Code, Refusal
from server.media.source import SourceKind
from server.media.talk import Broadcasting
from server.store.camera_rows import Pass

RequirePass = Callable[[str, SessionId], Awaitable[Pass]]
"""Raises `Refusal` unless that is a phone's pass for the session."""
Voided = Callable[[PersonId, int], bool]
"""Whether what that person was given before then is void: the role was taken away, or the password is another."""


class PictureRights:
    """Asked when a source comes, and again while it sends."""

    def __init__(self, verify: Callable[[str], Principal], require_pass: RequirePass, voided: Voided) -> None:
        self._verify = verify
        self._voided = voided
        self._require_pass = require_pass

    async def require(self, hello: Broadcasting, *, has_origin: bool) -> PersonId:
        """Whose right it is. Raises `Refusal`. A browser always says where it comes from: its token, or a phone's pass,
        without an Origin was taken from one."""
        session = SessionId(hello.session)
        if hello.phone:
            if not has_origin:
                raise Refusal(Code.FORBIDDEN, needs="origin")
            found = await self._require_pass(hello.token, session)
            if self._voided(found.made_by, found.made_at_ms):
                raise Refusal(Code.NOT_SIGNED_IN)
            return found.made_by
        principal = self._verify(hello.token)
        if not has_origin and principal.kind != "client":
            raise Refusal(Code.FORBIDDEN, needs="origin")
        rules.require_duty(principal, rules.Duty.PICTURE, session)
        return principal.person


def kind_of(hello: Broadcasting) -> SourceKind:
    """What consoles call it."""
    return SourceKind.PHONE if hello.phone else SourceKind.CONSOLE
