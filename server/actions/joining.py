"""Joining by an invitation: whom it is for, the code to the number on file, and the account that comes of it.

Who joins is nobody yet, so these have no principal: the token of the link is the proof, and the code the second one.
"""

import secrets

import msgspec

from server.actions.codes import Codes
from server.actions.people import gone
from server.core.model import Invitation, InvitationId, InvitationState
from server.core.protocol import CodeSent
from server.core.refusal import Code, Refusal
from server.core.rules import normal_code
from server.store import account_queries, people_queries
from server.store.account_queries import Account
from server.store.store import Store
from server.store.writes import JoinHouse, invited


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """An open invitation. `has_account`: the number has one already, so no password is needed. Never printed."""

    invitation: Invitation
    phone: str
    phone_hmac: bytes
    has_account: bool

    def __repr__(self) -> str:
        return "Opened(…)"


class Joining:
    """The three steps of who was invited."""

    def __init__(self, store: Store, codes: Codes) -> None:
        self._store = store
        self._codes = codes

    async def look(self, token: str, at_ms: int) -> Opened:
        """What the link is for. Raises `Refusal`: NOT_FOUND for a token nobody was given, INVITATION_* for one that is
        not good any more."""
        identity = self._store.keyring.invitation_of(token)
        if identity is None:
            raise Refusal(Code.NOT_FOUND, what="invitation", id="")
        shown, phone, phone_hmac = await self._store.read(people_queries.invitation, InvitationId(identity), at_ms)
        if shown.state is not InvitationState.OPEN:
            raise gone(shown.state)
        account = await self._store.read(account_queries.account_by_phone, phone_hmac)
        return Opened(
            invitation=shown,
            phone=phone,
            phone_hmac=phone_hmac,
            has_account=account is not None and account_queries.has_password(account.password_hash),
        )

    async def ask(self, token: str, at_ms: int) -> CodeSent:
        """A code to the number on file. Raises `Refusal`."""
        opened = await self.look(token, at_ms)
        key = f"join-{secrets.token_hex(12)}"
        return await self._codes.send(invited(opened.invitation.id), opened.phone, key, at_ms)

    async def join(self, opened: Opened, code: str, password_hash: str, at_ms: int) -> Account:
        """The account, with its new role. Raises `Refusal`."""
        by = invited(opened.invitation.id)
        digest = self._store.keyring.code_digest(by, opened.phone, normal_code(code))
        await self._store.write(
            JoinHouse(
                by=by,
                key=f"join-{secrets.token_hex(12)}",
                at_ms=at_ms,
                invitation=opened.invitation.id,
                phone=opened.phone,
                code=digest,
                password_hash=password_hash,
            )
        )
        account = await self._store.read(account_queries.account_by_phone, opened.phone_hmac)
        assert account is not None, "it was made or found by the write before"
        return account
