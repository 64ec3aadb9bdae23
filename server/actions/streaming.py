"""The stream key of a session's encoder: made, changed and taken away by its host or an operator of the branch."""

import base64
import os
from collections.abc import Callable

import msgspec

from server.actions.duty import session_for
from server.core.model import Principal, SessionId, rehearsed
from server.core.regions import RegionTree
from server.core.rules import Duty
from server.store import streaming_rows
from server.store.store import Store
from server.store.streaming_rows import StreamKey, Who

SECRET_BYTES = 20
"""160 bits: nobody guesses it, and it is still read out over a phone if it must be."""


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was just made, shown this once. Never printed."""

    stream: str
    secret: str

    def __repr__(self) -> str:
        return "Fresh(…)"


class Streaming:
    """What people do about encoders."""

    def __init__(self, store: Store, tree: RegionTree, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._store = store
        self._tree = tree
        self._random_bytes = random_bytes

    async def allowed(self, principal: Principal, session: str) -> SessionId:
        """The session, for whoever may. A rehearsal has the key of its session. Raises `Refusal`."""
        return await session_for(self._store, self._tree, principal, Duty.STREAMING, session)

    async def make(self, principal: Principal, session: SessionId, at_ms: int) -> Fresh:
        """A new key; the one before it opens nothing any more."""
        secret = base64.b32encode(self._random_bytes(SECRET_BYTES)).decode("ascii").lower()
        fresh = Fresh(stream="s" + self._random_bytes(8).hex(), secret=secret)
        digest = self._store.keyring.stream_key_digest(secret)
        who = Who(by=principal.person, at_ms=at_ms)
        await self._store.transact(streaming_rows.make_stream_key, rehearsed(session), fresh.stream, digest, who)
        return fresh

    async def revoke(self, principal: Principal, session: SessionId, at_ms: int) -> None:
        """No key opens the session any more."""
        await self._store.transact(
            streaming_rows.revoke_stream_key, rehearsed(session), Who(by=principal.person, at_ms=at_ms)
        )

    async def key_of(self, session: SessionId) -> StreamKey | None:
        """What is known of the session's key."""
        return await self._store.read(streaming_rows.stream_key, rehearsed(session))

    async def find(self, stream: str) -> tuple[StreamKey, SessionId] | None:
        """Whose stream that is, and whose picture it is now."""
        return await self._store.read(streaming_rows.picture_of_stream, stream)
