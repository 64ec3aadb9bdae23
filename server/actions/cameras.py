"""A phone becomes a session's camera: a host offers it as a QR code, the phone that scans it is given a pass.

A pass sends the picture of one session and is good for nothing else: no door but `/media` knows it. It ends by itself
after a day on the stage, and at once when a host takes it back.
"""

import secrets
from collections.abc import Callable
from typing import Final

import msgspec

from server.core.model import Principal, Session, SessionId, rehearsed
from server.core.refusal import Code, Refusal
from server.core.rules import Duty, require_duty
from server.store import camera_rows, catalogue_queries
from server.store.store import Store

TICKET_MS: Final = 10 * 60 * 1000
"""How long a QR code is good; who comes later asks for a new one."""
PASS_MS: Final = 12 * 3600 * 1000
"""The longest day on a stage."""
SECRET_CHARS: Final = 32
SECRET_BYTES: Final = 20


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What a QR code is made of. Never printed: the ticket is a secret for ten minutes."""

    ticket: str
    until_ms: int

    def __repr__(self) -> str:
        return "Offer(…)"


class Paired(msgspec.Struct, frozen=True, kw_only=True):
    """What the phone is given. Never printed."""

    secret: str
    session: Session
    until_ms: int

    def __repr__(self) -> str:
        return f"Paired({self.session.id})"


class Cameras:
    """What people do about phones."""

    def __init__(
        self,
        store: Store,
        clock_ms: Callable[[], int],
        make_secret: Callable[[], str] = lambda: secrets.token_urlsafe(SECRET_BYTES),
    ) -> None:
        self._store = store
        self._clock_ms = clock_ms
        self._make_secret = make_secret

    async def offer(self, principal: Principal, session: SessionId) -> Offer:
        """For a QR code. Raises `Refusal` FORBIDDEN, NOT_FOUND."""
        require_duty(principal, Duty.PICTURE, session)
        await self._store.read(catalogue_queries.session, session)
        now_ms, ticket = self._clock_ms(), self._make_secret()
        offered = camera_rows.Pass(
            session=session,
            paired=False,
            made_by=principal.person,
            made_at_ms=now_ms,
            until_ms=now_ms + TICKET_MS,
        )
        await self._store.transact(camera_rows.add, self._digest(ticket), offered, now_ms)
        return Offer(ticket=ticket, until_ms=offered.until_ms)

    async def pair(self, ticket: str) -> Paired:
        """The phone that scanned it. Raises `Refusal(NOT_FOUND)` for a code that has ended or was used."""
        now_ms, secret = self._clock_ms(), self._make_secret()
        until_ms = now_ms + PASS_MS
        paired = await self._store.transact(
            camera_rows.pair, self._digest(ticket), self._digest(secret), until_ms, now_ms
        )
        if paired is None:
            raise Refusal(Code.NOT_FOUND, what="camera")
        session = await self._store.read(catalogue_queries.session, paired.session)
        return Paired(secret=secret, session=session, until_ms=until_ms)

    async def revoke(self, principal: Principal, session: SessionId) -> None:
        """No phone sends this session's picture any more. Raises `Refusal(FORBIDDEN)`."""
        require_duty(principal, Duty.PICTURE, session)
        await self._store.transact(camera_rows.revoke, rehearsed(session), principal.person, self._clock_ms())

    async def require(self, secret: str, session: SessionId) -> camera_rows.Pass:
        """Who offered it, and when. Raises `Refusal(NOT_SIGNED_IN)` unless that is a phone's pass for that session and
        good. One that was scanned in a rehearsal is good for the session, and the other way."""
        found = await self._store.read(camera_rows.find, self._digest(secret), self._clock_ms())
        if found is None or not found.paired or rehearsed(found.session) != rehearsed(session):
            raise Refusal(Code.NOT_SIGNED_IN)
        return found

    def _digest(self, secret: str) -> bytes:
        return self._store.keyring.digest(b"camera\0" + secret.encode("utf-8", "replace"))
