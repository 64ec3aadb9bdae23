"""How people come in: as a guest, by name and password, with an older token, or through the demonstration's door; and
what they show in another province."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta

from server.core.model import PersonId, Principal, Role
from server.core.refusal import Code, Refusal
from server.core.unreadable import UNREADABLE
from server.store.account_queries import Account
from server.web.answers import json_answer
from server.web.issuing import Issuer, Proof, bearer, is_guest
from server.web.origin import Callers, from_this_machine
from server.web.rationing import Ration
from server.web.signin import PASSWORD_LIMIT, SignIn

FindPerson = Callable[[PersonId], Awaitable[Account | None]]
DEMO_NAMES = {
    Role.HOST: "demo-host",
    Role.ASSISTANT: "demo-assistant",
    Role.HR: "demo-hr",
    Role.SPECIALIST: "demo-specialist",
    Role.OPERATOR: "demo-operator",
}
"""The demonstration's accounts. They have no password: the only way in is its door."""


class Credentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/sign-in`. `client` asks for a token for a program, which comes without an Origin."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=PASSWORD_LIMIT)]
    client: bool = False


class DemoWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/demo`."""

    role: Role


class Destination(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/tokens/for`: the code of another province."""

    province: Annotated[str, Meta(min_length=1, max_length=20)]


class Entrance:
    """The five calls that give tokens."""

    def __init__(
        self,
        *,
        issuer: Issuer,
        sign_in: SignIn,
        callers: Callers,
        guests: Ration,
        far_tokens: Ration,
        verify: Callable[[str], Principal],
        find_person: FindPerson,
        find_name: Callable[[str], Awaitable[Account | None]],
        signed_in: Callable[[PersonId], Awaitable[None]],
        demo: bool,
    ) -> None:
        """`guests` by address, `far_tokens` by person."""
        self._issuer = issuer
        self._sign_in = sign_in
        self._callers = callers
        self._guests = guests
        self._far_tokens = far_tokens
        self._verify = verify
        self._find_person = find_person
        self._find_name = find_name
        self._signed_in = signed_in
        self._demo = demo

    async def guest(self, request: web.Request) -> web.Response:
        """`POST /api/guest`."""
        self._guests.take(self._callers.address(request))
        return json_answer(self._issuer.guest())

    async def by_password(self, request: web.Request) -> web.Response:
        """`POST /api/sign-in`."""
        wish = body_of(await request.read(), Credentials)
        account = await self._sign_in.check(wish.name, wish.password, self._callers.address(request))
        proof = self._proof(account, "client" if wish.client else "browser")
        await self._signed_in(account.person)
        return json_answer(proof)

    async def renew(self, request: web.Request) -> web.Response:
        """`POST /api/renew`: what the account may do is read again, so a role taken away ends here at the latest."""
        old = self._verify(bearer(request))
        if is_guest(old.person):
            return json_answer(self._issuer.of(old.person, old.name, (), old.kind))
        account = await self._find_person(old.person)
        if account is None:
            raise Refusal(Code.NOT_SIGNED_IN)
        return json_answer(self._proof(account, old.kind))

    async def far_token(self, request: web.Request) -> web.Response:
        """`POST /api/tokens/for`: a short token that one other province takes, and nobody else. The one that is good
        here never leaves here."""
        principal = self._verify(bearer(request))
        self._far_tokens.take(principal.person)
        return json_answer(self._issuer.far_token(principal, body_of(await request.read(), Destination).province))

    async def demo(self, request: web.Request) -> web.Response:
        """`POST /api/demo`: in a demonstration only, and only for a person at this very machine."""
        if not self._demo:
            raise Refusal(Code.NOT_FOUND, what="address")
        if not from_this_machine(request):
            raise Refusal(Code.FORBIDDEN, needs="loopback")
        role = body_of(await request.read(), DemoWish).role
        account = await self._find_name(DEMO_NAMES[role]) if role in DEMO_NAMES else None
        if account is None:
            raise Refusal(Code.NOT_FOUND, what="role", id=role.value)
        await self._signed_in(account.person)
        return json_answer(self._proof(account, "browser"))

    def _proof(self, account: Account, kind: str) -> Proof:
        return self._issuer.of(account.person, account.shown_name, account.grants, kind)


T = TypeVar("T")


def body_of(data: bytes, kind: type[T]) -> T:
    """The JSON of a request's body. Raises `Refusal(BAD_MESSAGE)`."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        # Where and what kind; a value never stands in it, and no password is quoted back.
        raise Refusal(Code.BAD_MESSAGE, detail=str(error)[:200]) from None
    except UNREADABLE:
        raise Refusal(Code.BAD_MESSAGE, detail="not JSON") from None
