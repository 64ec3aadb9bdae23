"""A host that broadcasts, as its page does it, and a player that reads playlists."""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.wire.houses import HouseUnderTest

CHUNK = 4_000


class Caster:
    """A host's connection to `/media`."""

    def __init__(self, ws: ClientWebSocketResponse) -> None:
        self.ws = ws
        self.said: list[dict[str, Any]] = []

    async def say(self, **message: Any) -> None:
        await self.ws.send_str(json.dumps(message))

    async def hear(self, *wanted: str) -> dict[str, Any]:
        """The next message of one of those kinds; `closed` with the code for the end."""
        async with asyncio.timeout(15):
            while True:
                message = await self.ws.receive()
                if message.type is not WSMsgType.TEXT:
                    found = {"t": "closed", "code": self.ws.close_code}
                else:
                    found = json.loads(message.data)
                self.said.append(found)
                if found["t"] in wanted:
                    return found
                assert found["t"] not in ("closed", "refused"), found

    async def begin(self) -> int:
        """A new recording; its generation."""
        await self.say(t="begin", mime="video/webm;codecs=h264,opus", started_at_ms=round(time.time() * 1000))
        return int((await self.hear("begun"))["generation"])

    async def send(self, recording: bytes, *, every_s: float = 0.0) -> None:
        for at in range(0, len(recording), CHUNK):
            await self.ws.send_bytes(recording[at : at + CHUNK])
            await asyncio.sleep(every_s)


@contextlib.asynccontextmanager
async def casting(
    server: HouseUnderTest,
    session: str = "S01",
    *,
    who: str = "host",
    source: str = "source-1",
    take_over: bool = False,
    origin: bool = False,
    **more: Any,
) -> AsyncIterator[Caster]:
    """A connection that has said its first message. `origin`: it comes from a page of the house."""
    headers = {"Origin": server.url} if origin else None
    async with ClientSession() as http, http.ws_connect(server.url + "/media", headers=headers) as ws:
        caster = Caster(ws)
        token = server.tokens.get(who, who)
        await caster.say(t="broadcast", token=token, session=session, source=source, take_over=take_over, **more)
        yield caster


async def go_live(server: HouseUnderTest, session: str = "S01") -> None:
    await command(server, {"t": "go_live", "session": session, "key": f"live-{session}"})


async def command(server: HouseUnderTest, body: dict[str, Any], who: str = "host") -> None:
    answer = await server.call("POST", "/api/commands", token=server.tokens[who], body=body)
    assert answer.status == 200, answer.body


async def playlist(server: HouseUnderTest, session: str = "S01", query: str = "") -> str:
    answer = await server.call("GET", f"/hls/{session}/index.m3u8{query}")
    assert answer.status == 200, answer.body
    return answer.body.decode()


async def playlist_with(server: HouseUnderTest, words: str, session: str = "S01") -> str:
    """The playlist once it contains those words."""
    async with asyncio.timeout(15):
        while words not in (text := await playlist(server, session)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return text


def addresses(text: str, kind: str) -> list[str]:
    """Addresses of headers (i), parts (p) or segments (s) in a playlist, without the one that is only hinted at."""
    text = re.sub(r"#EXT-X-PRELOAD-HINT.*", "", text)
    return list(dict.fromkeys(re.findall(rf"[0-9a-f]+/{kind}[0-9.]+\.m(?:p4|4s)", text)))


async def fetch(server: HouseUnderTest, address: str, session: str = "S01") -> bytes:
    answer = await server.call("GET", f"/hls/{session}/{address}")
    assert answer.status == 200, address
    return answer.body
