"""`GET /healthz`: whether this hub can do its work, for load balancers and for people."""

import asyncio

import msgspec
from aiohttp import web

from server.core.channels import Kind, channel
from server.core.refusal import Refusal
from server.hub.hub import Hub
from server.store import log_queries
from server.store.store import Store
from server.web.answers import json_answer

ANSWER_WITHIN_S = 2.0


class Health(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answer of `/healthz`; `what` names the part that does not answer."""

    ok: bool
    version: str
    epoch: str = ""
    what: str = ""


class HealthDoor:
    """Asks the store one small question; a hub that is stopping says so as well."""

    def __init__(self, *, store: Store, hub: Hub, version: str) -> None:
        self._store = store
        self._hub = hub
        self._version = version
        self._house = channel(Kind.HOUSE, store.province)

    async def get(self, _request: web.Request) -> web.Response:
        """Handler."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                head = await self._store.read(log_queries.head, self._house)
        except (Refusal, TimeoutError):
            return self._not_ok("store")
        if not self._hub.ready:
            return self._not_ok("hub")
        return json_answer(Health(ok=True, version=self._version, epoch=head.epoch))

    def _not_ok(self, what: str) -> web.Response:
        return json_answer(Health(ok=False, version=self._version, what=what), status=503)
