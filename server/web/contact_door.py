"""`POST /api/import/contacts`: the contacts of a 招聘岗位信息表 are asked to join as HR of their enterprises."""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

from server.actions.contacts import invite_contacts
from server.apart.contacts import read_contacts
from server.apart.import_files import UPLOAD
from server.apart.imports import Imports
from server.core import rules
from server.core.model import RegionCode
from server.core.refusal import Refusal
from server.core.regions import RegionTree
from server.hub.hub import Hub
from server.store.store import Store
from server.web.answers import json_answer, refusal_answer
from server.web.import_door import receive
from server.web.issuing import bearer

PATH: Final = "/api/import/contacts"


class ContactDoor:
    """For operators of the branch. The upload waits and is bounded as those of imports are, and is gone afterwards."""

    def __init__(
        self, *, hub: Hub, store: Store, tree: RegionTree, imports: Imports, clock_ms: Callable[[], int]
    ) -> None:
        self._hub = hub
        self._store = store
        self._tree = tree
        self._imports = imports
        self._clock_ms = clock_ms
        self._child = asyncio.Semaphore(1)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """`POST /api/import/contacts?region=CODE`: the file as body. Answers counts, and nobody's name."""
        try:
            principal = self._hub.verify(bearer(request))
            region = RegionCode(request.query.get("region", ""))
            rules.require_operator(principal, self._tree.path(region))
            async with self._imports.place() as directory:
                await receive(request, directory / UPLOAD)
                async with self._child:
                    contacts = await read_contacts(directory / UPLOAD)
            return json_answer(await invite_contacts(self._store, principal.person, region, contacts, self._clock_ms()))
        except Refusal as refusal:
            # What is left of the body is nobody's: the connection goes with it.
            answer = refusal_answer(refusal)
            answer.force_close()
            return answer
