"""`POST /hooks/engine?s=SECRET`: what a media engine asks and tells.

The secret stands in the query, which no log of the hub or of nginx has; callers must come from the configured networks,
and not through a proxy. Whatever they say is a stranger's word.
"""

import asyncio
import hmac
import ipaddress
import logging
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from server.core.refusal import Code, Refusal
from server.media.engines.engine import BadHook
from server.media.engines.inlets import Inlets
from server.media.rtmp.address import Network
from server.web.origin import peer_of, through_inner_door
from server.web.passing import Passing

log = logging.getLogger(__name__)

PATH: Final = "/hooks/engine"
ANSWER_WITHIN_S: Final = 8.0


class EngineDoor:
    """Handler of the address."""

    def __init__(
        self, *, inlets: Inlets, secret: str, networks: Sequence[Network], passing: Passing | None = None
    ) -> None:
        """`passing`: there are other workers, and one of them has the session's picture."""
        self._passing = passing
        self._inlets = inlets
        self._secret = secret.encode()
        self._networks = tuple(networks)

    async def post(self, request: web.Request) -> web.StreamResponse:
        """The engine's answer: yes or no. To everybody else the address does not exist."""
        if not self._is_engine(request):
            raise Refusal(Code.NOT_FOUND, what="address")
        engine = self._inlets.engine
        try:
            body = await request.read()  # bounded by the guard
            hook = engine.hook(request.content_type, body)
            async with asyncio.timeout(ANSWER_WITHIN_S):
                session = await self._inlets.session_of(hook.stream) if self._passing is not None else None
                if self._passing is not None and session is not None:
                    theirs = await self._passing.to_owner_of(request, session)
                    if theirs is not None:
                        return theirs
                allowed = await self._inlets.hear(hook)
        except (BadHook, TimeoutError):
            allowed = False
        except Exception:
            # Not through the usual way: nothing of this request may be written down.
            log.exception("a word of the media engine was not understood")
            allowed = False
        answer = engine.answer(allowed)
        return web.Response(status=answer.status, body=answer.body, content_type=answer.type)

    def _is_engine(self, request: web.Request) -> bool:
        if not hmac.compare_digest(request.query.get("s", "").encode("utf-8", "replace"), self._secret):
            return False
        if through_inner_door(request):
            return True  # the worker that passed it on has looked
        if any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")):
            return False
        try:
            peer = ipaddress.ip_address(peer_of(request))
        except ValueError:
            return False
        return any(peer in network for network in self._networks if network.version == peer.version)
