"""The HTTP calls a client needs, over the standard library: one thread per call, for a few calls a second.

Answers are typed; an error's body becomes the `Refusal` it tells of.
"""

import asyncio
import http.client
import urllib.error
import urllib.request
from typing import TypeVar

import msgspec

from server.core.model import (
    Card,
    Enterprise,
    Fair,
    Grant,
    Numbers,
    PersonId,
    Position,
    Region,
    Role,
    Session,
    SessionId,
    ShelfSlot,
    Venue,
)
from server.core.protocol import Command, Refused, Reply, decode_server, encode, refusal_of
from server.core.refusal import Code, Refusal

ANSWER_WITHIN_S = 10.0
MSGPACK = "application/msgpack"
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

T = TypeVar("T")


class Ticket(msgspec.Struct, frozen=True):
    """A token and whose it is. It ends at `until_ms`."""

    token: str
    person: PersonId
    until_ms: int
    name: str = ""
    grants: tuple[Grant, ...] = ()


class FarTicket(msgspec.Struct, frozen=True):
    """A token for one other province. It ends at `until_ms` by the home's clock, which shows `now_ms`."""

    token: str
    province: str
    until_ms: int
    now_ms: int


class Setup(msgspec.Struct, frozen=True):
    """What a hub says of itself. `consent` is the version of the consent text an `apply` must name, `confirmation` when
    a seeker confirms a number (`phone_confirmation` of config.yaml)."""

    title: str
    region: str
    demo: bool
    consent: str
    protocol: int
    now_ms: int
    confirmation: str = "after"


class SessionPage(msgspec.Struct, frozen=True):
    """A session with its numbers and the card that stands."""

    session: Session
    numbers: Numbers
    visits: int = 0
    card: Card | None = None


class FairPage(msgspec.Struct, frozen=True):
    """The whole fair, sessions on air first."""

    fair: Fair
    venues: tuple[Venue, ...]
    sessions: tuple[SessionPage, ...]


class ShelfPage(msgspec.Struct, frozen=True):
    """The shelf of a session at a revision."""

    session: SessionId
    revision: int
    slots: tuple[ShelfSlot, ...]


class EnterprisePage(msgspec.Struct, frozen=True):
    """An enterprise and what it offers."""

    enterprise: Enterprise
    positions: tuple[Position, ...]


class RegionsPage(msgspec.Struct, frozen=True):
    """The region tree."""

    regions: tuple[Region, ...]


class Doors:
    """HTTP calls to the hub at `base` (`http://127.0.0.1:8080`).

    Each raises `Refusal` for an error's body, and UNAVAILABLE, temporary, when no answer came within
    ANSWER_WITHIN_S or it was none of this protocol.
    """

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")

    async def guest(self) -> Ticket:
        """A token of a new guest."""
        return await self._post("/api/guest", {}, Ticket)

    async def sign_in(self, name: str, password: str) -> Ticket:
        """A token of somebody with an account."""
        return await self._post("/api/sign-in", {"name": name, "password": password}, Ticket)

    async def renew(self, token: str) -> Ticket:
        """A fresh token of the same person."""
        return await self._post("/api/renew", {}, Ticket, token)

    async def far_token(self, province: str, token: str) -> FarTicket:
        """A short token of the same person for that other province (its code), which it alone takes: `FarToken` has a
        good one at any time."""
        return await self._post("/api/tokens/for", {"province": province}, FarTicket, token)

    async def demo(self, role: Role) -> Ticket:
        """A token of the demonstration's host, HR or operator."""
        return await self._post("/api/demo", {"role": role.value}, Ticket)

    async def setup(self) -> Setup:
        """What the hub says of itself."""
        return await self._get("/api/setup", Setup)

    async def fair(self) -> FairPage:
        """The fair, its venues and sessions."""
        return await self._get("/api/fair", FairPage)

    async def regions(self) -> RegionsPage:
        """The region tree."""
        return await self._get("/api/regions", RegionsPage)

    async def session(self, session: str) -> SessionPage:
        """One session."""
        return await self._get(f"/api/sessions/{session}", SessionPage)

    async def shelf(self, session: str, revision: int) -> ShelfPage:
        """A session's shelf at its present revision."""
        return await self._get(f"/api/sessions/{session}/shelf/{revision}", ShelfPage)

    async def enterprise(self, enterprise: str) -> EnterprisePage:
        """One enterprise and its positions."""
        return await self._get(f"/api/enterprises/{enterprise}", EnterprisePage)

    async def call(self, command: Command, token: str) -> Reply:
        """The reply to a command, without a websocket. Raises `Refusal` for a `refused`."""
        body = await asyncio.to_thread(self._send, "/api/commands", encode(command), MSGPACK, token)
        reply = _reply(body)
        if isinstance(reply, Refused):
            raise refusal_of(reply)
        return reply

    async def _get(self, path: str, kind: type[T]) -> T:
        return _read(await asyncio.to_thread(self._send, path, None, "", ""), kind)

    async def _post(self, path: str, plain: dict[str, str], kind: type[T], token: str = "") -> T:
        body = msgspec.json.encode(plain)
        return _read(await asyncio.to_thread(self._send, path, body, "application/json", token), kind)

    def _send(self, path: str, body: bytes | None, content_type: str, token: str) -> bytes:
        """One call in the present thread."""
        request = urllib.request.Request(self.base + path, data=body)
        if content_type:
            request.add_header("Content-Type", content_type)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with _direct.open(request, timeout=ANSWER_WITHIN_S) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise _told(error.headers.get_content_type(), error.read()) from None
        except (OSError, ValueError, http.client.HTTPException):
            raise _unavailable() from None


def _told(content_type: str, body: bytes) -> Refusal:
    """The refusal in an error's body, in either format."""
    try:
        if content_type == MSGPACK:
            return refusal_of(msgspec.msgpack.decode(body, type=Refused))
        return refusal_of(msgspec.json.decode(body, type=Refused))
    except (msgspec.DecodeError, ValueError):
        return _unavailable()


def _reply(body: bytes) -> Reply:
    try:
        (reply,) = decode_server(body)
    except (Refusal, ValueError):  # ValueError: none, or more than one
        raise _unavailable() from None
    if not isinstance(reply, Reply):
        raise _unavailable()
    return reply


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, ValueError):
        raise _unavailable() from None


def _unavailable() -> Refusal:
    return Refusal(Code.UNAVAILABLE, temporary=True, what="hub")
