"""Hosts that send nonsense, too much, too little or to a child that hangs: their stream ends with a word, the room
beside goes on, and nothing stays open."""

import asyncio
import contextlib
import os
import resource
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from server.core.limits import Close
from server.core.model import Grant, PersonId, Role, SessionId
from server.media import broadcast as broadcast_module
from server.media import packager as packager_module
from server.web import first_message
from tests.media.recordings import FRAGMENTED_MP4, recording
from tests.media.test_h264 import IDR, PPS, SPS
from tests.media.test_webm import CLUSTER, CLUSTER_HEAD, HEAD, INFO, block, element, track
from tests.wire.broadcasting import Caster, addresses, casting, go_live, playlist, playlist_with
from tests.wire.houses import HouseUnderTest
from tests.wire.test_media import broadcast_of, until_gone

pytestmark = pytest.mark.usefixtures("blockbuster")

S02 = SessionId("S02")


def children() -> set[int]:
    """Of this process, the dead ones too."""
    found: set[int] = set()
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found |= {int(pid) for pid in (thread / "children").read_text().split()}
    return found


def held() -> tuple[int, int, int]:
    """Pipes and sockets, threads, children. Files are the database's and one recording's index for each session."""
    streams = 0
    for file in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            streams += os.readlink(file).startswith(("pipe:", "socket:"))
    return streams, threading.active_count(), len(children())


def other_host(server: HouseUnderTest) -> str:
    grants = (Grant(role=Role.HOST, scope="S02"),)
    return server.house.issuer.of(PersonId("p_other"), "主播二", grants, "client").token


async def in_real_time(host: Caster, film: bytes, seconds: float) -> None:
    step = round(len(film) * 0.2 / seconds)
    for at in range(0, len(film), step):
        await host.ws.send_bytes(film[at : at + step])
        await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def room_beside(server: HouseUnderTest) -> AsyncIterator[None]:
    """A host of another session, who sends in real time; at the end its picture must be whole."""
    token = other_host(server)
    answer = await server.call(
        "POST", "/api/commands", token=token, body={"t": "go_live", "session": "S02", "key": "live-beside"}
    )
    assert answer.status == 200, answer.body
    film = recording(60.0, size=(64, 36), sound=False)
    async with casting(server, "S02", who=token) as host:
        await host.begin()
        sending = asyncio.create_task(in_real_time(host, film, 60.0))
        await playlist_with(server, "#EXTINF", "S02")
        yield
        assert not sending.done()
        text = await playlist(server, "S02")
        assert "#EXT-X-DISCONTINUITY\n" not in text
        numbers = [int(one.rpartition("/s")[2].partition(".")[0]) for one in addresses(text, "s")]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert server.house.broadcasts.states()[S02] == "on"
        sending.cancel()


# ---- what a bad host does; each waits for the end of its own stream ----


async def garbage(_server: HouseUnderTest, host: Caster) -> None:
    await host.begin()
    await host.ws.send_bytes(os.urandom(50_000))
    assert (await host.hear("again"))["reason"] in ("not_webm", "too_large")


async def other_codec_than_said(_server: HouseUnderTest, host: Caster) -> None:
    await host.begin()
    await host.send(recording(0.5, codec="libvpx"))
    assert (await host.hear("again"))["reason"] == "codec"


async def mp4_said_to_be_webm(_server: HouseUnderTest, host: Caster) -> None:
    await host.begin()
    await host.send(recording(0.5, form=FRAGMENTED_MP4))
    assert (await host.hear("again"))["reason"] == "not_webm"


async def another_size_in_the_middle(_server: HouseUnderTest, host: Caster) -> None:
    await host.begin()
    await host.send(recording(0.5) + recording(0.5, size=(64, 36)))
    assert (await host.hear("again"))["reason"] == "began_twice"


async def time_backwards(_server: HouseUnderTest, host: Caster) -> None:
    frame = b"".join(b"\0\0\0\1" + unit for unit in (SPS, PPS, IDR))
    tracks = element("1654ae6b", track(1, 1, b"V_MPEG4/ISO/AVC"))
    earlier = CLUSTER_HEAD + element("e7", (1).to_bytes(4, "big"))
    await host.begin()
    await host.ws.send_bytes(HEAD + INFO + tracks + CLUSTER + block(1, 30_000, frame) + earlier + block(1, 0, frame))
    assert (await host.hear("again"))["reason"] == "clock"


async def says_nothing_more(_server: HouseUnderTest, host: Caster) -> None:
    await host.begin()
    await host.send(recording(0.5))
    assert (await host.hear("again"))["reason"] == "idle"


async def a_byte_now_and_then(_server: HouseUnderTest, host: Caster) -> None:
    await host.begin()

    async def drip() -> None:
        for byte in recording(0.5):
            await host.ws.send_bytes(bytes([byte]))
            await asyncio.sleep(0.1)

    dripping = asyncio.create_task(drip())
    assert (await host.hear("again"))["reason"] == "idle"
    dripping.cancel()


async def thousands_of_tiny_messages(_server: HouseUnderTest, host: Caster) -> None:
    await host.begin()
    with contextlib.suppress(ConnectionError):
        for _ in range(5_000):
            await host.ws.send_bytes(b"x")
    assert (await host.hear("refused"))["code"] == "too_many"
    assert (await host.hear("closed"))["code"] == Close.TOO_MANY


