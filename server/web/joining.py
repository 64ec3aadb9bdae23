"""The doors of `/join`: who opens an invitation is shown whom it is for, sent a code, and let in.

The token comes in the body, never in an address: addresses end in logs.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta

from server.actions.joining import Joining
from server.core.limits import PASSWORD_LEAST
from server.core.model import Role
from server.core.refusal import Code, Refusal
from server.web.answers import json_answer
from server.web.entrance import body_of
from server.web.issuing import Issuer
from server.web.origin import Callers
from server.web.rationing import Ration
from server.web.signin import AT_ONCE, PASSWORD_LIMIT, hash_password

Token = Annotated[str, Meta(min_length=1, max_length=100)]


class Look(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/join/look` and `POST /api/join/code`."""

    token: Token


class Join(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/join`. `password` may be empty for who has an account."""

    token: Token
    code: Annotated[str, Meta(max_length=16)]
    password: Annotated[str, Meta(max_length=PASSWORD_LIMIT)] = ""


class JoinView(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody with the link is shown. The phone is masked."""

    name: str
    role: Role
    title: str
    phone: str
    expires_at_ms: int
    has_account: bool


T = TypeVar("T", Look, Join)


class JoinDoor:
    """Handlers. Each address has a ration: who guesses tokens gets nowhere, and who has one needs a handful."""

    def __init__(
        self, *, joining: Joining, issuer: Issuer, callers: Callers, ration: Ration, clock_ms: Callable[[], int]
    ) -> None:
        self._joining = joining
        self._issuer = issuer
        self._callers = callers
        self._ration = ration
        self._clock_ms = clock_ms
        self._hashing = asyncio.Semaphore(AT_ONCE)

    async def look(self, request: web.Request) -> web.Response:
        """`POST /api/join/look`."""
        wish = await self._read(request, Look)
        opened = await self._joining.look(wish.token, self._clock_ms())
        shown = opened.invitation
        return json_answer(
            JoinView(
                name=shown.name,
                role=shown.role,
                title=shown.title,
                phone=shown.phone,
                expires_at_ms=shown.expires_at_ms,
                has_account=opened.has_account,
            )
        )

    async def code(self, request: web.Request) -> web.Response:
        """`POST /api/join/code`: to the number on file, wherever the request comes from."""
        wish = await self._read(request, Look)
        return json_answer(await self._joining.ask(wish.token, self._clock_ms()))

    async def join(self, request: web.Request) -> web.Response:
        """`POST /api/join`: in, with a token for the pages."""
        wish = await self._read(request, Join)
        opened = await self._joining.look(wish.token, self._clock_ms())
        if len(wish.password) < PASSWORD_LEAST and (wish.password or not opened.has_account):
            raise Refusal(Code.PASSWORD_INVALID, least=PASSWORD_LEAST)
        password_hash = ""
        if wish.password:
            async with self._hashing:
                password_hash = await asyncio.to_thread(hash_password, wish.password)
        account = await self._joining.join(opened, wish.code, password_hash, self._clock_ms())
        return json_answer(self._issuer.of(account.person, account.shown_name, account.grants, "browser"))

    async def _read(self, request: web.Request, kind: type[T]) -> T:
        self._ration.take(self._callers.address(request))
        return body_of(await request.read(), kind)
