"""Where a session's picture goes on to: up to three platforms, chosen by its host or an operator of the branch."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from server.core import rules
from server.core.limits import NAME_LIMIT
from server.core.model import Principal, SessionId, is_rehearsal
from server.core.refusal import Code, Refusal
from server.media.rtmp.address import KEY_LIMIT, BadAddress, Network, may_connect, place_of
from server.store import streaming_rows
from server.store.store import Store
from server.store.streaming_rows import TARGETS_MOST, RestreamTarget, Who


class Restreaming:
    """`private`: networks of the configuration that may be sent to although they are not public."""

    def __init__(self, store: Store, private: Sequence[Network]) -> None:
        self._store = store
        self._private = tuple(private)

    async def targets(self, session: SessionId) -> tuple[RestreamTarget, ...]:
        """The session's."""
        return await self._store.read(streaming_rows.targets_of, session, self._store.keyring)

    async def wanted(self, sessions: Sequence[SessionId]) -> tuple[RestreamTarget, ...]:
        """What pictures of those sessions shall be sent to."""
        return await self._store.read(streaming_rows.running_targets, sessions, self._store.keyring)

    async def put(self, principal: Principal, target: RestreamTarget, at_ms: int) -> None:
        """Set one up, or in the place of another. Raises `Refusal`; nothing of address and key is in it."""
        if is_rehearsal(target.session):
            raise Refusal(Code.REHEARSAL)
        if not 1 <= target.slot <= TARGETS_MOST:
            raise Refusal(Code.BAD_MESSAGE, detail="slot: 1 to 3")
        name = rules.clean_line(target.name, NAME_LIMIT)
        key = target.key.strip()
        if not key or len(key) > KEY_LIMIT or not key.isprintable() or not key.isascii() or " " in key:
            raise Refusal(Code.BAD_MESSAGE, detail="key")
        self._check(target.url.strip())
        cleaned = RestreamTarget(
            session=target.session,
            slot=target.slot,
            name=name,
            url=target.url.strip(),
            key=key,
            running=target.running,
        )
        who = Who(by=principal.person, at_ms=at_ms)
        await self._store.transact(streaming_rows.put_target, cleaned, self._store.keyring, who)

    def _check(self, url: str) -> None:
        """What can be told without asking for the name; that is looked up and looked at when it is connected to."""
        try:
            place = place_of(url)
        except BadAddress:
            raise Refusal(Code.TARGET_ADDRESS) from None
        try:
            literal = ipaddress.ip_address(place.host)
        except ValueError:
            if place.host == "localhost" or place.host.endswith((".localhost", ".local", ".internal")):
                raise Refusal(Code.TARGET_ADDRESS) from None
            return
        if not may_connect(literal, self._private):
            raise Refusal(Code.TARGET_ADDRESS)

    async def run(self, principal: Principal, session: SessionId, slot: int, running: bool, at_ms: int) -> None:
        """Send to it, or not."""
        who = Who(by=principal.person, at_ms=at_ms)
        await self._store.transact(streaming_rows.run_target, session, slot, running, who)

    async def drop(self, principal: Principal, session: SessionId, slot: int, at_ms: int) -> None:
        """Address and key are forgotten."""
        who = Who(by=principal.person, at_ms=at_ms)
        await self._store.transact(streaming_rows.drop_target, session, slot, who)


def shown_address(url: str) -> str:
    """What a page shows of an address: the host alone. Some platforms put secrets into the path."""
    return urlsplit(url).hostname or ""