async def far_too_much(_server: HouseUnderTest, host: Caster) -> None:
    await host.begin()
    with contextlib.suppress(ConnectionError):
        for _ in range(16):
            await host.ws.send_bytes(bytes(900_000))
    assert (await host.hear("refused"))["code"] == "too_many"


async def a_child_that_hangs(server: HouseUnderTest, host: Caster) -> None:
    await host.begin()
    os.kill(pid_of(server), signal.SIGSTOP)
    # Its pipe and what waits for it here hold 0.6 MB; then the host's socket is not read any more.
    for _ in range(12):
        await host.ws.send_bytes(bytes(90_000))
    assert (await host.hear("again"))["reason"] == "packager"


async def a_child_that_dies(server: HouseUnderTest, host: Caster) -> None:
    await host.begin()
    os.kill(pid_of(server), signal.SIGKILL)
    assert (await host.hear("again"))["reason"] == "packager"


async def a_child_out_of_memory(server: HouseUnderTest, host: Caster) -> None:
    await host.begin()
    await host.send(recording(0.5))
    pid = pid_of(server)
    taken = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (taken, taken))
    big = element("a3", b"\x81\0\0\x80" + bytes(1_900_000))
    sending = asyncio.create_task(host.send(CLUSTER_HEAD + element("e7", b"\1") + big))
    assert (await host.hear("again"))["reason"] in ("packager", "broken", "clock", "not_h264")
    sending.cancel()


def pid_of(server: HouseUnderTest) -> int:
    packager = broadcast_of(server)._packager
    assert packager is not None
    return packager.pid


BAD: tuple[Callable[[HouseUnderTest, Caster], Awaitable[None]], ...] = (
    garbage,
    other_codec_than_said,
    mp4_said_to_be_webm,
    another_size_in_the_middle,
    time_backwards,
    says_nothing_more,
    a_byte_now_and_then,
    thousands_of_tiny_messages,
    far_too_much,
    a_child_that_hangs,
    a_child_that_dies,
    a_child_out_of_memory,
)


async def test_bad_hosts_disturb_nobody_and_leave_nothing(
    hub_server: HouseUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packager_module, "FEED_WITHIN_S", 1.0)
    await go_live(hub_server)
    before = held()
    async with room_beside(hub_server):
        with_room = held()
        for bad in BAD:
            monkeypatch.setattr(broadcast_module, "IDLE_S", 0.5 if bad is says_nothing_more else 5.0)
            monkeypatch.setattr(broadcast_module, "BARREN_S", 1.0 if bad is a_byte_now_and_then else 30.0)
            async with casting(hub_server) as host:
                await host.hear("ready")
                await bad(hub_server, host)
            async with asyncio.timeout(10):
                while broadcast_of(hub_server)._packager is not None or held()[2] > with_room[2]:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        streams, threads, processes = held()
        assert streams <= with_room[0] + 1
        assert threads <= with_room[1] + 6  # the loop's own pool grows to that; each bad host with one would be 12
        assert processes == with_room[2]
        # And the same room is well afterwards.
        async with casting(hub_server) as host:
            await host.begin()
            await host.send(recording(3.0))
            await playlist_with(hub_server, "#EXTINF")
    async with asyncio.timeout(10):
        while held()[2] > before[2]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_who_says_nothing_at_all_is_let_go(hub_server: HouseUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_message, "HELLO_WITHIN_S", 0.2)
    from aiohttp import ClientSession

    async with ClientSession() as http, http.ws_connect(hub_server.url + "/media") as ws:
        host = Caster(ws)
        assert (await host.hear("refused"))["code"] == "not_signed_in"
        assert (await host.hear("closed"))["code"] == Close.WHO_ARE_YOU


async def test_ten_seconds_without_a_picture_are_told_to_viewers(
    hub_server: HouseUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert broadcast_module.GONE_AFTER_S == 10.0
    monkeypatch.setattr(broadcast_module, "GONE_AFTER_S", 0.5)
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await host.begin()
        await host.send(recording(3.0))
        await playlist_with(hub_server, "#EXTINF")
    async with asyncio.timeout(10):
        while (pulse := hub_server.hub.pulse.latest("S01")) is None or pulse.body.picture != "gone":  # type: ignore[union-attr]  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_picture_to_convert_beyond_the_bound_is_refused_kindly(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    hub_server.house.broadcasts._converted = 0
    async with casting(hub_server) as host:
        await host.say(t="begin", mime="video/webm;codecs=vp8,opus", started_at_ms=0)
        refused = await host.hear("refused")
        assert (refused["code"], refused["params"]) == ("unavailable", {"what": "transcoding"})
    async with casting(hub_server) as host:
        await host.say(t="begin", mime="video/x-flv", started_at_ms=0)
        assert (await host.hear("refused"))["code"] == "bad_message"


async def test_safaris_recording_is_taken(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await host.say(t="begin", mime="video/mp4;codecs=avc1.42E01E,mp4a.40.2", started_at_ms=0)
        await host.hear("begun")
        await host.send(recording(4.0, gop=25, form=FRAGMENTED_MP4, spoken_as="aac"))
        await playlist_with(hub_server, "#EXTINF")
        pid = pid_of(hub_server)
    await until_gone(hub_server, pid)
