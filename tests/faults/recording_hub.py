"""A host that broadcasts to a hub in another process, without a browser."""

import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession

from tests.faults.processes import HubProcess
from tests.wire.broadcasting import Caster


async def api(hub: HubProcess, method: str, path: str, token: str = "", body: object = None) -> Any:
    """The JSON of an answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with ClientSession() as http, http.request(method, hub.url + path, json=body, headers=headers) as answer:
        return json.loads(await answer.read())


async def raw(hub: HubProcess, path: str) -> bytes:
    """The body of what is there."""
    async with ClientSession() as http, http.get(hub.url + path) as answer:
        assert answer.status == 200, path
        return await answer.read()


async def staff(hub: HubProcess, name: str) -> str:
    """The token of a demonstration's `host` or `operator`."""
    return str((await api(hub, "POST", "/api/demo", body={"role": name}))["token"])


@contextlib.asynccontextmanager
async def on_air(hub: HubProcess, session: str = "S01") -> AsyncIterator[Caster]:
    """A connection to `/media` of a session that is live."""
    token = await staff(hub, "host")
    key = f"live-{time.monotonic_ns()}"
    await api(hub, "POST", "/api/commands", token, {"t": "go_live", "session": session, "key": key})
    origin = {"Origin": hub.url}
    async with ClientSession() as http, http.ws_connect(hub.url + "/media", headers=origin) as ws:
        caster = Caster(ws)
        await caster.say(t="broadcast", token=token, session=session, source="source-1", take_over=True)
        await caster.hear("ready")
        yield caster
