"""`GET /healthz`: this process is alive. `GET /readyz`: it can take viewers now.

Two questions, because the answers call for different things: who is not alive is started again, which does not bring
back a database; who is not ready gets no new viewers, and keeps those it has.
"""

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
    """Answer of both; `what` names the part that does not answer (`store`), or `hub`: it starts or is stopping."""

    ok: bool
    version: str
    epoch: str = ""
    what: str = ""


class HealthDoor:
    """Handlers of both addresses."""

    def __init__(self, *, store: Store, hub: Hub, version: str) -> None:
        self._store = store
        self._hub = hub
        self._version = version
        self._house = channel(Kind.HOUSE, store.province)

    async def alive(self, _request: web.Request) -> web.Response:
        """`/healthz`: whoever reads this has seen the loop run. Asks nobody."""
        return json_answer(Health(ok=True, version=self._version, epoch=self._store.epoch))

    async def ready(self, _request: web.Request) -> web.Response:
        """`/readyz`: asks the store one small question."""
        if not self._hub.ready:
            return self._not_ready("hub")
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                head = await self._store.read(log_queries.head, self._house)
        except (Refusal, TimeoutError):
            return self._not_ready("store")
        return json_answer(Health(ok=True, version=self._version, epoch=head.epoch))

    def _not_ready(self, what: str) -> web.Response:
        return json_answer(Health(ok=False, version=self._version, what=what), status=503)
