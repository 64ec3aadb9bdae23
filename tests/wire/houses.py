"""The whole house on a free port, as `daigang run` puts it together, with a small fair in it."""

import contextlib
import http.client
import itertools
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import ClientSession, ClientTimeout

from server.app import House
from server.assembling import Start
from server.assembling.start import WorkerPlace
from server.config import Config, Server
from server.core.catalogue import Catalogue
from server.core.model import Grant, PersonId, Role
from server.opening import now_ms, open_store
from server.outside.message import Sender
from server.store import catalogue_writes
from server.store.writes import AddAccount
from server.web.issuing import Proof
from server.web.signin import hash_password
from tests.wire.hubs import small_fair

HOST_PASSWORD = "correct horse"
HOST_HASH = hash_password(HOST_PASSWORD)
WITHIN_S = 20.0


class Clock:
    """Runs with the real one, and can be put forward."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return now_ms() + self.ahead_ms


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HouseUnderTest:
    """A running house and the tokens of its people. `tokens` has guest, host (S01), hr (E1), operator (220000), all of
    kind `client`, so that a websocket needs no Origin."""

    def __init__(self, house: House, http: ClientSession) -> None:
        self.house = house
        self.app = house.site
        self.store = house.store
        self.hub = house.hub
        self.port = house.port
        self.url = house.origin
        self.ws_url = house.origin.replace("http", "ws", 1) + "/ws"
        self.http = http
        grants = {
            "guest": (),
            "host": (Grant(role=Role.HOST, scope="S01"),),
            "hr": (Grant(role=Role.HR, scope="E1"),),
            "operator": (Grant(role=Role.OPERATOR, scope="220000"),),
        }
        self.proofs: dict[str, Proof] = {
            who: house.issuer.of(PersonId("g_guest" if who == "guest" else f"p_{who}"), who, those, "client")
            for who, those in grants.items()
        }
        self.tokens = {who: proof.token for who, proof in self.proofs.items()}

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        body: object = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; `body` is sent as JSON, `data` as it is. A redirect is not followed, gzip is not asked for."""
        sent = {"Accept-Encoding": "identity", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        async with self.http.request(
            method, self.url + path, headers=sent, data=data, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers.copy(), await response.read())

    def plain_socket(self) -> socket.socket:
        """A TCP connection that has sent nothing."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=WITHIN_S)

    def request_path(self, path: str) -> int:
        """The status of a GET whose path is sent exactly so: clients tidy up `..` before they ask. Blocks."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WITHIN_S)
        try:
            link.putrequest("GET", path, skip_accept_encoding=True)
            link.endheaders()
            return link.getresponse().status
        finally:
            link.close()


def make_config(var_dir: Path, **sections: msgspec.Struct) -> Config:
    """A configuration on loopback, a free port and that directory; sections as asked."""
    return Config(server=Server(port=0, var_dir=str(var_dir)), **sections)  # type: ignore[arg-type]


async def fill(config: Config, catalogue: Catalogue, clock_ms: Callable[[], int] = now_ms) -> None:
    """Load a fair, and one account with a password: `anna`, host of S01."""
    store, _ = await open_store(config, clock_ms)
    try:
        await store.transact(catalogue_writes.load_catalogue, catalogue, clock_ms())
        await store.write(
            AddAccount(
                by=PersonId("test"),
                key="account-anna",
                at_ms=clock_ms(),
                name="anna",
                shown_name="安娜",
                password_hash=HOST_HASH,
                grants=(Grant(role=Role.HOST, scope="S01"),),
            )
        )
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def serving(
    config: Config,
    *,
    demo: bool = False,
    dev: bool = False,
    catalogue: Catalogue | None = None,
    clock_ms: Callable[[], int] = now_ms,
    sender: Sender | None = None,
    worker: WorkerPlace | None = None,
) -> AsyncIterator[HouseUnderTest]:
    """The house of that configuration, running, with a fair of two sessions (or `catalogue`)."""
    await fill(config, catalogue or small_fair(), clock_ms)
    house = House(config, Start(demo=demo, dev=dev, spread_s=0.0, worker=worker), clock_ms, sender)
    await house.start()
    try:
        async with ClientSession(timeout=ClientTimeout(total=WITHIN_S)) as http:
            yield HouseUnderTest(house, http)
    finally:
        await house.stop()


_keys = itertools.count()


async def do(house: HouseUnderTest, token: str, t: str, **fields: object) -> Any:
    """One command by POST, with a key of its own where it wants one; its reply."""
    keyless = t == "show_invitation" or t.startswith(("my_", "list_"))
    keyed = {} if keyless else {"key": f"key-{next(_keys):06}"}
    return (await house.call("POST", "/api/commands", token=token, body={"t": t, **keyed, **fields})).json


async def guest(house: HouseUnderTest) -> str:
    """The token of somebody new."""
    return str((await house.call("POST", "/api/guest", body={})).json["token"])
