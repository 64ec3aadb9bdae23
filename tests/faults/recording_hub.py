"""A host that broadcasts to a hub in another process, without a browser."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientError, ClientSession
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.core.model import Grant, PersonId, Role
from server.secrets_file import load_secrets
from server.web.issuing import Issuer
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
    token = host_of(hub, session)
    key = f"live-{time.monotonic_ns()}"
    await api(hub, "POST", "/api/commands", token, {"t": "go_live", "session": session, "key": key})
    async with ClientSession() as http, http.ws_connect(hub.url + "/media") as ws:
        caster = Caster(ws)
        await caster.say(t="broadcast", token=token, session=session, source="source-1", take_over=True)
        await caster.hear("ready")
        yield caster


def host_of(hub: HubProcess, session: str) -> str:
    """A token of a host of any session: signed with the hub's own key, for programs."""
    secrets = load_secrets(hub.var_dir, {}, store_exists=True)
    issuer = Issuer(
        key=Ed25519PrivateKey.from_private_bytes(secrets.signing_seed),
        clock_ms=lambda: round(time.time() * 1000),
        guest_days=1,
        staff_hours=1,
    )
    return issuer.of(PersonId(f"p_host_{session}"), "主播", (Grant(role=Role.HOST, scope=session),), "client").token


@contextlib.asynccontextmanager
async def sending(host: Caster, film: bytes, seconds: float) -> AsyncIterator[None]:
    """The recording goes out as a host's page sends it, in its own time."""

    async def send() -> None:
        pieces = [film[at : at + 2_000] for at in range(0, len(film), 2_000)]
        began_s = time.monotonic()
        for number, piece in enumerate(pieces, 1):
            with contextlib.suppress(ClientError, ConnectionError):
                await host.ws.send_bytes(piece)
            # By the clock, so that a busy machine does not make the picture late.
            await asyncio.sleep(max(0.0, began_s + seconds * number / len(pieces) - time.monotonic()))

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
