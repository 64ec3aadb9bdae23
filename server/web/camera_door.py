"""The doors of a phone that becomes a camera: the QR code a console shows, and the pass for who scanned it.

The secret comes in bodies and behind `#`, never in an address: addresses end in logs.
"""

from collections.abc import Callable
from typing import Annotated, Final

import msgspec
from aiohttp import web
from msgspec import Meta

from server.actions.cameras import SECRET_CHARS, Cameras
from server.core.model import Principal, SessionId, rehearsed
from server.core.qr import qr_svg
from server.web.answers import json_answer
from server.web.entrance import body_of
from server.web.issuing import bearer
from server.web.origin import Callers
from server.web.rationing import Ration, Rations

OFFERS_PER_S, OFFERS_BURST = 0.1, 10
"""Of one host: a code takes 5 ms to make."""
PAIRS_PER_S, PAIRS_BURST = 0.5, 30
"""Of one address: whoever guesses tickets gets nowhere, and a hall shares one."""
PATH: Final = "/camera"


class Pairing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/camera`."""

    ticket: Annotated[str, Meta(min_length=1, max_length=2 * SECRET_CHARS)]


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `POST /api/sessions/ID/camera`."""

    link: str
    qr: str
    until_ms: int


class PassView(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `POST /api/camera`: the `token` of the first message on `/media`, and what it is for. `after`: where it
    goes on when `session` is a rehearsal that is over."""

    token: str
    session: SessionId
    after: SessionId
    title: str
    until_ms: int


class CameraDoor:
    """Handlers."""

    def __init__(
        self,
        *,
        cameras: Cameras,
        verify: Callable[[str], Principal],
        callers: Callers,
        origin: str,
        rations: Rations,
    ) -> None:
        self._cameras = cameras
        self._verify = verify
        self._callers = callers
        self._origin = origin
        self._offers = Ration(OFFERS_PER_S, OFFERS_BURST, rations.clock_s)
        self._pairs = rations.of_address(PAIRS_PER_S, PAIRS_BURST)

    async def offer(self, request: web.Request) -> web.Response:
        """`POST /api/sessions/ID/camera`, by the host."""
        principal = self._verify(bearer(request))
        self._offers.take(principal.person)
        offer = await self._cameras.offer(principal, SessionId(request.match_info["session"]))
        link = f"{self._origin}{PATH}#{offer.ticket}"
        return json_answer(OfferView(link=link, qr=qr_svg(link), until_ms=offer.until_ms))

    async def revoke(self, request: web.Request) -> web.Response:
        """`POST /api/sessions/ID/camera/revoke`, by the host: of all phones."""
        principal = self._verify(bearer(request))
        await self._cameras.revoke(principal, SessionId(request.match_info["session"]))
        return json_answer({})

    async def pair(self, request: web.Request) -> web.Response:
        """`POST /api/camera`, by whoever has the code."""
        self._pairs.take(self._callers.address(request))
        paired = await self._cameras.pair(body_of(await request.read(), Pairing).ticket)
        return json_answer(
            PassView(
                token=paired.secret,
                session=paired.session.id,
                after=rehearsed(paired.session.id),
                title=paired.session.title,
                until_ms=paired.until_ms,
            )
        )
