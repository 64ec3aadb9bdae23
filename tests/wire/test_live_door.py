"""The picture without delay, over `/live`: who may have it, what comes, and what a slow watcher misses."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType

from server.core.limits import Close
from server.core.model import Grant, PersonId, Role, SessionId
from server.media.feed import PARTS_MOST
from tests.media.recordings import decoded, recording
from tests.wire.broadcasting import addresses, casting, go_live, playlist_with
from tests.wire.houses import HouseUnderTest

pytestmark = pytest.mark.usefixtures("blockbuster")


class Watcher:
    """A connection to `/live`."""

    def __init__(self, ws: ClientWebSocketResponse) -> None:
        self.ws = ws
        self.film = b""
        self.parts = 0

    async def hear(self, *wanted: str) -> dict[str, Any]:
        """The next message of one of those kinds; `closed` with the code for the end. Bytes are kept on the way."""
        async with asyncio.timeout(15):
            while True:
                message = await self.ws.receive()
                if message.type is WSMsgType.BINARY:
                    self.film += message.data
                    self.parts += 1
                    if "part" in wanted:
                        return {"t": "part"}
                    continue
                text = message.type is WSMsgType.TEXT
                found = json.loads(message.data) if text else {"t": "closed", "code": self.ws.close_code}
                if found["t"] in wanted:
                    return dict(found)
                assert found["t"] not in ("closed", "refused"), found


@contextlib.asynccontextmanager
async def watching(
    server: HouseUnderTest, session: str = "S01", *, who: str = "host", picture: bool = True, small: bool = False
) -> AsyncIterator[Watcher]:
    """A watcher that has said its first message. `small`: its machine keeps little that it has not read."""

    def make(address: Any) -> socket.socket:
        sock = socket.socket(address[0], address[1], address[2])
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        return sock

    connector = TCPConnector(socket_factory=make) if small else None
    async with (
        ClientSession(connector=connector, read_bufsize=4096) as http,
        http.ws_connect(server.url + "/live", max_msg_size=0) as ws,
    ):
        token = server.tokens.get(who, who)
        await ws.send_str(json.dumps({"t": "watch", "token": token, "session": session, "picture": picture}))
        yield Watcher(ws)


async def refused(server: HouseUnderTest, session: str = "S01", *, who: str) -> tuple[str, int]:
    async with watching(server, session, who=who) as watcher:
        code = (await watcher.hear("refused"))["code"]
        return code, (await watcher.hear("closed"))["code"]


async def test_what_comes_decodes_and_a_new_generation_follows(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    film = recording(4.0)
    async with watching(hub_server) as watcher, casting(hub_server) as host:
        assert (await watcher.hear("standing"))["picture"] == ""
        await host.begin()
        await host.send(film)
        opens = await watcher.hear("opens")
        assert opens["codecs"].startswith("avc1.42")
        assert opens["codecs"].endswith(",mp4a.40.2")
        assert opens["from_s"] == 0
        while watcher.parts < 9:
            await watcher.hear("part")
        pictures, sounds = decoded(watcher.film)
        assert pictures >= 40
        assert sounds >= 60
        standing = await watcher.hear("standing")
        assert (standing["source"], standing["source_name"], standing["dropped"]) == ("console", "source-1", 0)
        await host.begin()
        await host.send(film)
        again = await watcher.hear("opens")
        assert again["generation"] == 2
        assert again["from_s"] >= 3.9


async def test_who_comes_late_begins_at_the_last_key_frame(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await host.begin()
        await host.send(recording(5.0))
        while len(addresses(await playlist_with(hub_server, "#EXTINF"), "s")) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        async with watching(hub_server, who="operator") as watcher:
            assert (await watcher.hear("opens"))["from_s"] == pytest.approx(4.0, abs=0.1)
            await watcher.hear("part")
            await watcher.hear("part")
            assert decoded(watcher.film)[0] > 0


async def test_who_comes_between_the_header_and_the_first_part_misses_nothing(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    film = recording(3.0)
    async with casting(hub_server) as host:
        await host.begin()
        await host.send(film[:1_500])
        broadcast = hub_server.house.broadcasts.find(SessionId("S01"))
        assert broadcast is not None
        async with asyncio.timeout(10):
            while broadcast.window.begun is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not broadcast.window.segments
        async with watching(hub_server) as watcher:
            await watcher.hear("standing")
            await host.send(film[1_500:])
            assert (await watcher.hear("opens"))["from_s"] == 0


async def test_only_those_on_duty_and_the_operators_above_may_look(hub_server: HouseUnderTest) -> None:
    for who in ("guest", "hr"):
        assert await refused(hub_server, who=who) == ("forbidden", Close.FORBIDDEN)
    assert await refused(hub_server, "S02", who="host") == ("forbidden", Close.FORBIDDEN)
    assert await refused(hub_server, who="nonsense") == ("not_signed_in", Close.WHO_ARE_YOU)
    elsewhere = (Grant(role=Role.OPERATOR, scope="110000"),)
    operator = hub_server.house.issuer.of(PersonId("p_elsewhere"), "运营", elsewhere, "client")
    assert await refused(hub_server, who=operator.token) == ("forbidden", Close.FORBIDDEN)
    page = hub_server.house.issuer.of(PersonId("p_page"), "主播", hub_server.proofs["host"].grants)
    assert await refused(hub_server, who=page.token) == ("forbidden", Close.FORBIDDEN), "a browser's, without an Origin"
    assistant = hub_server.house.issuer.of(
        PersonId("p_assistant"), "场控", (Grant(role=Role.ASSISTANT, scope="S01"),), "client"
    )
    async with watching(hub_server, who=assistant.token) as watcher:
        await watcher.hear("standing")
        await watcher.ws.send_str('{"t":"stop_source"}')
        assert (await watcher.hear("refused"))["code"] == "forbidden", "the picture is the host's"


async def test_bad_first_words(hub_server: HouseUnderTest) -> None:
    for first in ("nonsense", '{"t":"stop_source"}', "x" * 9000):
        async with ClientSession() as http, http.ws_connect(hub_server.url + "/live") as ws:
            await ws.send_str(first)
            watcher = Watcher(ws)
            await watcher.hear("refused", "closed")


async def test_a_console_ends_what_sends(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as phone, watching(hub_server, picture=False) as console:
        await phone.hear("ready")
        await phone.begin()
        sending = asyncio.create_task(phone.send(recording(1.0) * 40, every_s=0.01))
        while (await console.hear("standing"))["source"] != "console":
            pass
        await console.ws.send_str('{"t":"stop_source"}')
        await phone.hear("stopped")
        assert (await phone.hear("closed"))["code"] == Close.FORBIDDEN
        sending.cancel()
        while (await console.hear("standing"))["source"]:
            pass


async def test_a_watcher_that_does_not_read_is_skipped_to_a_key_frame(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    film = recording(12.0, size=(160, 90), noise=True)
    async with casting(hub_server) as host, watching(hub_server, small=True) as watcher:
        await watcher.hear("standing")
        await host.begin()
        await host.send(film)
        broadcast = hub_server.house.broadcasts.find(SessionId("S01"))
        assert broadcast is not None
        (feed,) = broadcast._feeds
        async with asyncio.timeout(20):
            while feed.dropped < PARTS_MOST:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        # It reads again: what comes is whole, and begins at a key frame.
        await watcher.hear("opens")
        await host.begin()
        await host.send(film[: len(film) // 4])
        while (await watcher.hear("opens"))["generation"] < 2:
            pass
        watcher.film = b""
        for _ in range(4):
            await watcher.hear("part")
        assert decoded(watcher.film)[0] > 0


async def test_who_leaves_leaves_nothing_behind(hub_server: HouseUnderTest) -> None:
    before = len(asyncio.all_tasks())
    for _ in range(5):
        async with watching(hub_server) as watcher:
            await watcher.hear("standing")
    async with asyncio.timeout(10):
        while len(asyncio.all_tasks()) > before + 1 or hub_server.house.broadcasts.watchers._feeds:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
