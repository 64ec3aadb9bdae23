"""`daigang run --workers`: several hubs on one port, as real processes. One that dies comes back, all can be replaced
one after the other, and neither costs anybody anything (promise 17 over workers)."""

import asyncio
import contextlib
import http.client
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from server.core.model import Role
from server.core.owning import owner_of
from server.core.protocol import GoLive
from server.secrets_file import load_secrets
from tests.faults.flowing import Flow
from tests.faults.processes import HubProcess, daigang, hub_process
from tests.media.recordings import recording
from tests.rtmp_server import RtmpServer, encoding
from tests.services import RedisServer, _children
from tests.wire.broadcasting import Caster
from tests.wire.hubs import eventually

pytestmark = pytest.mark.faults

COUNT = 2


@pytest.fixture
def workers(tmp_path: Path, postgres_url: str, redis_server: RedisServer) -> Iterator[HubProcess]:
    environ = {"DAIGANG_STORE_URL": postgres_url, "DAIGANG_REDIS_URL": redis_server.url}
    with hub_process(tmp_path / "var", environ, arguments=("--demo", "--workers", str(COUNT))) as hub:
        yield hub
        # A supervisor that is killed takes its workers with it: they hear the end of their line.
        left = pids(hub)
        hub.kill()
        deadline_s = time.monotonic() + 20
        while any(os.path.exists(f"/proc/{pid}/exe") for pid in left):
            assert time.monotonic() < deadline_s, "a worker outlived its supervisor"
            time.sleep(0.05)


def pids(hub: HubProcess) -> list[int]:
    """Of the workers that live."""
    return sorted(_children(hub.pid)) if hub.process is not None and hub.process.poll() is None else []


async def all_serve(hub: HubProcess) -> None:
    await eventually(lambda: f"{COUNT} workers serve" in hub.log(), 60.0)


async def test_workers_die_and_are_replaced_and_nobody_loses_anything(workers: HubProcess, postgres_url: str) -> None:
    await workers.start()
    await all_serve(workers)
    first = pids(workers)
    assert len(first) == COUNT
    flow = Flow(workers.url)
    await flow.begin(viewers=16)
    async with flow.flowing():
        await asyncio.sleep(0.5)
        workers.signal(signal.SIGUSR2)
        await eventually(lambda: len(pids(workers)) == COUNT and not set(pids(workers)) & set(first), 60.0)
        await eventually(lambda: workers.log().count("serves again") == COUNT, 30.0)
        second = pids(workers)
        os.kill(second[0], signal.SIGKILL)
        await eventually(lambda: workers.log().count("serves again") == COUNT + 1, 30.0)
        assert second[1] in pids(workers)
    await flow.whole()
    stored = flow.stored(postgres_url)
    assert set(stored) == set(flow.receipts)
    assert len(stored) > 10
    await flow.end()
    assert await workers.terminate() == 0
    assert "Traceback" not in workers.log()
    assert not [pid for pid in first + second if os.path.exists(f"/proc/{pid}/exe")]


async def test_a_picture_is_one_workers_whoever_is_asked(workers: HubProcess) -> None:
    film = recording(3.0)
    await workers.start()
    await all_serve(workers)
    host = await workers.doors.demo(Role.HOST)
    await workers.doors.call(GoLive(session="S01", key="go-live-1"), host.token)
    headers = {"Origin": workers.url}
    async with (
        ClientSession() as http,
        contextlib.AsyncExitStack() as stack,
    ):
        # Sent by as many connections as it takes until each worker has been asked, each taking over from the last.
        for n in range(8):
            ws = await stack.enter_async_context(
                http.ws_connect(f"{workers.url}/media?session=S01", headers=headers, autoping=True)
            )
            caster = Caster(ws)
            await caster.say(t="broadcast", token=host.token, session="S01", source=f"source-{n}", take_over=True)
            await caster.hear("ready")
        await caster.begin()
        await caster.send(film)
        text = ""
        async with asyncio.timeout(15):
            while "#EXTINF" not in text:
                status, text = await asyncio.to_thread(ask, workers.port, "/hls/S01/index.m3u8")
                assert status == 200
        answers = [await asyncio.to_thread(ask, workers.port, "/hls/S01/index.m3u8") for _ in range(16)]
        assert Counter(status for status, _ in answers) == {200: 16}
        assert (await asyncio.to_thread(ask, workers.port, "/hls/S02/index.m3u8"))[0] == 404
    assert {owner_of(f"picture S{n:02}", COUNT) for n in range(49)} == set(range(COUNT))


