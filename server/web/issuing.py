"""Tokens: made here, for guests and for people who signed in; and found in the header of a request."""

import secrets
from collections.abc import Callable

import msgspec
from aiohttp import hdrs, web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.core import tokens
from server.core.model import Grant, PersonId, Principal
from server.core.refusal import Code, Refusal

DAY_MS = 24 * 3600 * 1000
HOUR_MS = 3600 * 1000
FAR_TOKEN_MS = 10 * 60 * 1000
"""How long a token for another province is good: whoever sees it there may speak there for so long and no longer."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What a person gets who came in: the token and what it says."""

    token: str
    person: PersonId
    name: str
    grants: tuple[Grant, ...]
    until_ms: int


class FarProof(msgspec.Struct, frozen=True, kw_only=True):
    """A token for one other province. It is good until `until_ms`; `now_ms` is this house's clock, by which a device
    whose own is wrong knows how long that is."""

    token: str
    province: str
    until_ms: int
    now_ms: int


class Issuer:
    """Signs tokens. Guests are known by their person id, which begins with `g_`."""

    def __init__(
        self,
        *,
        key: Ed25519PrivateKey,
        clock_ms: Callable[[], int],
        guest_days: int,
        staff_hours: int,
        province: str = "",
        others: frozenset[str] = frozenset(),
    ) -> None:
        """`province`: this one, where `others` trust its tokens; empty where there are none."""
        self._province = province
        self._others = others
        self._key = key
        self._clock_ms = clock_ms
        self._guest_ms = guest_days * DAY_MS
        self._staff_ms = staff_hours * HOUR_MS

    def guest(self) -> Proof:
        """A new guest, who has said nothing about themselves: a name to be told apart by in the chat."""
        person = PersonId("g_" + secrets.token_urlsafe(12))
        return self.of(person, f"求职者{secrets.randbelow(10_000):04d}", ())

    def of(self, person: PersonId, name: str, grants: tuple[Grant, ...], kind: str = "browser") -> Proof:
        """A token for that person. `kind` is `client` only for programs, which come without an Origin."""
        now_ms = self._clock_ms()
        until_ms = now_ms + (self._guest_ms if is_guest(person) else self._staff_ms)
        principal = Principal(
            person=person,
            token_id=secrets.token_urlsafe(9),
            issued_at_ms=now_ms,
            until_ms=until_ms,
            kind=kind,
            name=name,
            grants=grants,
            province=self._province,
        )
        return Proof(
            token=tokens.issue(principal, self._key), person=person, name=name, grants=grants, until_ms=until_ms
        )

    def far_token(self, principal: Principal, province: str) -> FarProof:
        """A short token of the same person for that one other province. Without grants, which are worth nothing there
        and nobody's business; and never good for longer than the one that was shown for it.

        Raises `Refusal`: NOT_SIGNED_IN for whoever is a far guest, since only their home vouches for them;
        NOT_FOUND for a province this house does not know.
        """
        if principal.province:
            raise Refusal(Code.NOT_SIGNED_IN)
        if province not in self._others:
            raise Refusal(Code.NOT_FOUND, what="province", id=province)
        now_ms = self._clock_ms()
        lent = Principal(
            person=principal.person,
            token_id=secrets.token_urlsafe(9),
            issued_at_ms=now_ms,
            until_ms=min(now_ms + FAR_TOKEN_MS, principal.until_ms),
            kind=principal.kind,
            name=principal.name,
            province=self._province,
            audience=province,
        )
        token = tokens.issue(lent, self._key)
        return FarProof(token=token, province=province, until_ms=lent.until_ms, now_ms=now_ms)


def is_guest(person: PersonId) -> bool:
    """Whether that person came in without an account."""
    return person.startswith("g_")


def bearer(request: web.Request) -> str:
    """The token of a request. Raises `Refusal(NOT_SIGNED_IN)`."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refusal(Code.NOT_SIGNED_IN)
    return token.strip()