def ask(port: int, path: str) -> tuple[int, str]:
    """By a connection of its own, so that the kernel chooses the worker each time."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        link.request("GET", path)
        answer = link.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        link.close()


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"DAIGANG_STORE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "through Redis"),
        (
            {
                "DAIGANG_STORE_URL": "postgresql://nobody@127.0.0.1:1/none",
                "DAIGANG_REDIS_URL": "redis://127.0.0.1:1/0",
            },
            "worker 0 does not start: giving up",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(tmp_path: Path, environ: dict[str, str], words: str) -> None:
    ended = daigang(tmp_path, "run", "--workers", "2", "--port", "0", **environ)
    assert ended.returncode != 0
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_an_encoder_reaches_the_worker_that_has_the_picture(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> None:
    """nginx asks whichever worker the kernel gives it; hook, questions of the page and playlist come together."""
    config = tmp_path / "config.yaml"
    environ = {
        "DAIGANG_STORE_URL": postgres_url,
        "DAIGANG_REDIS_URL": redis_server.url,
        "DAIGANG_CONFIG": str(config),
    }
    with hub_process(tmp_path / "var", environ, arguments=("--demo", "--workers", str(COUNT))) as hub:
        hub.var_dir.mkdir()
        secret = load_secrets(hub.var_dir, {}, store_exists=False).hook_secret()
        door = RtmpServer(f"{hub.url}/hooks/engine?s={secret}")
        config.write_text(
            f"video:\n  engine: nginx_rtmp\n  publish_url: {door.url}\n  source_url: {door.url}\n"
            f"  control_url: {door.control}\n"
        )
        try:
            door.start()
            await hub.start()
            await all_serve(hub)
            host = await hub.doors.demo(Role.HOST)
            await hub.doors.call(GoLive(session="S01", key="go-live-1"), host.token)
            operator = await hub.doors.demo(Role.OPERATOR)
            streaming = f"{hub.url}/api/sessions/S01/streaming"
            headers = {"Authorization": f"Bearer {host.token}"}
            async with ClientSession(headers=headers) as http:
                for _ in range(4):  # other connections, so other workers
                    async with http.post(f"{streaming}/key", json={}) as answer:
                        key = await answer.json()
                    with encoding(f"{key['server']}/{key['key']}"):
                        await eventually_connected(http, streaming)
                        await every_worker_shows_it(hub, operator.token)
                        status, _ = await asyncio.to_thread(ask, hub.port, "/hls/S01/index.m3u8")
                        assert status == 200
        finally:
            door.close()
            hub.kill()


async def every_worker_shows_it(hub: HubProcess, token: str) -> None:
    """To an operator, by connections of their own."""
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    async with ClientSession(headers=headers) as http:
        for _ in range(8):
            async with http.get(f"{hub.url}/api/streaming?region=220000") as answer:
                (row,) = (await answer.json())["streams"]
                assert (row["session"], row["encoder"]["connected"], row["here"]) == ("S01", True, True)


async def eventually_connected(http: ClientSession, streaming: str) -> None:
    """Every worker says so, whoever is asked."""
    seen = 0
    async with asyncio.timeout(20):
        while seen < 6:
            async with http.get(streaming, headers={"Connection": "close"}) as answer:
                seen = seen + 1 if (await answer.json())["encoder"]["connected"] else 0
            await asyncio.sleep(0.05)
